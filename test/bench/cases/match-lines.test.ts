import { describe, expect, it } from "vitest";
import { goalVerdict, linePlansOf } from "../../../bench/cases/goals.ts";
import type { MatchCase } from "../../../bench/cases/match-case.ts";
import { matchCasesOf } from "../../../bench/cases/match-cases.ts";
import { matchLineOf, pairsOf } from "../../../bench/cases/match-lines.ts";
import { METRICS } from "../../../bench/cases/metrics.ts";
import type { Line, Verdict } from "../../../bench/measure/pairs.ts";
import type { BlockResult } from "../../../bench/runs/match-block.ts";
import { blockOf, windowOf } from "../../support/bench-windows.ts";

const settings = { players: 10, npcs: 190, tickRateHz: 20 };
const plan: MatchCase = {
  id: "10@20",
  title: "10 players @20",
  settings,
  peer: "colyseus",
  beside: { ws: 1 },
  rounds: 2,
  blocks: 1,
};
const cpu = { side: "ours", against: "colyseus", metric: "cpu" } as const;

const flanked: BlockResult = {
  ...blockOf("10@20", []),
  rounds: [
    {
      windows: { colyseus: windowOf({ cpuMs: 100 }), ours: windowOf({ cpuMs: 60 }) },
      peerAgain: windowOf({ cpuMs: 140 }),
    },
  ],
};

describe("a line about a match", () => {
  it("[BN19] counts CPU and bytes as at the rate that was asked for", () => {
    const fast = windowOf({ cpuMs: 110, rateHz: 22, bytesPerClientSecond: 1100 });
    expect(METRICS.cpu.of(fast, settings)).toBeCloseTo(600);
    expect(METRICS.cpu.of(windowOf({ cpuMs: 100 }), settings)).toBeCloseTo(600);
    expect(METRICS.bytes.of(fast, settings)).toBeCloseTo(1);
    expect(METRICS.rateError.of(fast, settings)).toBeCloseTo(10);
  });

  it("[BN19] compares ours with the peer before it and after it", () => {
    const line = matchLineOf({ ...cpu, id: "P1.x", title: "x" }, plan, [flanked]);
    expect(line?.ratio.median).toBeCloseTo(0.5);
    expect(line?.noise?.median).toBeCloseTo(1.4);
  });

  it("[BN19] compares with a peer beside it where there is one, and with nothing where there is none", () => {
    const block = blockOf("10@20", [
      { colyseus: 100, ours: 60, ws: 80 },
      { colyseus: 100, ours: 60 },
    ]);
    expect(pairsOf({ ...cpu, against: "ws" }, plan, [block])).toHaveLength(1);
    const absolute = pairsOf({ side: "ours", against: "absolute", metric: "rate" }, plan, [block]);
    expect(absolute.map(({ ours, peer }) => ours.value / peer.value)).toEqual([20, 20]);
    expect(
      matchLineOf({ ...cpu, side: "ours-schema", id: "x", title: "x" }, plan, [block]),
    ).toBeUndefined();
  });

  it("[BN20] leaves out matches that did not keep up, or whose players did not play", () => {
    const pairs = (ours: Partial<Parameters<typeof windowOf>[0]>) =>
      pairsOf(cpu, plan, [
        {
          ...flanked,
          rounds: [
            { windows: { colyseus: windowOf(), ours: windowOf(ours) }, peerAgain: undefined },
          ],
        },
      ]).length;
    expect(pairs({})).toBe(1);
    expect(pairs({ statesPerClientSecond: 17 })).toBe(0);
    expect(pairs({ inputsPerClientSecond: 17 })).toBe(0);
  });

  it("[BN20] leaves out pairs with more than 5 % of other work on the core", () => {
    const rounds = [0, 0, 0, 60].map((foreignMs) => ({
      windows: { colyseus: windowOf({ foreignMs }), ours: windowOf({ foreignMs, cpuMs: 50 }) },
      peerAgain: windowOf({ foreignMs }),
    }));
    const line = matchLineOf({ ...cpu, id: "x", title: "x" }, plan, [{ ...flanked, rounds }]);
    expect([line?.pairsUsed, line?.pairsDiscarded, line?.isNoisy]).toEqual([3, 1, false]);
  });

  it("[BN21] a goal is met as far as its worst line is", () => {
    const verdict = (...verdicts: Verdict[]) =>
      goalVerdict(verdicts.map((each) => ({ verdict: each }) as Line));
    expect(verdict("aim", "must", "no promise")).toBe("must");
    expect(verdict("aim", "MISSED", "unsure")).toBe("MISSED");
    expect(verdict("aim", "short")).toBe("short");
    expect(verdict()).toBe("no promise");
  });

  it("[BN21] every goal of a match has its lines, by the floors and aims that were promised", () => {
    const promises = new Map(
      matchCasesOf("usual")
        .flatMap((each) => linePlansOf(each))
        .map(({ id, promised }) => [id, promised] as const),
    );
    const of = (id: string) => [promises.get(id)?.must, promises.get(id)?.aim];
    expect(of("P1.10@20")).toEqual([0.8, 0.65]);
    expect(of("P2.200@60")).toEqual([0.85, 0.7]);
    expect(of("P3.200@20")).toEqual([1.15, 0.95]);
    expect(of("P4.200@60")).toEqual([0.55, 0.38]);
    expect(of("P5.60.cpu")).toEqual([0.6, 0.42]);
    expect(of("P5.60.bytes")).toEqual([0.6, 0.45]);
    expect(of("P5.20.settled")).toEqual([0.6, 0.5]);
    expect(of("P6.200@60.rate")).toEqual([0.5, 0.05]);
    expect(of("P6.200@60.late")).toEqual([4, 2]);
    expect(of("P7.60.p50")).toEqual([0.7, 0.7]);
    expect(of("P7.60.p99.aim")).toEqual([undefined, 1000 / 60 + 4]);
  });
});
