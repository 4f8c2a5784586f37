/**
 * What telemetry may cost, and whether it keeps to that.
 * @module
 */
import {
  type Pair,
  type Promised,
  type Spread,
  spreadOf,
  usablePairs,
  type Verdict,
  verdictOf,
} from "../measure/pairs.ts";

/** Of the CPU that a match of 200 players takes with its sockets. */
export const MATCH_PROMISE = {
  direction: "at most",
  must: 0.02,
  aim: 0.01,
} as const satisfies Promised;
/** Of one core, while there is no game session. */
export const IDLE_PROMISE = {
  direction: "at most",
  must: 0.0003,
  aim: 0.0002,
} as const satisfies Promised;

export interface MatchShare {
  /** Shares of the match's CPU, one of each pair. */
  readonly share: Spread;
  /** Turns without telemetry, each against the next one: what the share would be if telemetry cost nothing. */
  readonly noise: Spread | undefined;
  /** Milliseconds of CPU. */
  readonly perTick: { readonly on: Spread; readonly off: Spread; readonly socketMatch: number };
  readonly verdict: Verdict;
  readonly pairsUsed: number;
  readonly pairsDiscarded: number;
  readonly isNoisy: boolean;
}

/**
 * @param pairs - CPU per tick of the stepped match: ours with telemetry, the peer without. In the order they were measured.
 * @param socketMatchMs - CPU per tick of the match with sockets.
 */
export function matchShareOf(pairs: readonly Pair[], socketMatchMs: number): MatchShare {
  const { used, isNoisy } = usablePairs(pairs);
  const share = spreadOf(used.map(({ ours, peer }) => (ours.value - peer.value) / socketMatchMs));
  const off = used.map(({ peer }) => peer.value);
  const noise = off.slice(1).map((value, before) => (value - (off[before] ?? 0)) / socketMatchMs);
  return {
    share,
    noise: noise.length === 0 ? undefined : spreadOf(noise),
    perTick: {
      on: spreadOf(used.map(({ ours }) => ours.value)),
      off: spreadOf(off),
      socketMatch: socketMatchMs,
    },
    verdict: verdictOf(MATCH_PROMISE, share),
    pairsUsed: used.length,
    pairsDiscarded: pairs.length - used.length,
    isNoisy,
  };
}

/** @param share - Of one core. There is one figure and no spread. */
export function idleVerdict(share: number): Verdict {
  return verdictOf(IDLE_PROMISE, { low: share, median: share, high: share });
}
