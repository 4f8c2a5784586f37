import { TRANSPORT_LIMITS } from "./limits.ts";

/** What one client may send. */
export interface InboundLimits {
  /** Messages, pings and pongs; 1 or more. */
  readonly messagesPerSecond: number;
  /** Of messages; pings and pongs are bounded by their number. */
  readonly bytesPerSecond: number;
}

/**
 * What one client may send: so many messages and bytes a second, and some of it ahead. In any span of `t` seconds at
 * most `messagesPerSecond * (messageBurstSeconds + t)` messages pass, wherever the span begins, and so with bytes.
 */
export class InboundBudget {
  readonly #limits: InboundLimits;
  /** What may come now, fractional. */
  #messagesLeft = 0;
  #bytesLeft = 0;
  /** Long ago, so that the first message finds all there can be. */
  #countedAtMs = Number.NEGATIVE_INFINITY;

  constructor(limits: InboundLimits) {
    this.#limits = limits;
  }

  /** Takes one message. @returns Whether there was that much left; what there was not is not taken. */
  take(bytes: number, nowMs: number): boolean {
    if (nowMs > this.#countedAtMs) this.#earn(nowMs);
    if (this.#messagesLeft < 1 || this.#bytesLeft < bytes) return false;
    this.#messagesLeft--;
    this.#bytesLeft -= bytes;
    return true;
  }

  #earn(nowMs: number): void {
    const { messagesPerSecond, bytesPerSecond } = this.#limits;
    const { messageBurstSeconds, byteBurstSeconds } = TRANSPORT_LIMITS;
    const seconds = (nowMs - this.#countedAtMs) / 1000;
    this.#countedAtMs = nowMs;
    this.#messagesLeft = Math.min(
      messagesPerSecond * messageBurstSeconds,
      this.#messagesLeft + messagesPerSecond * seconds,
    );
    this.#bytesLeft = Math.min(
      bytesPerSecond * byteBurstSeconds,
      this.#bytesLeft + bytesPerSecond * seconds,
    );
  }
}
