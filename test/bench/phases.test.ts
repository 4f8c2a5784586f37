import { describe, expect, it } from "vitest";
import { phasesOf } from "../../bench/measure/phases.ts";

const waves = Array.from({ length: 20 }, (_, index) => index + 1);

describe("the waves of joins of one process", () => {
  it("[BN8] counts the second to the eleventh as those of a young process, the rest as those that are promised", () => {
    expect(phasesOf(waves)).toEqual({
      young: [2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
      settled: [12, 13, 14, 15, 16, 17, 18, 19, 20],
    });
  });
});
