/**
 * Shows what others do a little in the past, where both neighbouring snapshots are known, so that uneven arrival
 * does not shake the picture. Pure: time is an argument.
 * @module
 */

/** How far in the past others are shown: three ticks at 30 Hz, so that one late snapshot goes unnoticed. */
const INTERPOLATION_DELAY_MS = 100;

/** Snapshots kept: more than half a second at 60 Hz. */
export const SNAPSHOTS_MAX = 40;

/** A body that moved farther than this between two snapshots was placed anew (respawn), it did not fly there. */
const JUMP_METRES = 6;

/** Share of a clock error corrected per snapshot; small, so that jitter of single arrivals averages out. */
const CLOCK_GAIN = 0.1;

/** A clock error beyond this is no jitter (tab asleep, new match): the clock is set, not slewed. */
const CLOCK_RESET_MS = 250;

export interface Pose {
  readonly x: number;
  readonly y: number;
  /** Radians; interpolated the short way round. */
  readonly angle: number;
}

interface Snapshot {
  readonly tick: number;
  readonly poses: ReadonlyMap<string, Pose>;
}

export class InterpolationBuffer {
  readonly #tickMs: number;
  readonly #delayMs: number;
  #snapshots: Snapshot[] = [];
  /** Server time (tick times length of a tick) minus local time, smoothed; milliseconds. */
  #clockOffsetMs: number | undefined;

  /** @param delayMs - 0 shows the newest snapshot as it is. */
  constructor(tickRateHz: number, delayMs: number = INTERPOLATION_DELAY_MS) {
    this.#tickMs = 1000 / tickRateHz;
    this.#delayMs = delayMs;
  }

  get length(): number {
    return this.#snapshots.length;
  }

  /**
   * Takes what the server said about one tick.
   * @param poses - By stable id; kept, so hand over a map of its own.
   * @param nowMs - Local monotonic time of arrival.
   */
  push(tick: number, poses: ReadonlyMap<string, Pose>, nowMs: number): void {
    const newest = this.#snapshots.at(-1);
    // A tick from before the newest is another match under the same connection: start over.
    if (newest !== undefined && tick < newest.tick) this.#forget();
    if (newest?.tick === tick) this.#snapshots.pop();
    this.#snapshots.push({ tick, poses });
    if (this.#snapshots.length > SNAPSHOTS_MAX) this.#snapshots.shift();
    this.#adjustClock(tick * this.#tickMs - nowMs);
  }

  /** The tick, with fraction, that is shown at `nowMs`; never newer than the newest snapshot. */
  shownTick(nowMs: number): number {
    const newest = this.#snapshots.at(-1);
    if (newest === undefined || this.#clockOffsetMs === undefined) return 0;
    return Math.min(newest.tick, (nowMs + this.#clockOffsetMs - this.#delayMs) / this.#tickMs);
  }

  /** Where everything is at `nowMs`, as far as it is shown. Bodies that are gone in the later snapshot are left out. */
  sample(nowMs: number): Map<string, Pose> {
    const tick = this.shownTick(nowMs);
    const laterIndex = this.#snapshots.findIndex((snapshot) => snapshot.tick >= tick);
    const later = this.#snapshots[laterIndex];
    if (later === undefined) return new Map();
    const earlier = this.#snapshots[laterIndex - 1];
    if (earlier === undefined) return new Map(later.poses);
    const share = (tick - earlier.tick) / (later.tick - earlier.tick);
    const shown = new Map<string, Pose>();
    for (const [id, to] of later.poses) {
      const from = earlier.poses.get(id);
      shown.set(id, from === undefined ? to : between(from, to, share));
    }
    return shown;
  }

  #adjustClock(measuredMs: number): void {
    const offsetMs = this.#clockOffsetMs;
    if (offsetMs === undefined || Math.abs(measuredMs - offsetMs) > CLOCK_RESET_MS) {
      this.#clockOffsetMs = measuredMs;
    } else {
      this.#clockOffsetMs = offsetMs + (measuredMs - offsetMs) * CLOCK_GAIN;
    }
  }

  #forget(): void {
    this.#snapshots = [];
    this.#clockOffsetMs = undefined;
  }
}

/** @param share - 0 gives `from`, 1 gives `to`. */
function between(from: Pose, to: Pose, share: number): Pose {
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  if (dx * dx + dy * dy > JUMP_METRES * JUMP_METRES) return to;
  return {
    x: from.x + dx * share,
    y: from.y + dy * share,
    angle: from.angle + shortTurn(from.angle, to.angle) * share,
  };
}

/** The turn from one angle to another the short way round, in radians, -π to π. */
export function shortTurn(from: number, to: number): number {
  const turn = (to - from) % (2 * Math.PI);
  if (turn > Math.PI) return turn - 2 * Math.PI;
  return turn < -Math.PI ? turn + 2 * Math.PI : turn;
}
