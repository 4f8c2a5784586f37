/**
 * Decides which tick is shown when: a little in the past, so that what is shown has arrived, and as little as the network
 * allows. Time runs a few percent faster or slower where that changes; it never steps, but after a change of the clock.
 * @module
 */
import { TIMING_LIMITS } from "../limits.ts";
import type { ArrivalClock } from "./arrival-clock.ts";

export class Playout {
  readonly #clock: ArrivalClock;
  readonly #tickMs: number;
  #shownTick: number | undefined;
  #atMs = 0;

  constructor(clock: ArrivalClock, tickRateHz: number) {
    this.#clock = clock;
    this.#tickMs = 1000 / tickRateHz;
  }

  /** How far in the past what is shown should be, behind what had the quickest way. */
  get delayMs(): number {
    const { spacingMs, jitterMs } = this.#clock;
    return Math.min(
      TIMING_LIMITS.delayMsMax,
      Math.max(TIMING_LIMITS.delayMsMin, spacingMs + jitterMs),
    );
  }

  /** How far it is; `undefined` before anything is shown. */
  shownDelayMs(nowMs: number): number | undefined {
    const tick = this.#clock.tickAt(nowMs);
    if (tick === undefined || this.#shownTick === undefined) return undefined;
    return (tick - this.#shownTick) * this.#tickMs - (nowMs - this.#atMs);
  }

  /**
   * Moves on to `nowMs`.
   * @returns The tick, with fraction, that is shown now; `undefined` before the first arrival.
   */
  advance(nowMs: number): number | undefined {
    const newest = this.#clock.tickAt(nowMs);
    if (newest === undefined) {
      this.#shownTick = undefined;
      return undefined;
    }
    const wanted = newest - this.delayMs / this.#tickMs;
    const elapsed = (nowMs - this.#atMs) / this.#tickMs;
    this.#atMs = nowMs;
    const onTime = (this.#shownTick ?? Number.NEGATIVE_INFINITY) + elapsed;
    const behindMs = (wanted - onTime) * this.#tickMs;
    if (Math.abs(behindMs) > TIMING_LIMITS.stepMs) {
      this.#shownTick = wanted;
    } else {
      const { slewShare, slewMs } = TIMING_LIMITS;
      const share = Math.max(-slewShare, Math.min(slewShare, behindMs / slewMs));
      this.#shownTick = onTime + elapsed * share;
    }
    return this.#shownTick;
  }
}
