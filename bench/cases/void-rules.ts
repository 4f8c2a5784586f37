/**
 * When figures are worth nothing: something was not as it has to be for them to mean what they say.
 * @module
 */
import { type Spread, spreadOf } from "../measure/pairs.ts";
import type { BlockResult } from "../runs/match-block.ts";
import { linePlansOf } from "./goals.ts";
import type { MatchCase } from "./match-case.ts";
import { pairsOf, SWARM_SHARE_MAX } from "./match-lines.ts";

/** What plain Colyseus takes of plain `ws`'s CPU where neither is handicapped, measured on another machine. */
const FAIR_RATIOS: Readonly<Record<string, number>> = { "200@20": 1.23, "200@60": 1.34 };
const FAIR_TOLERANCE = 0.2;

/** How plain Colyseus did beside plain `ws`. */
export interface Fairness {
  readonly caseId: string;
  readonly ratio: Spread;
  readonly low: number;
  readonly high: number;
  readonly isFair: boolean;
}

/**
 * @param isStrict - The median counts. Otherwise, of few pairs, only a spread that is outside as a whole is unfair.
 */
export function fairnessOf(
  { id, ...matchCase }: MatchCase,
  blocks: readonly BlockResult[],
  isStrict: boolean,
): Fairness | undefined {
  const fair = FAIR_RATIOS[id];
  if (fair === undefined) return undefined;
  const plan = { side: "colyseus", against: "ws", metric: "cpu" } as const;
  const pairs = pairsOf(plan, { id, ...matchCase }, blocks);
  if (pairs.length === 0) return undefined;
  const ratio = spreadOf(pairs.map(({ ours, peer }) => ours.value / peer.value));
  const [low, high] = [fair * (1 - FAIR_TOLERANCE), fair * (1 + FAIR_TOLERANCE)];
  const isFair = isStrict
    ? ratio.median >= low && ratio.median <= high
    : ratio.high >= low && ratio.low <= high;
  return { caseId: id, ratio, low, high, isFair };
}

/** @returns Why the figures of a case are void, nothing if they are not. */
export function voidsOf(matchCase: MatchCase, blocks: readonly BlockResult[]): string[] {
  const busy = isPromised(matchCase) ? busyLoads(matchCase, blocks) : [];
  return [...new Set([...wrongStates(blocks), ...busy])].map((why) => told(matchCase, why));
}

/** @returns Why some windows of a case of which nothing was promised do not count. */
export function leftOutOf(matchCase: MatchCase, blocks: readonly BlockResult[]): string[] {
  const busy = isPromised(matchCase) ? [] : busyLoads(matchCase, blocks);
  return busy.map((why) => told(matchCase, why));
}

function told({ id, settings }: MatchCase, why: string): string {
  return `${id} (${settings.players} players @${settings.tickRateHz}): ${why}`;
}

function isPromised(matchCase: MatchCase): boolean {
  return linePlansOf(matchCase).some(({ promised }) => promised !== undefined);
}

function wrongStates(blocks: readonly BlockResult[]): string[] {
  return blocks.flatMap(({ checks }) =>
    Object.entries(checks).flatMap(([side, checked]) => {
      const first = checked.find((check) => check.wrong.length > 0);
      if (first !== undefined)
        return [`${side}'s state is not its server's: ${first.wrong.join("; ")}`];
      return checked.some(({ compared }) => compared > 0) ? [] : [`nobody decoded ${side}'s state`];
    }),
  );
}

function busyLoads({ peer }: MatchCase, blocks: readonly BlockResult[]): string[] {
  const shares = blocks.flatMap(({ rounds }) =>
    rounds.flatMap(({ windows, peerAgain }) =>
      [
        ...Object.entries(windows),
        ...(peerAgain === undefined ? [] : [[peer, peerAgain] as const]),
      ].map(([side, { swarmShare }]) => [side, swarmShare] as const),
    ),
  );
  const [side, share] = shares.toSorted((a, b) => b[1] - a[1])[0] ?? ["", 0];
  if (share <= SWARM_SHARE_MAX) return [];
  return [`the load took ${(100 * share).toFixed(0)} % of its core with ${side}`];
}
