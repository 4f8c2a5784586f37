import type { CancelTimer, Clock } from "../clock.ts";
import type { TickProgress } from "../session/match-room.ts";
import { HOST_LIMITS } from "./limits.ts";

/**
 * Calls a step at a fixed rate on the monotonic clock. The n-th step is due at `start + n / rate`, so rounding never
 * adds up. After a stall it runs at most `catchUpTicksMax` steps at once and drops the rest of the backlog.
 * Stopped once, it stays so: a room that is over must not tick again, whoever still joins it.
 */
export class TickLoop {
  readonly #clock: Clock;
  readonly #tickRateHz: number;
  readonly #onTick: () => void;
  readonly #onOverrun: (lateMs: number, droppedTicks: number) => void;
  #state: TickProgress["state"] = "idle";
  #startMs = 0;
  /** Number of the step that is due next, from 1, dropped ones counted. */
  #next = 1;
  #ran = 0;
  #dropped = 0;
  #cancel: CancelTimer = () => {};

  constructor(deps: {
    clock: Clock;
    tickRateHz: number;
    onTick: () => void;
    onOverrun: (lateMs: number, droppedTicks: number) => void;
  }) {
    this.#clock = deps.clock;
    this.#tickRateHz = deps.tickRateHz;
    this.#onTick = deps.onTick;
    this.#onOverrun = deps.onOverrun;
  }

  get progress(): TickProgress {
    return { state: this.#state, ranTicks: this.#ran, droppedTicks: this.#dropped };
  }

  /** Starts, the first step one period from now. Does nothing while it runs and after it was stopped. */
  start(): void {
    if (this.#state !== "idle") return;
    this.#state = "running";
    this.#startMs = this.#clock.nowMs();
    this.#arm();
  }

  /** Called in a step, the rest of a backlog is not run. */
  stop(): void {
    this.#state = "stopped";
    this.#cancel();
  }

  /** Positive when the next step is due already. */
  #lateMs(): number {
    return this.#clock.nowMs() - (this.#startMs + (this.#next * 1000) / this.#tickRateHz);
  }

  #arm(): void {
    // Timers have whole milliseconds and may fire a fraction early; #wake waits out the rest.
    this.#cancel = this.#clock.after(Math.max(0, -this.#lateMs()), () => this.#wake());
  }

  #wake(): void {
    const lateMs = this.#lateMs();
    const dueTicks = lateMs < 0 ? 0 : 1 + Math.floor((lateMs * this.#tickRateHz) / 1000);
    const ticks = Math.min(dueTicks, HOST_LIMITS.catchUpTicksMax);
    this.#dropped += dueTicks - ticks;
    if (dueTicks > ticks) this.#onOverrun(lateMs, dueTicks - ticks);
    this.#next += dueTicks;
    for (let step = 0; step < ticks && this.#isRunning(); step++) {
      this.#ran++;
      this.#onTick();
    }
    if (this.#isRunning()) this.#arm();
  }

  #isRunning(): boolean {
    return this.#state === "running";
  }
}
