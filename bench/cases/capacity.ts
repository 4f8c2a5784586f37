import { type Line, lineOf, quantile } from "../measure/pairs.ts";
import type { BlockResult } from "../runs/match-block.ts";
import type { Side } from "../subjects/match-subject.ts";
import type { MatchCase } from "./match-case.ts";
import { doesCount, SIDE_NAMES } from "./match-lines.ts";
import { METRICS } from "./metrics.ts";

/** How much of a core a match of so many takes. */
export interface Load {
  readonly players: number;
  readonly coreShare: number;
}

/** Beyond it nobody should plan. */
const CORE_SHARE = 0.7;
/** Of fewer players' CPU most is what a match takes in any case: it says nothing of how CPU grows. */
const PLAYERS_MIN = 100;

/**
 * How many players take {@link CORE_SHARE} of a core: between two loads as the crow flies; beyond the largest, as it
 * grew from the one before, by a power.
 * @returns `undefined` of fewer than two loads.
 */
export function playersAt(loads: readonly Load[], coreShare = CORE_SHARE): number | undefined {
  const sorted = loads.toSorted((a, b) => a.players - b.players);
  const above = sorted.findIndex((load) => load.coreShare >= coreShare);
  const at = above < 0 ? sorted.length - 1 : Math.max(1, above);
  const [low, high] = [sorted[at - 1], sorted[at]];
  if (low === undefined || high === undefined) return undefined;
  if (above >= 0) {
    const way = (coreShare - low.coreShare) / (high.coreShare - low.coreShare);
    return low.players + way * (high.players - low.players);
  }
  const power = Math.log(high.coreShare / low.coreShare) / Math.log(high.players / low.players);
  return high.players * (coreShare / high.coreShare) ** (1 / power);
}

/** Ours and plain Colyseus at one rate; nothing is promised of it. */
export function capacityLine(
  tickRateHz: number,
  cases: readonly MatchCase[],
  blocksOf: (caseId: string) => readonly BlockResult[],
): Line | undefined {
  const ours = playersAt(loadsOf("ours", tickRateHz, cases, blocksOf));
  const peer = playersAt(loadsOf("colyseus", tickRateHz, cases, blocksOf));
  if (ours === undefined || peer === undefined) return undefined;
  const cost = { cpuMs: 0, wallMs: 0, foreignMs: 0 };
  return lineOf(
    {
      id: `P14.${tickRateHz}`,
      title: `players at 70 % of a core @${tickRateHz}, from fewer`,
      unit: "players",
      digits: 0,
      oursName: SIDE_NAMES.ours,
      peerName: SIDE_NAMES.colyseus,
    },
    [{ ours: { value: ours, cost }, peer: { value: peer, cost } }],
  );
}

function loadsOf(
  side: Side,
  tickRateHz: number,
  cases: readonly MatchCase[],
  blocksOf: (caseId: string) => readonly BlockResult[],
): Load[] {
  return cases
    .filter(
      ({ settings: { players, tickRateHz: hz }, peer, isTls }) =>
        peer === "colyseus" && hz === tickRateHz && players >= PLAYERS_MIN && !isTls,
    )
    .flatMap(({ id, settings }) => {
      const shares = blocksOf(id)
        .flatMap(({ rounds }) => rounds)
        .flatMap(({ windows }) => windows[side] ?? [])
        .filter((window) => doesCount(window, settings))
        .map((window) => METRICS.coreShare.of(window, settings));
      if (shares.length === 0) return [];
      return [{ players: settings.players, coreShare: quantile(shares, 0.5) }];
    });
}
