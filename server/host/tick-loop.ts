import type { CancelTimer, Clock } from "../clock.ts";
import { HOST_LIMITS } from "./limits.ts";

/**
 * Calls a step at a fixed rate on the monotonic clock. The n-th step is due at `start + n / rate`, so rounding never
 * adds up. After a stall it runs at most `catchUpTicksMax` steps at once and drops the rest of the backlog.
 */
export class TickLoop {
  readonly #clock: Clock;
  readonly #periodMs: number;
  readonly #onTick: () => void;
  readonly #onOverrun: (lateMs: number, droppedTicks: number) => void;
  #dueMs = 0;
  #cancel: CancelTimer | undefined;

  constructor(deps: {
    clock: Clock;
    tickRateHz: number;
    onTick: () => void;
    onOverrun: (lateMs: number, droppedTicks: number) => void;
  }) {
    this.#clock = deps.clock;
    this.#periodMs = 1000 / deps.tickRateHz;
    this.#onTick = deps.onTick;
    this.#onOverrun = deps.onOverrun;
  }

  get isRunning(): boolean {
    return this.#cancel !== undefined;
  }

  /** Starts, the first step one period from now. Does nothing while it runs. */
  start(): void {
    if (this.#cancel !== undefined) return;
    this.#dueMs = this.#clock.nowMs() + this.#periodMs;
    this.#arm();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #arm(): void {
    // Timers have whole milliseconds and may fire a fraction early; #wake waits out the rest.
    const waitMs = Math.max(0, this.#dueMs - this.#clock.nowMs());
    this.#cancel = this.#clock.after(waitMs, () => this.#wake());
  }

  #wake(): void {
    const lateMs = this.#clock.nowMs() - this.#dueMs;
    const dueTicks = lateMs < 0 ? 0 : 1 + Math.floor(lateMs / this.#periodMs);
    const ticks = Math.min(dueTicks, HOST_LIMITS.catchUpTicksMax);
    if (dueTicks > ticks) this.#onOverrun(lateMs, dueTicks - ticks);
    this.#dueMs += dueTicks * this.#periodMs;
    for (let step = 0; step < ticks && this.#cancel !== undefined; step++) this.#onTick();
    if (this.#cancel !== undefined) this.#arm();
  }
}
