import type { Action } from "./shapes.ts";

interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

const SELDOM: Rate = { burst: 3, perSecond: 0.1 };
const ONE: Rate = { burst: 3, perSecond: 1 };

/** "Server SDK API limits", for each server process; actions without a line are not limited. */
const DOCUMENTED: Readonly<Partial<Record<Action | "InitSDK", Rate>>> = {
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
}

/** Token buckets by the documentation. */
export class DocumentedRates {
  readonly #buckets = new Map<string, Bucket>();

  /**
   * Takes one call.
   * @param who - The process, and the player where it counts for each.
   * @returns False when there is none left.
   */
  take(action: Action | "InitSDK", who: string, nowMs: number): boolean {
    const rate = DOCUMENTED[action];
    if (rate === undefined) return true;
    const key = `${action} ${who}`;
    const { tokens, atMs } = this.#buckets.get(key) ?? { tokens: rate.burst, atMs: nowMs };
    const filled = Math.min(rate.burst, tokens + ((nowMs - atMs) * rate.perSecond) / 1_000);
    const isAllowed = filled >= 1;
    this.#buckets.set(key, { tokens: isAllowed ? filled - 1 : filled, atMs: nowMs });
    return isAllowed;
  }
}
