import type { Clock } from "../clock.ts";
import { TRANSPORT_LIMITS } from "./limits.ts";

/**
 * How many TLS handshakes may begin: so many a second, and what two seconds would have had at once. Whoever is over it
 * is refused before any cryptography, which is what makes a handshake dear: about a millisecond with an RSA key.
 */
export class HandshakeBudget {
  readonly #clock: Clock;
  readonly #perSecond: number;
  readonly #most: number;
  /** Handshakes that may begin now, fractional. */
  #left: number;
  #countedAtMs: number;

  /** @param perSecond - 1 or more. */
  constructor(clock: Clock, perSecond: number) {
    this.#clock = clock;
    this.#perSecond = perSecond;
    this.#most = perSecond * TRANSPORT_LIMITS.handshakeBurstSeconds;
    this.#left = this.#most;
    this.#countedAtMs = clock.nowMs();
  }

  /** Takes one handshake. @returns Whether there was one. */
  take(): boolean {
    const nowMs = this.#clock.nowMs();
    const earned = ((nowMs - this.#countedAtMs) * this.#perSecond) / 1000;
    this.#countedAtMs = nowMs;
    this.#left = Math.min(this.#most, this.#left + earned);
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
