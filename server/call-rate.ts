import type { Clock } from "./clock.ts";

/** How often something may be asked: so many at once, and so many a second on the long run (a token bucket). */
export class CallRate {
  readonly #clock: Clock;
  readonly #burst: number;
  readonly #perMs: number;
  #tokens: number;
  #filledAtMs: number;

  constructor(clock: Clock, rate: { burst: number; perSecond: number }) {
    this.#clock = clock;
    this.#burst = rate.burst;
    this.#perMs = rate.perSecond / 1000;
    this.#tokens = rate.burst;
    this.#filledAtMs = clock.nowMs();
  }

  /** Milliseconds until the next call may begin; 0 if it may now. */
  get waitMs(): number {
    this.#fill();
    return Math.max(0, (1 - this.#tokens) / this.#perMs);
  }

  /** A call begins. A timer that fires a moment early leaves a debt, which the next one pays. */
  take(): void {
    this.#fill();
    this.#tokens--;
  }

  /** The next call may begin at once. */
  grantOne(): void {
    this.#fill();
    this.#tokens = Math.max(1, this.#tokens);
  }

  #fill(): void {
    const nowMs = this.#clock.nowMs();
    const filled = this.#tokens + (nowMs - this.#filledAtMs) * this.#perMs;
    this.#tokens = Math.min(this.#burst, filled);
    this.#filledAtMs = nowMs;
  }
}
