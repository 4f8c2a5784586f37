import { LIVE_LIMITS } from "./limits.ts";
import type { LiveSeconds } from "./live-snapshot.ts";

/** A power of two, so that a second's slot is a mask away; more than are shown. */
const SLOTS = 64;
const { durationsMax: DURATIONS, secondsShown: SHOWN } = LIVE_LIMITS;

/** Steps of the last minute, second by second, in arrays that are made once. */
export class TickSeconds {
  /** Which second a slot is about. */
  readonly #second = new Int32Array(SLOTS).fill(-1);
  readonly #ran = new Uint32Array(SLOTS);
  readonly #dropped = new Uint32Array(SLOTS);
  readonly #sumMs = new Float64Array(SLOTS);
  readonly #maxMs = new Float64Array(SLOTS);
  readonly #lateMs = new Float64Array(SLOTS);
  /** The newest overwrites the oldest. */
  readonly #durationsMs = new Float32Array(DURATIONS);
  #durations = 0;

  ran(nowMs: number, durationMs: number, lateMs: number): void {
    const slot = this.#slotAt(nowMs);
    this.#ran[slot] = (this.#ran[slot] ?? 0) + 1;
    // What is no number, or a step back in time, counts as none at all.
    if (durationMs > 0) this.#sumMs[slot] = (this.#sumMs[slot] ?? 0) + durationMs;
    if (durationMs > (this.#maxMs[slot] ?? 0)) this.#maxMs[slot] = durationMs;
    if (lateMs > (this.#lateMs[slot] ?? 0)) this.#lateMs[slot] = lateMs;
    this.#durationsMs[this.#durations % DURATIONS] = durationMs > 0 ? durationMs : 0;
    this.#durations++;
  }

  dropped(nowMs: number, ticks: number): void {
    const slot = this.#slotAt(nowMs);
    if (ticks > 0) this.#dropped[slot] = (this.#dropped[slot] ?? 0) + ticks;
  }

  /** The whole seconds before the one that is under way; those without any step are zeros. */
  read(nowMs: number): LiveSeconds {
    const seconds = {
      ran: [] as number[],
      dropped: [] as number[],
      meanMs: [] as number[],
      maxMs: [] as number[],
      lateMs: [] as number[],
    };
    const now = Math.floor(nowMs / 1000);
    for (let second = now - SHOWN; second < now; second++) {
      const slot = second & (SLOTS - 1);
      const isKnown = this.#second[slot] === second;
      const of = (column: Readonly<Record<number, number>>) => (isKnown ? (column[slot] ?? 0) : 0);
      const ran = of(this.#ran);
      seconds.ran.push(ran);
      seconds.dropped.push(of(this.#dropped));
      seconds.meanMs.push(ran === 0 ? 0 : rounded(of(this.#sumMs) / ran));
      seconds.maxMs.push(rounded(of(this.#maxMs)));
      seconds.lateMs.push(rounded(of(this.#lateMs)));
    }
    return seconds;
  }

  /** @param steps - Of the newest so many steps. @returns Milliseconds; 0 without any. */
  p99Ms(steps: number): number {
    const count = Math.min(steps, this.#durations, DURATIONS);
    if (count === 0) return 0;
    const newest = new Float32Array(count);
    for (let index = 0; index < count; index++) {
      newest[index] = this.#durationsMs[(this.#durations - 1 - index) % DURATIONS] ?? 0;
    }
    newest.sort();
    return rounded(newest[Math.ceil(count * 0.99) - 1] ?? 0);
  }

  #slotAt(nowMs: number): number {
    const second = Math.floor(nowMs / 1000);
    const slot = second & (SLOTS - 1);
    if (this.#second[slot] !== second) {
      this.#second[slot] = second;
      this.#ran[slot] = 0;
      this.#dropped[slot] = 0;
      this.#sumMs[slot] = 0;
      this.#maxMs[slot] = 0;
      this.#lateMs[slot] = 0;
    }
    return slot;
  }
}

/** Three digits say enough, and bound the text. */
function rounded(ms: number): number {
  return ms < 100 ? Math.round(ms * 10) / 10 : Math.min(99_999, Math.round(ms));
}
