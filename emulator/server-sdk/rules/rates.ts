import { SERVICE_LIMITS } from "../limits.ts";
import type { Action } from "./shapes.ts";

export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

const SELDOM: Rate = { burst: 3, perSecond: 0.1 };
const ONE: Rate = { burst: 3, perSecond: 1 };

/** "Server SDK API limits", for each server process; actions without a line are not limited. */
export const DOCUMENTED_RATES: Readonly<Partial<Record<Action | "InitSDK", Rate>>> = {
  InitSDK: SELDOM,
  ActivateServerProcess: ONE,
  ActivateGameSession: ONE,
  TerminateServerProcess: ONE,
  StartMatchBackfill: ONE,
  StopMatchBackfill: ONE,
  // These two for each player.
  AcceptPlayerSession: ONE,
  RemovePlayerSession: ONE,
  DescribePlayerSessions: { burst: 10, perSecond: 5 },
  GetComputeCertificate: SELDOM,
  GetFleetRoleCredentials: SELDOM,
};

interface Bucket {
  tokens: number;
  atMs: number;
  readonly rate: Rate;
}

/** Token buckets by the documentation. */
export class DocumentedRates {
  readonly #buckets = new Map<string, Bucket>();

  /** At most `rateBucketsMax`. */
  get bucketCount(): number {
    return this.#buckets.size;
  }

  /**
   * Takes one call.
   * @param who - Whom the rate counts for beside the action: a process, a player. `""` for one.
   * @returns False when there is none left.
   */
  take(action: Action | "InitSDK", who: string, nowMs: number): boolean {
    const rate = DOCUMENTED_RATES[action];
    if (rate === undefined) return true;
    const key = `${action} ${who}`;
    const bucket = this.#buckets.get(key) ?? this.#opened(key, rate, nowMs);
    const filled = tokensOf(bucket, nowMs);
    const isAllowed = filled >= 1;
    bucket.tokens = isAllowed ? filled - 1 : filled;
    bucket.atMs = nowMs;
    return isAllowed;
  }

  #opened(key: string, rate: Rate, nowMs: number): Bucket {
    if (this.#buckets.size >= SERVICE_LIMITS.rateBucketsMax) this.#sweep(nowMs);
    const bucket = { tokens: rate.burst, atMs: nowMs, rate };
    this.#buckets.set(key, bucket);
    return bucket;
  }

  /** A full bucket is as good as none. Where all are in use the oldest goes. */
  #sweep(nowMs: number): void {
    for (const [key, bucket] of this.#buckets) {
      if (tokensOf(bucket, nowMs) >= bucket.rate.burst) this.#buckets.delete(key);
    }
    if (this.#buckets.size < SERVICE_LIMITS.rateBucketsMax) return;
    const [oldest = ""] = this.#buckets.keys();
    this.#buckets.delete(oldest);
  }
}

function tokensOf({ tokens, atMs, rate }: Bucket, nowMs: number): number {
  return Math.min(rate.burst, tokens + ((nowMs - atMs) * rate.perSecond) / 1_000);
}
