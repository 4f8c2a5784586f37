/**
 * Shots meet the others where their shooter saw them: how far back that is, and where ships were then.
 * @module
 */
import type { IssuedCommand } from "../simulation.ts";
import { type ArenaCommand, eighthsSince } from "./commands.ts";
import type { ArenaState, Ship } from "./state.ts";
import {
  COMMAND_WAIT_TICKS,
  INTERPOLATION_MS_MAX,
  REWIND_SECONDS_MAX,
  SHIP_SPEED_METRES_PER_SECOND_MAX,
} from "./tuning.ts";

const EIGHTHS_PER_TICK = 8;
/** An obstacle's edge may put a ship aside a little faster than it flies. */
const SPEED_MARGIN = 1.05;

/** One step of every ship, some time ago: from `first` and `second` to `second` and `third`, `share` of the way. */
export interface PastStep {
  /** Ships that have lived since then were there. */
  readonly sinceTick: number;
  /** Where in a trail three ticks in a row are. */
  readonly first: number;
  readonly second: number;
  readonly third: number;
  /** 0 to 7/8. */
  readonly share: number;
  /** No ship is farther from where it was than this. */
  readonly driftMetres: number;
}

/**
 * How long ago its player saw the others, as far as that is honoured: what he claims, bounded by what was measured.
 * @returns Whole eighths of a tick.
 */
export function rewindEighthsOf(
  { tick, tickRateHz }: Pick<ArenaState, "tick" | "tickRateHz">,
  { command, roundTripMs = 0 }: IssuedCommand<ArenaCommand>,
): number {
  const lateTicks = ((roundTripMs + INTERPOLATION_MS_MAX) * tickRateHz) / 1000;
  const believedTicks = Math.min(lateTicks + COMMAND_WAIT_TICKS, REWIND_SECONDS_MAX * tickRateHz);
  const believedEighths = Math.floor(believedTicks * EIGHTHS_PER_TICK);
  return Math.min(eighthsSince(command.seenTickEighths, tick), believedEighths);
}

/** How many places a trail holds: both ends of the step that the longest rewind leads back to, and all since. */
function trailTicks(tickRateHz: number): number {
  return Math.ceil(REWIND_SECONDS_MAX * tickRateHz) + 2;
}

export function createTrail(tickRateHz: number): Float64Array {
  return new Float64Array(2 * trailTicks(tickRateHz));
}

/** Notes where a ship is as of a tick. */
export function leaveTrail(ship: Ship, tick: number): void {
  const { trail } = ship;
  const at = offsetOf(tick, trail.length / 2);
  trail[at] = ship.xMetres;
  trail[at + 1] = ship.yMetres;
}

/** @returns The step that lies `rewindEighths` before the one that ends at the state's tick. */
export function pastStep(
  { tick, tickRateHz }: Pick<ArenaState, "tick" | "tickRateHz">,
  rewindEighths: number,
): PastStep {
  const start = (tick - 1) * EIGHTHS_PER_TICK - rewindEighths;
  const sinceTick = Math.floor(start / EIGHTHS_PER_TICK);
  const places = trailTicks(tickRateHz);
  const seconds = (rewindEighths / EIGHTHS_PER_TICK + 1) / tickRateHz;
  return {
    sinceTick,
    first: offsetOf(sinceTick, places),
    second: offsetOf(sinceTick + 1, places),
    third: offsetOf(sinceTick + 2, places),
    share: start / EIGHTHS_PER_TICK - sinceTick,
    driftMetres: SHIP_SPEED_METRES_PER_SECOND_MAX * SPEED_MARGIN * seconds,
  };
}

function offsetOf(tick: number, places: number): number {
  return 2 * (tick % places);
}
