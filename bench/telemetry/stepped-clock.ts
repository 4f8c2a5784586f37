import type { CancelTimer, Clock } from "../../server/clock.ts";

interface Timer {
  readonly dueMs: number;
  readonly fire: () => void;
}

/**
 * Time that a benchmark moves on. While a step runs it goes on as it really does, so that the step has a duration;
 * with `advance` it jumps to where the next one begins. A timer costs next to nothing while it is not due.
 */
export class SteppedClock implements Clock {
  readonly #wallOffsetMs = Date.UTC(2026, 0, 1);
  readonly #realMs: () => number;
  #baseMs = 0;
  #baseRealMs: number;
  /** The one that is due first stands last. */
  readonly #timers: Timer[] = [];

  /** @param realMs - Monotonic milliseconds. */
  constructor(realMs: () => number = () => performance.now()) {
    this.#realMs = realMs;
    this.#baseRealMs = realMs();
  }

  nowMs(): number {
    return this.#baseMs + this.#realMs() - this.#baseRealMs;
  }

  wallMs(): number {
    return Math.floor(this.#wallOffsetMs + this.nowMs());
  }

  after(delayMs: number, fire: () => void): CancelTimer {
    const timer = { dueMs: this.nowMs() + delayMs, fire };
    let at = this.#timers.length;
    while (at > 0 && (this.#timers[at - 1]?.dueMs ?? 0) <= timer.dueMs) at--;
    this.#timers.splice(at, 0, timer);
    return () => {
      const found = this.#timers.indexOf(timer);
      if (found >= 0) this.#timers.splice(found, 1);
    };
  }

  /** Goes to `deltaMs` after the call before, or stays where it is if that is past, and fires what is due by then. */
  advance(deltaMs: number): void {
    this.#baseMs = Math.max(this.nowMs(), this.#baseMs + deltaMs);
    this.#baseRealMs = this.#realMs();
    const endMs = this.#baseMs;
    for (;;) {
      const next = this.#timers.at(-1);
      if (next === undefined || next.dueMs > endMs) return;
      this.#timers.pop();
      next.fire();
    }
  }
}
