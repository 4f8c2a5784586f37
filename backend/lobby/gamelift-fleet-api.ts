import {
  CreatePlayerSessionsCommand,
  DescribeGameSessionPlacementCommand,
  DescribeGameSessionQueuesCommand,
  DescribeGameSessionsCommand,
  DescribePlayerSessionsCommand,
  GameLiftClient,
  SearchGameSessionsCommand,
  StartGameSessionPlacementCommand,
  StopGameSessionPlacementCommand,
} from "@aws-sdk/client-gamelift";
import { call, isRefusal } from "./call.ts";
import type { Clock } from "./clock.ts";
import {
  type FleetApi,
  FleetApiError,
  type GameSessionRecord,
  type Placement,
  type PlacementRequest,
  type Player,
  type PlayerSessionRecord,
  type Seat,
} from "./fleet-api.ts";
import { LOBBY_LIMITS } from "./limits.ts";
import { gameSessionOf, placementOf, playerSessionOf, propertiesFor, seatOf } from "./records.ts";

export interface GameLiftFleetApiOptions {
  readonly region: string;
  /** `undefined` for the Region's own. */
  readonly endpointUrl: string | undefined;
  /** Name or ARN of a game session queue. */
  readonly queue: string;
  readonly clock: Clock;
}

/** The game session is not what the call needs it to be: full, closed, over, or not there any more. */
const NO_SEAT = [
  "GameSessionFullException",
  "InvalidGameSessionStatusException",
  "NotFoundException",
] as const;

/** The lobby's calls over Amazon GameLift's API. Credentials are found by the AWS SDK, as it always does. */
export class GameLiftFleetApi implements FleetApi {
  readonly #client: GameLiftClient;
  readonly #queue: string;
  readonly #region: string;
  readonly #clock: Clock;
  #destinations: { readonly arns: readonly string[]; readonly untilMs: number } | undefined;

  constructor(options: GameLiftFleetApiOptions) {
    const { region, endpointUrl, queue, clock } = options;
    this.#queue = queue;
    this.#region = region;
    this.#clock = clock;
    this.#client = new GameLiftClient({
      region,
      // A reservation that is sent twice takes two seats: whoever waits asks again by himself.
      maxAttempts: 1,
      retryMode: "standard",
      defaultsMode: "standard",
      ...(endpointUrl !== undefined && { endpoint: endpointUrl }),
    });
  }

  async openGameSessions(): Promise<readonly GameSessionRecord[]> {
    const found: GameSessionRecord[] = [];
    for (const arn of await this.#queueDestinations()) {
      for await (const { GameSessions } of this.#search(arn)) {
        found.push(...(GameSessions ?? []).map(gameSessionOf));
      }
    }
    return found.filter(({ phase, room }) => phase === "active" && room > 0);
  }

  async gameSession(gameSessionId: string): Promise<GameSessionRecord | undefined> {
    try {
      const command = new DescribeGameSessionsCommand({ GameSessionId: gameSessionId });
      const { GameSessions } = await this.#call("DescribeGameSessions", (options) =>
        this.#client.send(command, options),
      );
      return GameSessions?.map(gameSessionOf)[0];
    } catch (error) {
      if (isRefusal(error, "NotFoundException")) return undefined;
      throw error;
    }
  }

  async reserve(
    gameSessionId: string,
    players: readonly Player[],
  ): Promise<readonly Seat[] | undefined> {
    const command = new CreatePlayerSessionsCommand({
      GameSessionId: gameSessionId,
      PlayerIds: players.map(({ playerId }) => playerId),
      PlayerDataMap: Object.fromEntries(
        players.map(({ playerId, playerData }) => [playerId, playerData]),
      ),
    });
    try {
      const { PlayerSessions } = await this.#call("CreatePlayerSessions", (options) =>
        this.#client.send(command, options),
      );
      return (PlayerSessions ?? []).map(seatOf);
    } catch (error) {
      if (isRefusal(error, ...NO_SEAT)) return undefined;
      throw error;
    }
  }

  async place(request: PlacementRequest): Promise<void> {
    const command = new StartGameSessionPlacementCommand({
      PlacementId: request.placementId,
      GameSessionQueueName: this.#queue,
      MaximumPlayerSessionCount: request.playersMax,
      GameProperties: propertiesFor(request.gameProperties),
      DesiredPlayerSessions: request.players.map(({ playerId, playerData }) => ({
        PlayerId: playerId,
        PlayerData: playerData,
      })),
    });
    await this.#call("StartGameSessionPlacement", (options) => this.#client.send(command, options));
  }

  async placement(placementId: string): Promise<Placement> {
    const command = new DescribeGameSessionPlacementCommand({ PlacementId: placementId });
    const answer = await this.#call("DescribeGameSessionPlacement", (options) =>
      this.#client.send(command, options),
    );
    return placementOf(answer.GameSessionPlacement ?? {});
  }

  async cancelPlacement(placementId: string): Promise<void> {
    const command = new StopGameSessionPlacementCommand({ PlacementId: placementId });
    try {
      await this.#call("StopGameSessionPlacement", (options) =>
        this.#client.send(command, options),
      );
    } catch (error) {
      // It has found a game session meanwhile, or is forgotten: either way there is nothing left to stop.
      if (!isRefusal(error, "InvalidRequestException", "NotFoundException")) throw error;
    }
  }

  async playerSessionsOf(playerId: string): Promise<readonly PlayerSessionRecord[]> {
    const found: PlayerSessionRecord[] = [];
    let next: string | undefined;
    for (let page = 0; page < LOBBY_LIMITS.pagesMax; page++) {
      const command = new DescribePlayerSessionsCommand({
        PlayerId: playerId,
        Limit: LOBBY_LIMITS.playerSessionPageMax,
        ...(next !== undefined && { NextToken: next }),
      });
      try {
        const answer = await this.#call("DescribePlayerSessions", (options) =>
          this.#client.send(command, options),
        );
        found.push(...(answer.PlayerSessions ?? []).map(playerSessionOf));
        next = answer.NextToken;
      } catch (error) {
        // A player of whom the fleet knows nothing has never been in a game session.
        if (isRefusal(error, "NotFoundException")) return [];
        throw error;
      }
      if (next === undefined) break;
    }
    return found;
  }

  close(): void {
    this.#client.destroy();
  }

  #call<Answer>(
    operation: string,
    send: (options: { abortSignal: AbortSignal }) => Promise<Answer>,
  ): Promise<Answer> {
    return call(this.#clock, operation, send);
  }

  async *#search(arn: string) {
    const where = arn.includes(":alias/") ? { AliasId: arn } : { FleetId: arn };
    let next: string | undefined;
    for (let page = 0; page < LOBBY_LIMITS.pagesMax; page++) {
      const command = new SearchGameSessionsCommand({
        ...where,
        FilterExpression: "hasAvailablePlayerSessions=true",
        Limit: LOBBY_LIMITS.searchPageMax,
        ...(next !== undefined && { NextToken: next }),
      });
      const answer = await this.#call("SearchGameSessions", (options) =>
        this.#client.send(command, options),
      );
      yield answer;
      next = answer.NextToken;
      if (next === undefined) return;
    }
  }

  /** Fleets and aliases of the queue, as far as this Region's API can search them. */
  async #queueDestinations(): Promise<readonly string[]> {
    const nowMs = this.#clock.nowMs();
    if (this.#destinations !== undefined && nowMs < this.#destinations.untilMs) {
      return this.#destinations.arns;
    }
    const operation = "DescribeGameSessionQueues";
    const command = new DescribeGameSessionQueuesCommand({ Names: [this.#queue] });
    const { GameSessionQueues } = await this.#call(operation, (options) =>
      this.#client.send(command, options),
    );
    const [queue] = GameSessionQueues ?? [];
    if (queue === undefined) {
      throw new FleetApiError(
        { operation, fault: "NotFoundException", mayPass: false },
        `there is no game session queue ${this.#queue} in ${this.#region}`,
      );
    }
    const arns = (queue.Destinations ?? []).flatMap(({ DestinationArn }) => DestinationArn ?? []);
    const here = arns.filter((arn) => arn.split(":")[3] === this.#region);
    this.#destinations = { arns: here, untilMs: nowMs + LOBBY_LIMITS.destinationsKeptMs };
    return here;
  }
}
