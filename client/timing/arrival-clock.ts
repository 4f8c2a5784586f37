/**
 * Learns from what arrives how the server's ticks lie in local time, and how unevenly they come. Pure: time is an argument.
 * @module
 */
import { TIMING_LIMITS } from "../limits.ts";
import { RecentNumbers } from "./recent-numbers.ts";

export class ArrivalClock {
  readonly #tickMs: number;
  /** Of each arrival: when it came, less the time of its tick. The least of them had the quickest way. */
  readonly #offsetsMs = new RecentNumbers(TIMING_LIMITS.arrivalWindowMs, TIMING_LIMITS.arrivalsMax);
  readonly #gapsTicks = new RecentNumbers(TIMING_LIMITS.arrivalWindowMs, TIMING_LIMITS.arrivalsMax);
  #newestTick: number | undefined;
  /** When the arrivals began to be so late that they tell of a stall, not of jitter. */
  #lateSinceMs: number | undefined;
  #lateAtMs = Number.NEGATIVE_INFINITY;
  #isRead = false;
  #floorMs = 0;
  #lateMs = 0;
  #spacingMs: number;

  constructor(tickRateHz: number) {
    this.#tickMs = 1000 / tickRateHz;
    this.#spacingMs = this.#tickMs;
  }

  /** Of the newest arrival; `undefined` before the first. */
  get newestTick(): number | undefined {
    return this.#newestTick;
  }

  /** The tick, with fraction, that would arrive now if it had the quickest way; `undefined` before the first arrival. */
  tickAt(nowMs: number): number | undefined {
    if (this.#newestTick === undefined) return undefined;
    this.#read();
    return (nowMs - this.#floorMs) / this.#tickMs;
  }

  /** By how much nearly all arrivals are later than those with the quickest way. */
  get jitterMs(): number {
    this.#read();
    return this.#lateMs;
  }

  /** How far apart the ticks are that arrive. */
  get spacingMs(): number {
    this.#read();
    return this.#spacingMs;
  }

  /** @param nowMs - Local monotonic time of arrival. */
  arrived(tick: number, nowMs: number): void {
    const newest = this.#newestTick;
    // A tick from before the newest is another match under the same connection.
    if (newest !== undefined && tick < newest) this.reset();
    if (tick === this.#newestTick) return;
    const offsetMs = nowMs - tick * this.#tickMs;
    if (this.#isOfStall(offsetMs, nowMs)) {
      this.#newestTick = tick;
      return;
    }
    if (this.#newestTick !== undefined) this.#gapsTicks.add(tick - this.#newestTick, nowMs);
    this.#newestTick = tick;
    this.#offsetsMs.add(offsetMs, nowMs);
    this.#isRead = false;
  }

  reset(): void {
    this.#newestTick = undefined;
    this.#lateSinceMs = undefined;
    this.#offsetsMs.clear();
    this.#gapsTicks.clear();
    this.#isRead = false;
  }

  /**
   * What a stall held back arrives at its end all at once, and says nothing about the jitter of other days. What stays
   * so late is no stall: the way has become longer, or the clock has jumped, and everything is learnt anew.
   */
  #isOfStall(offsetMs: number, nowMs: number): boolean {
    if (this.#offsetsMs.count === 0) return false;
    this.#read();
    if (offsetMs - this.#floorMs <= TIMING_LIMITS.stallMs) {
      const isSameBurst = nowMs - this.#lateAtMs < TIMING_LIMITS.burstMs;
      if (!isSameBurst) this.#lateSinceMs = undefined;
      return isSameBurst;
    }
    this.#lateAtMs = nowMs;
    this.#lateSinceMs ??= nowMs;
    if (nowMs - this.#lateSinceMs < TIMING_LIMITS.relearnMs) return true;
    this.reset();
    return false;
  }

  #read(): void {
    if (this.#isRead) return;
    this.#isRead = true;
    this.#floorMs = this.#offsetsMs.quantile(0) ?? 0;
    const late = this.#offsetsMs.quantile(TIMING_LIMITS.onTimeShare) ?? 0;
    this.#lateMs = late - this.#floorMs;
    const gapTicks = this.#gapsTicks.quantile(0.25) ?? 1;
    this.#spacingMs = Math.min(gapTicks, TIMING_LIMITS.spacingTicksMax) * this.#tickMs;
  }
}
