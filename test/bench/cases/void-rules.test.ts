import { describe, expect, it } from "vitest";
import type { MatchCase } from "../../../bench/cases/match-case.ts";
import { pairsOf } from "../../../bench/cases/match-lines.ts";
import { fairnessOf, leftOutOf, voidsOf } from "../../../bench/cases/void-rules.ts";
import { caseRows } from "../../../bench/report/case-table.ts";
import { blockOf, windowOf } from "../../support/bench-windows.ts";

const plan: MatchCase = {
  id: "200@20",
  title: "200 players @20",
  settings: { players: 200, npcs: 0, tickRateHz: 20 },
  peer: "colyseus",
  beside: { ws: 3 },
  rounds: 3,
  blocks: 1,
};
/** Rounds in which plain Colyseus took so many times the CPU of `ws`. */
const ratios = (...values: number[]) => [
  blockOf(
    "200@20",
    values.map((value) => ({ colyseus: 100 * value, ours: 50, ws: 100 })),
  ),
];
const isFair = (isStrict: boolean, ...values: number[]) =>
  fairnessOf(plan, ratios(...values), isStrict)?.isFair;

describe("a run is void", () => {
  it("[BN22] if plain Colyseus does not take 1.23 times the CPU of ws, within a fifth", () => {
    expect(isFair(true, 1.23, 1.23, 1.23)).toBe(true);
    expect(isFair(true, 1.0, 1.0, 1.0)).toBe(true);
    expect(isFair(true, 1.4, 1.47, 2)).toBe(true);
    expect(isFair(true, 1.4, 1.49, 2)).toBe(false);
    expect(isFair(true, 0.5, 0.97, 1.2)).toBe(false);
  });

  it("[BN22] but of few pairs only if all of the spread is unfair", () => {
    expect(isFair(false, 1.4, 1.6, 2)).toBe(true);
    expect(isFair(false, 1.49, 1.6, 2)).toBe(false);
    expect(isFair(false, 0.5, 0.97)).toBe(false);
  });

  it("[BN22] and nothing is said of it where both were not measured, or of other matches", () => {
    expect(fairnessOf(plan, [blockOf("200@20", [{ colyseus: 1, ours: 1 }])], true)).toBeUndefined();
    expect(fairnessOf({ ...plan, id: "10@20" }, ratios(3), true)).toBeUndefined();
  });

  it("[BN23] if a decoding client had another state than its server, or none decoded", () => {
    const [block] = ratios(1.23);
    if (block === undefined) throw new Error("no block");
    expect(voidsOf(plan, [block])).toEqual([]);
    const wrong = {
      ours: [
        { compared: 9, wrong: [] },
        { compared: 9, wrong: ["7 is missing"] },
      ],
    };
    expect(voidsOf(plan, [{ ...block, checks: wrong }])).toEqual([
      "200@20 (200 players @20): ours's state is not its server's: 7 is missing",
    ]);
    for (const checked of [[], [{ compared: 0, wrong: [] }]]) {
      expect(voidsOf(plan, [{ ...block, checks: { ws: checked } }])).toEqual([
        "200@20 (200 players @20): nobody decoded ws's state",
      ]);
    }
  });

  it("[BN23] if the load took more than 70 % of its core", () => {
    const [block] = ratios(1.23);
    if (block === undefined) throw new Error("no block");
    const busy = (swarmShare: number) => ({
      ...block,
      rounds: [{ windows: { ours: windowOf({ swarmShare }) }, peerAgain: undefined }],
    });
    expect(voidsOf(plan, [busy(0.7)])).toEqual([]);
    expect(voidsOf(plan, [busy(0.71)])).toEqual([
      "200@20 (200 players @20): the load took 71 % of its core with ours",
    ]);
    expect(leftOutOf(plan, [busy(0.71)])).toEqual([]);
  });

  it("[BN23] and where nothing was promised, no such window counts", () => {
    const played = { statesPerClientSecond: 60 };
    const more = { ...plan, id: "500@60", settings: { players: 500, npcs: 0, tickRateHz: 60 } };
    const rounds = [0.71, 0.7].map((swarmShare) => ({
      windows: {
        ours: windowOf({ swarmShare, ...played }),
        colyseus: windowOf(played),
      },
      peerAgain: undefined,
    }));
    const blocks = [{ ...blockOf("500@60", []), rounds }];
    expect(voidsOf(more, blocks)).toEqual([]);
    expect(leftOutOf(more, blocks)).toEqual([
      "500@60 (500 players @60): the load took 71 % of its core with ours",
    ]);
    const cpu = { side: "ours", against: "colyseus", metric: "cpu" } as const;
    expect(pairsOf(cpu, more, blocks)).toHaveLength(1);
    const rows = caseRows([more], blocks);
    expect(rows.map(({ side, windows }) => [side, windows])).toEqual([
      ["colyseus", 2],
      ["ours", 1],
    ]);
  });
});
