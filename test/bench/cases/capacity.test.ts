import { describe, expect, it } from "vitest";
import { playersAt } from "../../../bench/cases/capacity.ts";

const load = (players: number, coreShare: number) => ({ players, coreShare });

describe("players at a share of a core", () => {
  it("[BN25] lie between two loads as the crow flies", () => {
    expect(playersAt([load(200, 0.4), load(10, 0.02), load(500, 1)], 0.7)).toBeCloseTo(350);
    expect(playersAt([load(10, 0.8), load(20, 1)], 0.7)).toBeCloseTo(5);
  });

  it("[BN25] lie beyond the largest by the power with which it grew", () => {
    expect(playersAt([load(100, 0.1), load(200, 0.2)], 0.7)).toBeCloseTo(700);
    expect(playersAt([load(100, 0.1), load(200, 0.4)], 0.7)).toBeCloseTo(200 * Math.sqrt(1.75));
  });

  it("[BN25] are unknown from one load", () => {
    expect(playersAt([load(100, 0.1)], 0.7)).toBeUndefined();
  });
});
