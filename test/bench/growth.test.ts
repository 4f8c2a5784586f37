import { describe, expect, it } from "vitest";
import { furtherGrowth, wholeGrowth } from "../../bench/measure/growth.ts";

const KB = 1024;
const crowd = { warm: 350, full: 800 };

describe("memory per joined connection", () => {
  it("[BN7] shares all that the process grew by since it was fresh among all who joined", () => {
    const readings = { fresh: 60_000 * KB, warm: 90_000 * KB, full: 100_000 * KB };
    expect(wholeGrowth(readings, crowd)).toBe(50);
  });

  it("[BN7] shares what was added since the first were there among those who came last", () => {
    const readings = { fresh: 60_000 * KB, warm: 90_000 * KB, full: 99_000 * KB };
    expect(furtherGrowth(readings, crowd)).toBe(20);
  });
});
