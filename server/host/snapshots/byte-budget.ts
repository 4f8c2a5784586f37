import { SNAPSHOT_LIMITS } from "./limits.ts";

/**
 * What one client may be sent: a token bucket. A keyframe is sent at once even if the bucket does not hold it; what is
 * missing becomes a debt that a share of the rate pays off, and until then there is no other keyframe. What was saved less
 * the debt is thus never below minus one keyframe, so that in any `t` seconds at most
 * `bytesPerSecond * (t + burstSeconds)` and one keyframe are sent.
 */
export class ByteBudget {
  readonly #bytesPerTick: number;
  readonly #savedMax: number;
  #saved: number;
  #debt = 0;
  /** Up to which it is filled. */
  #tick: number;

  /** A full one. */
  constructor(bytesPerSecond: number, tickRateHz: number, tick: number) {
    this.#bytesPerTick = bytesPerSecond / tickRateHz;
    this.#tick = tick;
    this.#savedMax = bytesPerSecond * SNAPSHOT_LIMITS.burstSeconds;
    this.#saved = this.#savedMax;
  }

  /** Bytes that may be sent now, whole. */
  get bytesMax(): number {
    return Math.floor(this.#saved);
  }

  get mayOwe(): boolean {
    return this.#saved >= this.#debt;
  }

  /** Adds what has come in since the last call. */
  refill(tick: number): void {
    const bytes = (tick - this.#tick) * this.#bytesPerTick;
    this.#tick = tick;
    const repaid = Math.min(this.#debt, bytes * SNAPSHOT_LIMITS.repaymentShare);
    this.#debt -= repaid;
    this.#saved += bytes - repaid;
    const beyond = this.#saved - this.#savedMax;
    if (beyond <= 0) return;
    this.#saved = this.#savedMax;
    this.#debt = Math.max(0, this.#debt - beyond);
  }

  /** @param bytes - At most `bytesMax`. */
  spend(bytes: number): void {
    this.#saved -= bytes;
  }

  /** Spends any number of bytes; only where `mayOwe`. */
  owe(bytes: number): void {
    const left = this.#saved - this.#debt - bytes;
    this.#saved = Math.max(0, left);
    this.#debt = Math.max(0, -left);
  }
}
