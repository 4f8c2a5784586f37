import { describe, expect, test } from "vitest";
import { refusalOf, UNREACHABLE } from "../../client/refusal.ts";
import { CLOSE_CODES } from "../../protocol/close-codes.ts";

describe("refusal", () => {
  test.each(Object.keys(CLOSE_CODES).map(Number))(
    "[CL2] says in words what %i means and what to do",
    (code) => {
      const refusal = refusalOf(code);
      expect(refusal.text.length).toBeGreaterThan(10);
      expect(refusal.advice.length).toBeGreaterThan(10);
      expect(refusal.text).not.toMatch(/\d{4}/);
    },
  );

  test.each([undefined, null, "4401", Number.NaN, 0, 404, 1006, "ECONNREFUSED"])(
    "[CL2] takes %o for a server that cannot be reached",
    (code) => {
      expect(refusalOf(code)).toMatchObject({ code: UNREACHABLE, mayRetry: true });
    },
  );

  test.each([
    [400, 4400],
    [525, 4401],
    [522, 4402],
    [503, 4403],
    [410, 4404],
  ])("[CL2] reads the HTTP status %i of a refused join as the code %i", (status, code) => {
    expect(refusalOf(status).code).toBe(code);
  });

  test("[CL2] shows a code that is not ours as a number, with advice", () => {
    expect(refusalOf(4999).text).toContain("4999");
    expect(refusalOf(4999).advice).not.toBe("");
  });
});
