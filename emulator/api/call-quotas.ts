import type { Clock } from "../clock.ts";
import { ACCOUNT_QUOTA, OPERATION_QUOTAS, type Quota } from "./limits.ts";

/** Fills at a steady rate and is emptied by calls. */
class TokenBucket {
  readonly #quota: Quota;
  readonly #clock: Clock;
  #tokens: number;
  #filledAtMs: number;

  constructor(quota: Quota, clock: Clock) {
    this.#quota = quota;
    this.#clock = clock;
    this.#tokens = this.#size;
    this.#filledAtMs = clock.nowMs();
  }

  get #size(): number {
    return this.#quota.burst ?? this.#quota.perSecond;
  }

  take(): boolean {
    const nowMs = this.#clock.nowMs();
    const gained = ((nowMs - this.#filledAtMs) / 1_000) * this.#quota.perSecond;
    this.#tokens = Math.min(this.#size, this.#tokens + gained);
    this.#filledAtMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}

/** How often an account may call. */
export class CallQuotas {
  readonly #account: TokenBucket;
  readonly #operations: ReadonlyMap<string, TokenBucket>;

  constructor(clock: Clock) {
    this.#account = new TokenBucket(ACCOUNT_QUOTA, clock);
    this.#operations = new Map(
      Object.entries(OPERATION_QUOTAS).map(([name, quota]) => [
        name,
        new TokenBucket(quota, clock),
      ]),
    );
  }

  /** Counts a call. @returns Why it is one too many. */
  exceeded(operation: string): string | undefined {
    if (this.#operations.get(operation)?.take() === false) {
      return `Rate exceeded: ${operation} has ${OPERATION_QUOTAS[operation]?.perSecond} calls per second`;
    }
    if (this.#account.take()) return undefined;
    return `Rate exceeded: an account has ${ACCOUNT_QUOTA.perSecond} calls per second`;
  }
}
