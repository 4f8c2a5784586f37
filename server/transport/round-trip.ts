import { TRANSPORT_LIMITS } from "./limits.ts";

/**
 * How long a peer's answers take, from the moment at which a ping is written to that at which its answer is read.
 *
 * What is told is the median of the last few: one answer that something held up, here or there, changes nothing, and
 * on a way that varies it is what most answers take; the smallest would be less than half of them do. A peer can make
 * it longer by answering late, always and at any time, and no measure tells that from a long way. So nothing may be
 * worth more with a longer one than with the longest that is believed. He cannot make it shorter: a nonce is not known
 * before its ping.
 */
export class RoundTrip {
  /** Of the ping that is timed, the last one asked; `undefined` once it is answered. */
  #nonce: number | undefined;
  /** `undefined` while it waits to be written. */
  #writtenMs: number | undefined;
  /** Oldest first. */
  readonly #takenMs: number[] = [];
  #medianMs: number | undefined;

  /** Whole milliseconds, 0 to `roundTripMsMax`; `undefined` before the first answer. */
  get medianMs(): number | undefined {
    return this.#medianMs;
  }

  asked(nonce: number): void {
    this.#nonce = nonce;
    this.#writtenMs = undefined;
  }

  written(nowMs: number): void {
    this.#writtenMs = nowMs;
  }

  /** @param nonce - As the peer says; what does not belong to the timed ping counts for nothing. */
  answered(nonce: number | undefined, nowMs: number): void {
    if (nonce !== this.#nonce || this.#nonce === undefined || this.#writtenMs === undefined) return;
    const tookMs = Math.round(nowMs - this.#writtenMs);
    this.#nonce = undefined;
    this.#takenMs.push(Math.min(tookMs, TRANSPORT_LIMITS.roundTripMsMax));
    if (this.#takenMs.length > TRANSPORT_LIMITS.roundTripsKept) this.#takenMs.shift();
    const sorted = this.#takenMs.toSorted((a, b) => a - b);
    // Of an even number the smaller one in the middle.
    this.#medianMs = sorted[(sorted.length - 1) >> 1];
  }
}
