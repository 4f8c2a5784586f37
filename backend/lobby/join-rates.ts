import type { Clock } from "./clock.ts";
import { LOBBY_LIMITS } from "./limits.ts";
import type { RefusalCode } from "./refusals.ts";

interface Bucket {
  /** Joins that may begin at once. */
  joins: number;
  filledAtMs: number;
  /** Joins that wait for their answer. */
  waiting: number;
}

/** How many joins each network may make. The limit refills steadily, so at no edge of a minute does it begin anew. */
export class JoinRates {
  readonly #clock: Clock;
  readonly #perMinute: number;
  /** The one that was quiet longest comes first. */
  readonly #buckets = new Map<string, Bucket>();

  /** @param perMinute - Of one network, and as many at one moment. */
  constructor(clock: Clock, perMinute: number) {
    this.#clock = clock;
    this.#perMinute = perMinute;
  }

  /** @returns Why a join may not begin; `undefined` when it may, and then {@link end} must follow. */
  begin(network: string): RefusalCode | undefined {
    const bucket = this.#bucketOf(network);
    if (bucket.waiting >= LOBBY_LIMITS.waitingPerNetworkMax) return "too_many_waiting";
    if (bucket.joins < 1) return "too_many_requests";
    bucket.joins--;
    bucket.waiting++;
    return undefined;
  }

  end(network: string): void {
    const bucket = this.#buckets.get(network);
    if (bucket !== undefined) bucket.waiting--;
  }

  #bucketOf(network: string): Bucket {
    const nowMs = this.#clock.nowMs();
    const known = this.#buckets.get(network);
    const bucket = known ?? { joins: this.#perMinute, filledAtMs: nowMs, waiting: 0 };
    const refilled = ((nowMs - bucket.filledAtMs) / 60_000) * this.#perMinute;
    bucket.joins = Math.min(this.#perMinute, bucket.joins + refilled);
    bucket.filledAtMs = nowMs;
    this.#buckets.delete(network);
    this.#buckets.set(network, bucket);
    if (this.#buckets.size > LOBBY_LIMITS.networksMax) this.#forgetOne();
    return bucket;
  }

  #forgetOne(): void {
    for (const [network, { waiting }] of this.#buckets) {
      if (waiting > 0) continue;
      this.#buckets.delete(network);
      return;
    }
  }
}
