import type { Clock } from "../clock.ts";
import { TRANSPORT_LIMITS } from "./limits.ts";

/** Whether a handshake may begin, or what it is too many for. */
export type HandshakeRuling = "begins" | "over_budget" | "over_share";

/**
 * How many TLS handshakes may begin: so many a second, and what two seconds would have had at once; of these one
 * network has a share, so that it cannot shut out all others. Whoever is over it is refused before any cryptography,
 * which is what makes a handshake dear: about a millisecond with an RSA key.
 */
export class HandshakeBudget {
  readonly #clock: Clock;
  readonly #all: Bucket;
  readonly #sharePerSecond: number;
  readonly #shareMost: number;
  /** Time in which a share that was used up is whole again. */
  readonly #shareMs: number;
  /** Shares that are not whole; those of `before` were last used in the period before this one. */
  #shares = new Map<string, Bucket>();
  #before = new Map<string, Bucket>();
  #periodEndsAtMs: number;

  /** @param perSecond - 1 or more. */
  constructor(clock: Clock, perSecond: number) {
    const { handshakeBurstSeconds, handshakeBurstShare, handshakeShare, handshakeShareMin } =
      TRANSPORT_LIMITS;
    const nowMs = clock.nowMs();
    const most = perSecond * handshakeBurstSeconds;
    this.#clock = clock;
    this.#all = new Bucket(perSecond, most, nowMs);
    this.#sharePerSecond = perSecond * handshakeShare;
    this.#shareMost = Math.max(handshakeShareMin, most * handshakeBurstShare);
    this.#shareMs = (this.#shareMost / this.#sharePerSecond) * 1000;
    this.#periodEndsAtMs = nowMs + this.#shareMs;
  }

  /**
   * Takes one handshake, if there is one.
   * @param network - Whose share it is of; `undefined` for one that has all there is.
   */
  take(network: string | undefined): HandshakeRuling {
    const nowMs = this.#clock.nowMs();
    const share = network === undefined ? undefined : this.#shareOf(network, nowMs);
    if (share !== undefined && !share.has(nowMs)) return "over_share";
    if (!this.#all.has(nowMs)) return "over_budget";
    this.#all.take();
    share?.take();
    // What was refused by all is not remembered: so many networks as handshakes began at most.
    if (network !== undefined && share !== undefined) this.#remember(network, share);
    return "begins";
  }

  #shareOf(network: string, nowMs: number): Bucket {
    this.#turnPeriod(nowMs);
    return (
      this.#shares.get(network) ??
      this.#before.get(network) ??
      new Bucket(this.#sharePerSecond, this.#shareMost, nowMs)
    );
  }

  #remember(network: string, share: Bucket): void {
    const { networksMax } = TRANSPORT_LIMITS;
    if (this.#shares.size < networksMax || this.#shares.has(network)) {
      this.#shares.set(network, share);
    }
  }

  /** A share that was not used for a whole period is whole, and need not be remembered. */
  #turnPeriod(nowMs: number): void {
    if (nowMs < this.#periodEndsAtMs) return;
    const isLongOver = nowMs >= this.#periodEndsAtMs + this.#shareMs;
    this.#before = isLongOver ? new Map() : this.#shares;
    this.#shares = new Map();
    this.#periodEndsAtMs = nowMs + this.#shareMs;
  }
}

/** So many a second, and a number at once. */
class Bucket {
  readonly #perSecond: number;
  readonly #most: number;
  /** Fractional. */
  #left: number;
  #countedAtMs: number;

  constructor(perSecond: number, most: number, nowMs: number) {
    this.#perSecond = perSecond;
    this.#most = most;
    this.#left = most;
    this.#countedAtMs = nowMs;
  }

  has(nowMs: number): boolean {
    const earned = ((nowMs - this.#countedAtMs) * this.#perSecond) / 1000;
    this.#countedAtMs = nowMs;
    this.#left = Math.min(this.#most, this.#left + earned);
    return this.#left >= 1;
  }

  /** One of those that {@link has} told of. */
  take(): void {
    this.#left--;
  }
}
