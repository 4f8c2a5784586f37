import { keepNewest, type PlaneContext } from "./context.ts";
import { PLANE_LIMITS } from "./limits.ts";
import { type Refusal, refused } from "./outcome.ts";
import type { Fleet, GameProperty } from "./records.ts";

/** What a game session is created with; what is left out is empty. */
export interface GameSessionRequest {
  /** Id or ARN. */
  readonly fleetId: string;
  /** An Anywhere fleet's must be given; an EC2 fleet's home Region otherwise. */
  readonly location?: string;
  readonly maximumPlayerSessionCount: number;
  readonly name?: string;
  readonly gameProperties?: readonly GameProperty[];
  readonly gameSessionData?: string;
  readonly matchmakerData?: string;
  readonly creatorId?: string;
  /** The last part of the ARN; the same one again means the same game session. */
  readonly customId?: string;
}

/** When each creator's newest game sessions were created, and what was asked for those that are kept. */
export class GameSessionOrders {
  readonly #context: PlaneContext;
  /** By ARN, for those with a custom id. */
  readonly #requests = new Map<string, string>();
  /** Wall-clock times by fleet and creator; those out of the policy's period are dropped at the next look. */
  readonly #created = new Map<string, number[]>();

  constructor(context: PlaneContext) {
    this.#context = context;
  }

  /** The location is part of it where it is not the home Region. */
  arnFor({ fleetId }: Fleet, location: string, customId: string | undefined): string {
    const { region, uuid } = this.#context;
    const where = location === region ? fleetId : `${fleetId}/${location}`;
    return `arn:aws:gamelift:${region}::gamesession/${where}/${customId ?? `gsess-${uuid()}`}`;
  }

  isSame(gameSessionId: string, request: GameSessionRequest): boolean {
    return this.#requests.get(gameSessionId) === textOf(request);
  }

  wrong(fleet: Fleet, request: GameSessionRequest): Refusal | undefined {
    const { playerSessionsPerGameSessionMax: max } = PLANE_LIMITS;
    if (request.maximumPlayerSessionCount > max) {
      return refused("InvalidRequest", `MaximumPlayerSessionCount must be at most ${max}`);
    }
    const keys = (request.gameProperties ?? []).map(({ key }) => key);
    if (new Set(keys).size < keys.length) {
      return refused("InvalidRequest", "GameProperties: a key is there twice");
    }
    const policy = fleet.resourceCreationLimitPolicy;
    if (policy === undefined || request.creatorId === undefined) return undefined;
    const { newGameSessionsPerCreator, policyPeriodInMinutes } = policy;
    const times = this.#timesOf(fleet, request.creatorId, policyPeriodInMinutes);
    return times.length >= newGameSessionsPerCreator
      ? refused(
          "LimitExceeded",
          `CreatorId may create ${newGameSessionsPerCreator} game sessions in ${policyPeriodInMinutes} minutes`,
        )
      : undefined;
  }

  placed(fleet: Fleet, gameSessionId: string, request: GameSessionRequest): void {
    if (request.customId !== undefined) this.#requests.set(gameSessionId, textOf(request));
    const policy = fleet.resourceCreationLimitPolicy;
    if (policy === undefined || request.creatorId === undefined) return;
    const times = this.#timesOf(fleet, request.creatorId, policy.policyPeriodInMinutes);
    times.push(this.#context.clock.wallMs());
    const key = `${fleet.fleetId} ${request.creatorId}`;
    this.#created.delete(key);
    this.#created.set(key, times);
    keepNewest(this.#created, PLANE_LIMITS.creatorsKeptMax);
  }

  /** Creators who are remembered. */
  get creatorCount(): number {
    return this.#created.size;
  }

  forget(gameSessionId: string): void {
    this.#requests.delete(gameSessionId);
  }

  #timesOf(fleet: Fleet, creatorId: string, periodMinutes: number): number[] {
    const { clock, durations } = this.#context;
    const sinceMs = clock.wallMs() - durations.scaled(periodMinutes * 60_000);
    const key = `${fleet.fleetId} ${creatorId}`;
    const times = (this.#created.get(key) ?? []).filter((atMs) => atMs > sinceMs);
    if (times.length === 0) this.#created.delete(key);
    return times;
  }
}

function textOf(request: GameSessionRequest): string {
  return JSON.stringify(Object.entries(request).sort(([a], [b]) => (a < b ? -1 : 1)));
}
