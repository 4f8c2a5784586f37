import { describe, expect, it } from "vitest";
import { lineOf, type Measured, type Pair, underTls } from "../../bench/measure/pairs.ts";

const measured = (value: number, foreignMs = 0): Measured => ({
  value,
  cost: { cpuMs: value, wallMs: 100, foreignMs },
});

const plan = {
  id: "x",
  title: "x",
  unit: "ms",
  digits: 1,
  oursName: "ours",
  peerName: "peer",
  promised: { direction: "at most", must: 0.6, aim: 0.4 },
} as const;

/** Pairs in which ours has these ratios to a peer of 10. */
const pairsOf = (ratios: readonly number[], foreignMs = 0): Pair[] =>
  ratios.map((ratio) => ({ ours: measured(10 * ratio, foreignMs), peer: measured(10, foreignMs) }));

describe("a line of a benchmark", () => {
  it.each([
    [[0.3, 0.35, 0.9], "aim"],
    [[0.3, 0.5, 0.9], "must"],
    [[0.5, 0.7, 0.9], "unsure"],
    [[0.61, 0.7, 0.9], "MISSED"],
  ])("[BN1] judges ratios %j: %s", (ratios, verdict) => {
    expect(lineOf(plan, pairsOf(ratios)).verdict).toBe(verdict);
  });

  it.each([
    [[2.1, 4.2, 5], "aim"],
    [[1.5, 2.2, 5], "must"],
    [[1, 1.9, 2], "unsure"],
    [[1, 1.5, 1.9], "MISSED"],
  ])("[BN1] judges ratios that are to be large, %j: %s", (ratios, verdict) => {
    const promised = { direction: "at least", must: 2, aim: 4 } as const;
    expect(lineOf({ ...plan, promised }, pairsOf(ratios)).verdict).toBe(verdict);
  });

  it("[BN2] spreads over all of a few pairs, and over the 95 % interval by ranks of many", () => {
    const upTo = (count: number) =>
      lineOf(plan, pairsOf(Array.from({ length: count }, (_, i) => i)));
    expect(upTo(5).ratio).toEqual({ low: 0, median: 2, high: 4 });
    // Binomial(10, 0.5): 1 value outside leaves 97.9 %, 2 leave 89.1 %. Of 20: 5 leave 95.9 %, 6 leave 88.5 %.
    expect(upTo(10).ratio).toEqual({ low: 1, median: 4.5, high: 8 });
    expect(upTo(20).ratio).toEqual({ low: 5, median: 9.5, high: 14 });
  });

  it("[BN3] compares with the mean of both turns of a peer and states their ratio as noise", () => {
    const pair = { ours: measured(10), peer: measured(10), peerAgain: measured(30) };
    const line = lineOf(plan, [pair]);
    expect(line.ratio.median).toBe(0.5);
    expect(line.noise?.median).toBe(3);
  });

  it("[BN4] leaves out pairs with other work on the core, unless fewer than three are left", () => {
    const noisy = pairsOf([9, 9], 50);
    expect(lineOf(plan, [...noisy, ...pairsOf([0.3, 0.3, 0.3])])).toMatchObject({
      pairsUsed: 3,
      pairsDiscarded: 2,
      isNoisy: false,
      verdict: "aim",
    });
    expect(lineOf(plan, [...noisy, ...pairsOf([0.3, 0.3])])).toMatchObject({
      pairsUsed: 4,
      pairsDiscarded: 0,
      isNoisy: true,
    });
  });

  it("[BN6] says so when it was measured under TLS, and keeps its promise", () => {
    const line = lineOf(plan, pairsOf([0.5, 0.5, 0.5]));
    expect(underTls(line)).toEqual({ ...line, id: "tls.x", title: "x, TLS" });
  });
});
