import { describe, expect, it } from "vitest";
import type { Measured, Pair } from "../../../bench/measure/pairs.ts";
import { idleVerdict, matchShareOf } from "../../../bench/telemetry/shares.ts";

const SOCKET_MATCH_MS = 5;

const measured = (value: number, foreignMs = 0): Measured => ({
  value,
  cost: { cpuMs: value, wallMs: 100, foreignMs },
});

/** Pairs whose turn with telemetry takes so much more than a turn of 1 ms. */
const pairsOf = (moreMs: readonly number[], foreignMs = 0): Pair[] =>
  moreMs.map((more) => ({ ours: measured(1 + more, foreignMs), peer: measured(1, foreignMs) }));

describe("what telemetry takes of a match", () => {
  it("[BN9] is what it adds to the match without sockets, of what the match with sockets takes", () => {
    const { share, perTick } = matchShareOf(pairsOf([0.05, 0.1, 0.15]), SOCKET_MATCH_MS);
    expect(share.low).toBeCloseTo(0.01, 10);
    expect(share.median).toBeCloseTo(0.02, 10);
    expect(share.high).toBeCloseTo(0.03, 10);
    expect(perTick).toMatchObject({ on: { median: 1.1 }, off: { median: 1 }, socketMatch: 5 });
  });

  it.each([
    [[-0.01, 0.04, 0.2], "aim"],
    [[0.04, 0.09, 0.2], "must"],
    [[0.09, 0.11, 0.2], "unsure"],
    [[0.11, 0.12, 0.2], "MISSED"],
  ])("[BN9] may be 2 %%: %j ms of 5 are %s", (moreMs, verdict) => {
    expect(matchShareOf(pairsOf(moreMs), SOCKET_MATCH_MS).verdict).toBe(verdict);
  });

  it("[BN9] leaves out turns with other work on the core", () => {
    const pairs = [...pairsOf([3, 3], 50), ...pairsOf([0.01, 0.02, 0.03])];
    expect(matchShareOf(pairs, SOCKET_MATCH_MS)).toMatchObject({
      pairsUsed: 3,
      pairsDiscarded: 2,
      isNoisy: false,
      verdict: "aim",
    });
  });

  it("[BN10] comes with how far turns without telemetry are from each other, in the same share", () => {
    const pairs = [1, 1.1, 0.95].map((off) => ({ ours: measured(1), peer: measured(off) }));
    const { noise } = matchShareOf(pairs, SOCKET_MATCH_MS);
    expect(noise?.low).toBeCloseTo(-0.03, 10);
    expect(noise?.high).toBeCloseTo(0.02, 10);
    expect(matchShareOf(pairsOf([0]), SOCKET_MATCH_MS).noise).toBeUndefined();
  });
});

describe("what an idle process takes", () => {
  it.each([
    [0.0001, "aim"],
    [0.0003, "must"],
    [0.00031, "MISSED"],
  ])("[BN11] may be 0.03 %% of a core: %d is %s", (share, verdict) => {
    expect(idleVerdict(share)).toBe(verdict);
  });
});
