import type { CancelTimer, Clock } from "../clock.ts";
import { SUPERVISOR_LIMITS } from "./limits.ts";

/** Lets one start after the other happen, ten a second at most. */
export class StartQueue {
  readonly #clock: Clock;
  /** First come, first served. */
  readonly #waiting = new Set<() => void>();
  #cancel: CancelTimer | undefined;
  #lastAtMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * @param start - Called once, never before this returns.
   * @returns Takes it back.
   */
  add(start: () => void): CancelTimer {
    // Two places may hand in the same function.
    const turn = () => start();
    this.#waiting.add(turn);
    this.#arm();
    return () => {
      this.#waiting.delete(turn);
    };
  }

  #arm(): void {
    if (this.#cancel !== undefined || this.#waiting.size === 0) return;
    const dueMs = this.#lastAtMs + SUPERVISOR_LIMITS.startSpacingMs;
    this.#cancel = this.#clock.after(Math.max(0, dueMs - this.#clock.nowMs()), () => this.#next());
  }

  #next(): void {
    this.#cancel = undefined;
    const [turn] = this.#waiting;
    if (turn === undefined) return;
    this.#waiting.delete(turn);
    this.#lastAtMs = this.#clock.nowMs();
    turn();
    this.#arm();
  }
}
