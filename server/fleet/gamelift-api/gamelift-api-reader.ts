import { type Clock, sleep } from "../../clock.ts";
import type { GameSessionReader, PlayerSession, PlayerSessionStatus } from "../fleet.ts";
import type { ApiClient, DescribeAnswer, DescribeRequest } from "./api-client.ts";
import { ApiFailure, apiFailure, toServerError } from "./api-failure.ts";
import type { CallBudget } from "./call-budget.ts";
import { exactRecords } from "./exact-records.ts";
import { GAMELIFT_API_LIMITS } from "./limits.ts";

/**
 * An id of the right form that no player session has. To such a question the service answers NotFoundException, as the
 * smoke tests of AWS's own SDKs expect; a constant is easy to tell from real ones in AWS's logs.
 */
const NOBODY = "psess-00000000-0000-0000-0000-000000000000";

export interface GameLiftApiReaderOptions {
  readonly client: ApiClient;
  readonly clock: Clock;
  /** This process's share of the account's quota; shared with whatever else calls the API here. */
  readonly budget: CallBudget;
  /** Calls in a second on the long run. */
  readonly callsPerSecond: number;
  /** Describes player sessions of this status alone, which takes fewer pages; all unless given. */
  readonly onlyStatus?: PlayerSessionStatus;
  /** Spreads second tries, 0 <= x < 1. */
  readonly random: () => number;
}

/** Reads who may play through Amazon GameLift's API, which can neither accept nor remove anybody. */
export class GameLiftApiReader implements GameSessionReader, Disposable {
  readonly descriptionsPerSecond: number;
  readonly #options: GameLiftApiReaderOptions;
  readonly #closed = new AbortController();
  #asksForWholePages = true;

  constructor(options: GameLiftApiReaderOptions) {
    this.#options = options;
    this.descriptionsPerSecond = options.callsPerSecond;
  }

  /**
   * Describes the player sessions of one game session, all pages of them. A game session that the service does not know
   * has none.
   * @throws GameServerError FLEET_API_DENIED when the service refuses the credentials or the action, FLEET_UNREACHABLE
   *   when there is no whole answer for any other reason, or `signal` aborted. Neither names an id.
   */
  async playerSessions(
    gameSessionId: string,
    signal: AbortSignal,
  ): Promise<readonly PlayerSession[]> {
    try {
      return exactRecords(await this.#described(gameSessionId, signal), gameSessionId);
    } catch (cause) {
      if (isKind(cause, "not_found")) return [];
      throw toServerError(cause);
    }
  }

  /**
   * Proves by one call, of a player session that nobody has, that this process may describe player sessions.
   * @throws GameServerError FLEET_API_DENIED when it may not or has no credentials, FLEET_UNREACHABLE when nobody said so.
   */
  async proveAccess(signal: AbortSignal): Promise<void> {
    try {
      await this.#options.client.findCredentials(this.#andOpen(signal));
      await this.#call({ PlayerSessionId: NOBODY }, signal);
    } catch (cause) {
      if (isKind(cause, "not_found")) return;
      throw toServerError(cause);
    }
  }

  /** Gives up what is under way and lets go of all connections. */
  [Symbol.dispose](): void {
    this.#closed.abort();
    this.#options.client.close();
  }

  /** The API's model names no longest page. Should the service have one, its own length will have to do. */
  async #described(gameSessionId: string, signal: AbortSignal): Promise<readonly unknown[]> {
    const { onlyStatus } = this.#options;
    const request: DescribeRequest = {
      GameSessionId: gameSessionId,
      ...(onlyStatus !== undefined && { PlayerSessionStatusFilter: onlyStatus }),
    };
    const Limit = GAMELIFT_API_LIMITS.pageRecordsMax;
    if (!this.#asksForWholePages) return this.#allPages(request, signal);
    try {
      return await this.#allPages({ ...request, Limit }, signal);
    } catch (cause) {
      if (!isKind(cause, "invalid")) throw cause;
      this.#asksForWholePages = false;
      return this.#allPages(request, signal);
    }
  }

  async #allPages(first: DescribeRequest, signal: AbortSignal): Promise<readonly unknown[]> {
    const described: unknown[] = [];
    let token: string | undefined;
    for (let page = 0; page < GAMELIFT_API_LIMITS.pagesMax; page++) {
      const request = token === undefined ? first : { ...first, NextToken: token };
      const answer = await this.#call(request, signal);
      described.push(...recordsOf(answer));
      const next = tokenOf(answer);
      if (next === undefined) return described;
      if (next === token) throw new ApiFailure("unusable", "one page leads to itself");
      token = next;
    }
    throw new ApiFailure("unusable", `more than ${GAMELIFT_API_LIMITS.pagesMax} pages`);
  }

  /** One call, and a second try if that may help. */
  async #call(request: DescribeRequest, signal: AbortSignal): Promise<DescribeAnswer> {
    const { budget, clock, random } = this.#options;
    const open = this.#andOpen(signal);
    for (let tries = 1; ; tries++) {
      if (open.aborted) throw new ApiFailure("silent", "no answer in time");
      if (!(await budget.take(open))) {
        throw new ApiFailure("over_budget", "FLEETROOM_API_CALLS_PER_S left no call for it");
      }
      try {
        return await this.#inTime(request, open);
      } catch (cause) {
        const failure = apiFailure(cause, undefined);
        if (!failure.isPassing || tries === GAMELIFT_API_LIMITS.triesMax) throw failure;
      }
      await sleep(clock, GAMELIFT_API_LIMITS.retryRestMs * (0.5 + random()), open);
    }
  }

  async #inTime(request: DescribeRequest, signal: AbortSignal): Promise<DescribeAnswer> {
    const { client, clock } = this.#options;
    const deadline = new AbortController();
    const cancel = clock.after(GAMELIFT_API_LIMITS.callTimeoutMs, () => deadline.abort());
    try {
      return await client.describe(request, AbortSignal.any([deadline.signal, signal]));
    } finally {
      cancel();
    }
  }

  #andOpen(signal: AbortSignal): AbortSignal {
    return AbortSignal.any([signal, this.#closed.signal]);
  }
}

function isKind(cause: unknown, kind: ApiFailure["kind"]): boolean {
  return cause instanceof ApiFailure && cause.kind === kind;
}

/** Absent members are empty ones; anything else of another form is no answer. */
function recordsOf({ PlayerSessions }: DescribeAnswer): readonly unknown[] {
  if (PlayerSessions === undefined || PlayerSessions === null) return [];
  if (Array.isArray(PlayerSessions)) return PlayerSessions;
  throw new ApiFailure("unusable", "the answer is of another form");
}

function tokenOf({ NextToken }: DescribeAnswer): string | undefined {
  if (NextToken === undefined || NextToken === null || NextToken === "") return undefined;
  const isToken =
    typeof NextToken === "string" && NextToken.length <= GAMELIFT_API_LIMITS.nextTokenCharsMax;
  if (isToken) return NextToken;
  throw new ApiFailure("unusable", "the answer is of another form");
}
