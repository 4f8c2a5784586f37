// biome-ignore lint/correctness/useImportExtensions: plain ESM, its types lie beside it
import type { Event } from "./adapter.mjs";

interface Sighting {
  readonly tick: number;
  readonly atMs: number;
}

/** What one player saw of the ticks of a match, and when. */
export class Attendance {
  /** Ticks that no state or patch led to, since the first that did. */
  missedTicks = 0;
  readonly #tickRateHz: number;
  readonly #sightings: Sighting[] = [];

  constructor(tickRateHz: number) {
    this.#tickRateHz = tickRateHz;
  }

  get lastTick(): number {
    return this.#sightings.at(-1)?.tick ?? 0;
  }

  /** For a player's `onState`. */
  readonly saw = ({ tick = 0 }: Event): void => {
    if (this.#sightings.length > 0) {
      this.missedTicks += Math.max(0, tick - this.lastTick - 1);
    }
    this.#sightings.push({ tick, atMs: performance.now() });
  };

  /**
   * By how many ticks the match fell behind the clock between two stretches of time. Of each stretch the tick counts
   * that was seen soonest: a busy machine shows ticks late, and none early.
   */
  ticksLost(before: readonly [number, number], after: readonly [number, number]): number {
    const lostMs = this.#soonestMs(...after) - this.#soonestMs(...before);
    return Math.round((lostMs * this.#tickRateHz) / 100) / 10;
  }

  /** The time of tick 0 by the soonest sighting of a stretch. */
  #soonestMs(fromMs: number, toMs: number): number {
    const within = this.#sightings.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
    if (within.length === 0) throw new Error("nothing was seen in that time");
    return Math.min(...within.map(({ tick, atMs }) => atMs - (tick * 1000) / this.#tickRateHz));
  }
}
