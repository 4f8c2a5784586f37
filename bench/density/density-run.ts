import type { LinePlan, Measured, Pair } from "../measure/pairs.ts";
import type { FullCards } from "./full-cards.ts";
import type { OurServers } from "./our-servers.ts";

/** How much of everything; `--quick` has less. */
export interface Effort {
  readonly startPairs: number;
  /** Processes that are started together. */
  readonly counts: readonly number[];
  /** From the last process ready to the reading of its memory. */
  readonly settleMs: number;
  /** The same of {@link RESTED_COUNT}, of which the promises are. */
  readonly restMs: number;
  /** How long {@link RESTED_COUNT} are watched after that; ours not before {@link V8_RESTS_AFTER_MS}. */
  readonly idleMs: number;
  /** Two orders to the load; each takes less than a minute. */
  readonly playWarmUpMs: number;
  readonly playMs: number;
  readonly playsArena: boolean;
}

/** What a fleet's instance of two cores may carry; promises are about so many. */
export const RESTED_COUNT = 20;

/** Until then V8 looks once more after what starting has left, which takes as much as an hour of waiting. */
export const V8_RESTS_AFTER_MS = 45_000;

export const FULL: Effort = {
  startPairs: 9,
  counts: [1, 10, RESTED_COUNT, 50],
  settleMs: 20_000,
  // V8 collects what a start has left some two minutes after it, in a process that does not do so itself.
  restMs: 180_000,
  idleMs: 60_000,
  playWarmUpMs: 30_000,
  playMs: 30_000,
  playsArena: true,
};

export const QUICK: Effort = {
  startPairs: 3,
  counts: [RESTED_COUNT],
  settleMs: 12_000,
  restMs: 12_000,
  idleMs: 12_000,
  playWarmUpMs: 8_000,
  playMs: 8_000,
  playsArena: false,
};

export interface DensityRun {
  readonly ours: OurServers;
  readonly peers: FullCards;
  readonly effort: Effort;
  say(progress: string): void;
}

const NAMES = { oursName: "ours, built", peerName: "full card" } as const;

/** What memory and waiting are measured at: no work on the core spoils them. */
const FREE = { cpuMs: 0, wallMs: 0, foreignMs: 0 } as const;

/** Processes of both sides, the first with the first and so on: their spread is that of the processes. */
export function pairsOf(ours: readonly number[], peer: readonly number[]): Pair[] {
  const measured = (value: number): Measured => ({ value, cost: FREE });
  return ours.flatMap((value, at) => {
    const other = peer[at];
    return other === undefined ? [] : [{ ours: measured(value), peer: measured(other) }];
  });
}

export function planOf(id: string, title: string, unit: string, digits: number): LinePlan {
  return { id, title, unit, digits, ...NAMES };
}

export const megabytes = (bytes: number): number => bytes / 2 ** 20;
