import type { CancelTimer, Clock } from "../../clock.ts";
import { GAMELIFT_API_LIMITS } from "./limits.ts";

/**
 * This process's share of the account's request quota: a token bucket. The quota is shared by all processes of an
 * account and Region, so a process that asked more often would starve the others.
 */
export class CallBudget {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #waiting: (() => void)[] = [];
  /** When the bucket is full again; a call may begin while that is less than a whole burst ahead. */
  #fullAtMs = Number.NEGATIVE_INFINITY;
  #cancelTimer: CancelTimer = () => {};

  /** @param callsPerSecond - On the long run, above 0. */
  constructor(clock: Clock, callsPerSecond: number) {
    this.#clock = clock;
    this.#intervalMs = 1000 / callsPerSecond;
  }

  /**
   * Waits until a call may begin, in the order of asking.
   * @returns False when `signal` aborted before that, or too many wait already; it has cost nothing then.
   */
  take(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted || this.#waiting.length >= GAMELIFT_API_LIMITS.callsWaitingMax) {
      return Promise.resolve(false);
    }
    return new Promise((resolve) => {
      const begin = () => {
        signal.removeEventListener("abort", giveUp);
        resolve(true);
      };
      const giveUp = () => {
        this.#waiting.splice(this.#waiting.indexOf(begin), 1);
        this.#serve();
        resolve(false);
      };
      signal.addEventListener("abort", giveUp, { once: true });
      this.#waiting.push(begin);
      this.#serve();
    });
  }

  get #waitMs(): number {
    const burstMs = (GAMELIFT_API_LIMITS.callsBurst - 1) * this.#intervalMs;
    return this.#fullAtMs - burstMs - this.#clock.nowMs();
  }

  #serve(): void {
    this.#cancelTimer();
    while (this.#waiting.length > 0 && this.#waitMs <= 0) {
      this.#fullAtMs = Math.max(this.#fullAtMs, this.#clock.nowMs()) + this.#intervalMs;
      this.#waiting.shift()?.();
    }
    if (this.#waiting.length > 0) {
      this.#cancelTimer = this.#clock.after(this.#waitMs, () => this.#serve());
    }
  }
}
