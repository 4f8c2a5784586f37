import type { Cost } from "./process-cost.ts";

/** Foreign work on the server's core beyond this share of a pair's time makes the pair worthless. */
export const FOREIGN_SHARE_MAX = 0.2;
/** With fewer clean pairs than this all of them are used, and the line says so. */
const CLEAN_PAIRS_MIN = 3;
const CONFIDENCE = 0.95;

/** One side of a pair: what was measured, and what it cost to measure it. */
export interface Measured {
  readonly value: number;
  readonly cost: Cost;
}

/** Ours and a peer, one right after the other; where it is there, the peer a second time, as the stated noise. */
export interface Pair {
  readonly ours: Measured;
  readonly peer: Measured;
  readonly peerAgain?: Measured;
}

/** What a line promises of the ratio ours to peer. */
export interface Promised {
  readonly direction: "at most" | "at least";
  /** Nothing must be where it is missing. */
  readonly must?: number;
  readonly aim: number;
}

export interface LinePlan {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly oursName: string;
  readonly peerName: string;
  readonly digits: number;
  /** There is no peer: the ratio is the number itself. */
  readonly isAbsolute?: boolean;
  /** Nothing is promised where it is missing. */
  readonly promised?: Promised;
}

export interface Spread {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

/** `short`: the aim is missed, and nothing else was promised. */
export type Verdict = "aim" | "must" | "short" | "unsure" | "MISSED" | "no promise";

export interface Line extends LinePlan {
  readonly ours: Spread;
  readonly peer: Spread;
  readonly ratio: Spread;
  /** The peer against itself, where it was measured twice. */
  readonly noise: Spread | undefined;
  readonly verdict: Verdict;
  readonly pairsUsed: number;
  readonly pairsDiscarded: number;
  /** Too few pairs were clean, so that all of them were used. */
  readonly isNoisy: boolean;
  /** CPU and wall time of our server in the pairs used, milliseconds. */
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly pairs: readonly Pair[];
}

/** @param foreignShareMax - Of other work in a pair that counts. */
export function lineOf(
  plan: LinePlan,
  pairs: readonly Pair[],
  foreignShareMax = FOREIGN_SHARE_MAX,
): Line {
  const { used, isNoisy } = usablePairs(pairs, foreignShareMax);
  const ratio = spreadOf(
    used.map((pair) => {
      const peers = peersOf(pair);
      return (pair.ours.value * peers.length) / peers.reduce((sum, { value }) => sum + value, 0);
    }),
  );
  const noise = used.flatMap(({ peer, peerAgain }) =>
    peerAgain === undefined ? [] : [peerAgain.value / peer.value],
  );
  return {
    ...plan,
    ours: spreadOf(used.map(({ ours }) => ours.value)),
    peer: spreadOf(used.flatMap((pair) => peersOf(pair).map(({ value }) => value))),
    ratio,
    noise: noise.length === 0 ? undefined : spreadOf(noise),
    verdict: verdictOf(plan.promised, ratio),
    pairsUsed: used.length,
    pairsDiscarded: pairs.length - used.length,
    isNoisy,
    cpuMs: used.reduce((sum, { ours }) => sum + ours.cost.cpuMs, 0),
    wallMs: used.reduce((sum, { ours }) => sum + ours.cost.wallMs, 0),
    pairs,
  };
}

/** Those without much other work on the core, or all of them, where too few are. */
export function usablePairs(
  pairs: readonly Pair[],
  foreignShareMax = FOREIGN_SHARE_MAX,
): {
  readonly used: readonly Pair[];
  readonly isNoisy: boolean;
} {
  const clean = pairs.filter((pair) => foreignShare(pair) <= foreignShareMax);
  const used = clean.length >= CLEAN_PAIRS_MIN ? clean : pairs;
  return { used, isNoisy: used.length > clean.length };
}

/** A line that was measured under TLS: it keeps its promise and says so. */
export function underTls(line: Line): Line {
  return { ...line, id: `tls.${line.id}`, title: `${line.title}, TLS` };
}

function peersOf({ peer, peerAgain }: Pair): readonly Measured[] {
  return peerAgain === undefined ? [peer] : [peer, peerAgain];
}

export function foreignShare(pair: Pair): number {
  return foreignShareOf([pair.ours, ...peersOf(pair)].map(({ cost }) => cost));
}

/** Of the time of several measurements, what other work took of the core. */
export function foreignShareOf(costs: readonly Cost[]): number {
  const sum = (of: "foreignMs" | "wallMs") => costs.reduce((all, cost) => all + cost[of], 0);
  const wallMs = sum("wallMs");
  return wallMs === 0 ? 0 : sum("foreignMs") / wallMs;
}

/** A promise counts as missed only when all of the spread misses it. */
export function verdictOf(promised: Promised | undefined, ratio: Spread): Verdict {
  if (promised === undefined) return "no promise";
  const keeps = (value: number, limit: number) =>
    promised.direction === "at most" ? value <= limit : value >= limit;
  const { must, aim } = promised;
  if (keeps(ratio.median, aim)) return "aim";
  if (must === undefined) return "short";
  if (keeps(ratio.median, must)) return "must";
  return keeps(ratio.low, must) || keeps(ratio.high, must) ? "unsure" : "MISSED";
}

/** The median with its 95 % interval by ranks, which assumes nothing of the distribution; few values span it all. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const outside = ranksOutside(sorted.length);
  return {
    low: sorted[outside] ?? Number.NaN,
    median: quantile(sorted, 0.5),
    high: sorted[sorted.length - 1 - outside] ?? Number.NaN,
  };
}

/** How many values may be left out at either end so that the rest still spans the median with {@link CONFIDENCE}. */
function ranksOutside(count: number): number {
  let probability = 0.5 ** count;
  let tail = probability;
  let outside = 0;
  while (2 * tail <= 1 - CONFIDENCE && outside < count / 2 - 1) {
    probability *= (count - outside) / (outside + 1);
    if (2 * (tail + probability) > 1 - CONFIDENCE) break;
    tail += probability;
    outside++;
  }
  return outside;
}

/** @param share - 0 to 1; between two values it is interpolated. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}

export function sumOf(costs: readonly Cost[]): Cost {
  const sum = (of: keyof Cost) => costs.reduce((all, cost) => all + cost[of], 0);
  return { cpuMs: sum("cpuMs"), wallMs: sum("wallMs"), foreignMs: sum("foreignMs") };
}
