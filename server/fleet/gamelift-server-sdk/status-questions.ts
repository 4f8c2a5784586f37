import { GameLiftError, GameLiftErrorName } from "./errors.ts";
import type { SdkClock } from "./sdk-clock.ts";
import type {
  DescribePlayerSessionsRequest,
  PlayerSession,
  PlayerSessionsPage,
} from "./session-types.ts";

/** Time between two questions: the service allows a process five descriptions a second for everything. */
const QUESTION_INTERVAL_MS = 1_000;
const PAGE_LIMIT = 1_024;
/** Far beyond what one match can have seen: a service that always names a next page is not followed for ever. */
const PAGES_MAX = 64;

type Describe = (request: DescribePlayerSessionsRequest) => Promise<PlayerSessionsPage>;

/**
 * Asks what has become of player sessions. All who ask before a question is put share it, because an outage makes many
 * ask at once.
 */
export class StatusQuestions {
  readonly #clock: SdkClock;
  readonly #describe: Describe;
  readonly #gameSessionId: () => string;
  #askers = new Set<string>();
  #next: Promise<ReadonlyMap<string, PlayerSession["status"]>> | undefined;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(clock: SdkClock, describe: Describe, gameSessionId: () => string) {
    this.#clock = clock;
    this.#describe = describe;
    this.#gameSessionId = gameSessionId;
  }

  /** As it is at some moment after this call. `undefined` for an unknown one. @throws GameLiftError */
  async statusOf(playerSessionId: string): Promise<PlayerSession["status"] | undefined> {
    this.#askers.add(playerSessionId);
    this.#next ??= this.#ask();
    return (await this.#next).get(playerSessionId);
  }

  async #ask(): Promise<ReadonlyMap<string, PlayerSession["status"]>> {
    const waitMs = Math.max(0, this.#lastMs + QUESTION_INTERVAL_MS - this.#clock.nowMs());
    await new Promise<void>((resolve) => this.#clock.after(waitMs, resolve));
    const [only, ...others] = this.#askers;
    this.#askers = new Set();
    this.#next = undefined;
    this.#lastMs = this.#clock.nowMs();
    if (only !== undefined && others.length === 0) return this.#pages({ playerSessionId: only });
    return this.#pages({ gameSessionId: this.#gameSessionId(), limit: PAGE_LIMIT });
  }

  async #pages(
    request: DescribePlayerSessionsRequest,
  ): Promise<ReadonlyMap<string, PlayerSession["status"]>> {
    const statuses = new Map<string, PlayerSession["status"]>();
    let nextToken: string | undefined;
    for (let pages = 0; pages < PAGES_MAX; pages++) {
      const page = await this.#describe({ ...request, ...(nextToken && { nextToken }) });
      for (const { playerSessionId, status } of page.playerSessions) {
        statuses.set(playerSessionId, status);
      }
      nextToken = page.nextToken;
      if (nextToken === undefined) return statuses;
    }
    const message = `DescribePlayerSessions named a next page ${PAGES_MAX} times`;
    throw new GameLiftError(GameLiftErrorName.InternalService, message);
  }
}
