import { expect, it } from "vitest";
import { newToken } from "../../server/tokens.ts";

it("[TP32] tokens are 22 URL-safe characters of 128 bits each, and no two are alike", () => {
  const tokens = Array.from({ length: 2_000 }, newToken);
  expect(new Set(tokens).size).toBe(tokens.length);
  for (const token of tokens) {
    expect(token).toMatch(/^[A-Za-z0-9_-]{22}$/);
    expect(Buffer.from(token, "base64url")).toHaveLength(16);
  }
  // Each of the 128 bits is set in about half of them: 20 standard deviations would be 447 off.
  const bits = new Array<number>(128).fill(0);
  for (const token of tokens) {
    const bytes = Buffer.from(token, "base64url");
    for (let bit = 0; bit < 128; bit++)
      bits[bit] = (bits[bit] ?? 0) + (((bytes[bit >> 3] ?? 0) >> (bit & 7)) & 1);
  }
  for (const count of bits) expect(Math.abs(count - 1_000)).toBeLessThan(447);
});
