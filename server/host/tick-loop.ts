import type { CancelTimer, Clock } from "../clock.ts";
import type { TickProgress } from "../session/match-room.ts";
import { HOST_LIMITS } from "./limits.ts";
import type { Rest } from "./thread-rest.ts";

/**
 * Calls a step at a fixed rate on the monotonic clock. The n-th step is due at `start + n / rate`, so rounding never
 * adds up. After a stall it runs at most `catchUpTicksMax` steps at once and drops the rest of the backlog.
 * Stopped once, it stays so: a room that is over must not tick again, whoever still joins it.
 */
export class TickLoop {
  readonly #clock: Clock;
  readonly #tickRateHz: number;
  readonly #rest: Rest | undefined;
  readonly #onTick: () => void;
  readonly #onOverrun: (lateMs: number, droppedTicks: number) => void;
  readonly #onRan: (durationMs: number, lateMs: number, intervalMs: number) => void;
  /** When the last step began; `undefined` before the first. */
  #beganMs: number | undefined;
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
    /** Without it, or while it declines, the loop waits by the clock's timers. */
    rest?: Rest | undefined;
    onTick: () => void;
    onOverrun: (lateMs: number, droppedTicks: number) => void;
    /**
     * A step was made. Milliseconds: how long it took, how late it began, and how long after the one before, `0` for the
     * first.
     */
    onRan?: (durationMs: number, lateMs: number, intervalMs: number) => void;
  }) {
    this.#clock = deps.clock;
    this.#tickRateHz = deps.tickRateHz;
    this.#rest = deps.rest;
    this.#onTick = deps.onTick;
    this.#onOverrun = deps.onOverrun;
    this.#onRan = deps.onRan ?? (() => {});
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

  #run(dueMs: number): void {
    const beganMs = this.#clock.nowMs();
    this.#onTick();
    const intervalMs = this.#beganMs === undefined ? 0 : beganMs - this.#beganMs;
    this.#beganMs = beganMs;
    this.#onRan(this.#clock.nowMs() - beganMs, beganMs - dueMs, intervalMs);
  }

  #dueMs(): number {
    return this.#startMs + (this.#next * 1000) / this.#tickRateHz;
  }

  /** Positive when the next step is due already. */
  #lateMs(): number {
    return this.#clock.nowMs() - this.#dueMs();
  }

  #arm(): void {
    const delayMs = Math.max(0, -this.#lateMs());
    // Timers have whole milliseconds and may fire a fraction early, and a rest may be shorter; #wake waits out what is left.
    this.#cancel = this.#rest?.(delayMs, this.#wake) ?? this.#clock.after(delayMs, this.#wake);
  }

  readonly #wake = (): void => {
    const lateMs = this.#lateMs();
    const dueTicks = lateMs < 0 ? 0 : 1 + Math.floor((lateMs * this.#tickRateHz) / 1000);
    const ticks = Math.min(dueTicks, HOST_LIMITS.catchUpTicksMax);
    this.#dropped += dueTicks - ticks;
    if (dueTicks > ticks) this.#onOverrun(lateMs, dueTicks - ticks);
    const dueMs = this.#dueMs();
    this.#next += dueTicks;
    const periodMs = 1000 / this.#tickRateHz;
    for (let step = 0; step < ticks && this.#isRunning(); step++) {
      this.#ran++;
      this.#run(dueMs + step * periodMs);
    }
    if (this.#isRunning()) this.#arm();
  };

  #isRunning(): boolean {
    return this.#state === "running";
  }
}
