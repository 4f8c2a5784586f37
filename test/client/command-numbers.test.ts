import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ackInFull, isAfter, numberAfter } from "../../client/arena/own-ship/command-numbers.ts";

const low = (number: number): number => number & 0xffff;

describe("command numbers", () => {
  test("[FE5] are known in full from their low bits, as long as they are less than 32,768 away", () => {
    const near = fc.integer({ min: 40_000, max: 0xffff_0000 });
    fc.assert(
      fc.property(near, fc.integer({ min: -32_000, max: 32_000 }), (next, age) => {
        expect(ackInFull(low(next - age), next, 0)).toBe(next - age);
      }),
    );
  });

  test("[FE5] of a tab before the refresh are known from the tick of the new one's join", () => {
    const joinTick = fc.integer({ min: 0, max: 500_000 });
    fc.assert(
      fc.property(joinTick, fc.integer({ min: -1_000, max: 60_000 }), (tick, behind) => {
        const last = Math.max(0, tick - behind);
        expect(ackInFull(low(last), undefined, tick)).toBe(last);
      }),
    );
  });

  test("[FE5] come round after 2^32", () => {
    expect(numberAfter(0xffff_ffff)).toBe(0);
    expect(isAfter(2, 0xffff_fffe)).toBe(true);
    expect(isAfter(0xffff_fffe, 2)).toBe(false);
  });
});
