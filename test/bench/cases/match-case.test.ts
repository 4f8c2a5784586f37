import { describe, expect, it } from "vitest";
import { type MatchCase, turnsOf } from "../../../bench/cases/match-case.ts";
import { matchCasesOf, PACINGS } from "../../../bench/cases/match-cases.ts";
import { runPlan } from "../../../bench/runs/run-plan.ts";
import { expectedMsOf } from "../../../bench/runs/tasks.ts";
import { paceOf } from "../../../bench/runs/window.ts";

const plan: MatchCase = {
  id: "x",
  title: "x",
  settings: { players: 10, npcs: 0, tickRateHz: 20 },
  peer: "colyseus",
  beside: { ws: 3 },
  rounds: 7,
  blocks: 2,
};

const never = () => {
  throw new Error("nothing is run here");
};

describe("a case", () => {
  it("[BN16] has ours after the peer in every round, and others in as many as planned, over all blocks", () => {
    const blocks = [turnsOf(plan, 0), turnsOf(plan, 1)];
    expect(blocks.map((turns) => turns.length)).toEqual([4, 3]);
    const turns = blocks.flat();
    expect(turns.every(([first, second]) => first === "colyseus" && second === "ours")).toBe(true);
    expect(turns.filter((turn) => turn.includes("ws"))).toHaveLength(3);
    expect(blocks.map((each) => each.filter((turn) => turn.includes("ws")).length)).toEqual([2, 1]);
  });

  it.each(["quick", "usual", "full"] as const)(
    "[BN16] has seven pairs unless quick: %s",
    (effort) => {
      const promised = matchCasesOf(effort).filter(({ id }) => /^(10|200)@[26]0$/.test(id));
      expect(promised).toHaveLength(4);
      for (const { rounds } of promised) {
        expect(rounds).toBeGreaterThanOrEqual(effort === "quick" ? 3 : 7);
      }
    },
  );

  it.each([
    ["quick", 4],
    ["usual", 40],
  ] as const)("[BN16] a %s run is expected to take less than %d minutes", (effort, minutes) => {
    const { tasks } = runPlan({ effort, pacing: PACINGS[effort], runOf: never });
    expect(expectedMsOf(tasks)).toBeLessThan(0.9 * minutes * 60_000);
    expect(new Set(tasks.map(({ id }) => id)).size).toBe(tasks.length);
  });

  it("[BN17] rate and lateness are those of the steps", () => {
    const beganMs = [1000, 1050, 1100, 1152, 1200];
    const { rateHz, lateMs } = paceOf(beganMs, 20);
    expect(rateHz).toBe(20);
    expect(lateMs.p50).toBeCloseTo(0);
    expect(lateMs.p99).toBeCloseTo(2, 0);
  });
});
