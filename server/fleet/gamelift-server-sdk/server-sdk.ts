import { randomUUID } from "node:crypto";
import {
  checkDescription,
  checkProcess,
  checkStartOfBackfill,
  checkStopOfBackfill,
} from "./call-checks.ts";
import { SDK_LANGUAGE, SDK_VERSION } from "./connect-url.ts";
import type { Dial } from "./connection.ts";
import { type ContainerNetworkInfo, listContainersNetworkInfo } from "./container-endpoints.ts";
import { GameLiftError, GameLiftErrorName } from "./errors.ts";
import { ACCEPTED, KnownOutcomes, type OutcomeOptions, REMOVED } from "./known-outcome.ts";
import { SDK_LIMITS } from "./limits.ts";
import { ProcessLife } from "./process-life.ts";
import type { Call } from "./request-table.ts";
import { RoleCredentials } from "./role-credentials.ts";
import { type SdkClock, systemClock } from "./sdk-clock.ts";
import { type ProcessIdentity, resolveIdentity, type ServerParameters } from "./sdk-environment.ts";
import type { LocalFetch, SdkEnvironment } from "./sdk-outside.ts";
import type { ProcessParameters, SdkEvent } from "./server-callbacks.ts";
import { ServiceChannel } from "./service-channel.ts";
import {
  readComputeCertificate,
  readFleetRoleCredentials,
  readPlayerSessionsPage,
} from "./service-messages.ts";
import type {
  ComputeCertificate,
  DescribePlayerSessionsRequest,
  FleetRoleCredentials,
  PlayerSessionsPage,
  StartMatchBackfillRequest,
  StopMatchBackfillRequest,
} from "./session-types.ts";
import { StatusQuestions } from "./status-questions.ts";
import { checkAll, checkOneOf, checkText } from "./validation.ts";
import { textMember } from "./wire-members.ts";

const ROLE_SESSION_NAME_CHARS_MAX = 64;

/** Everything but `environment` is for tests and for unusual hosts. */
export interface ServerSdkOptions {
  /** Usually the process's own; its values win over the parameters. Empty unless given. */
  readonly environment?: SdkEnvironment;
  readonly onEvent?: (event: SdkEvent) => void;
  readonly clock?: SdkClock;
  /** 0 <= x < 1 */
  readonly random?: () => number;
  /** A UUID. */
  readonly newId?: () => string;
  readonly dial?: Dial;
  readonly fetch?: LocalFetch;
  /** Ends the process after a termination that nobody handles. */
  readonly exit?: (code: number) => void;
}

/**
 * One process's connection to Amazon GameLift Servers. Its life: {@link initSdk}, {@link processReady}, a game session
 * that is activated and played, {@link processEnding}, {@link destroy}, exit within 30 s.
 *
 * Every call rejects with a {@link GameLiftError}; its `name` says why.
 */
export class ServerSdk {
  readonly #identity: ProcessIdentity;
  readonly #options: ServerSdkOptions;
  readonly #channel: ServiceChannel;
  readonly #life: ProcessLife;
  readonly #credentials: RoleCredentials;
  readonly #outcomes: KnownOutcomes;

  private constructor(identity: ProcessIdentity, options: ServerSdkOptions) {
    const { clock = systemClock, random = Math.random, newId = randomUUID, dial } = options;
    const onEvent = (event: SdkEvent) => options.onEvent?.(event);
    this.#identity = identity;
    this.#options = options;
    this.#life = new ProcessLife({
      clock,
      random,
      onEvent,
      fleetId: identity.fleetId,
      report: (isHealthy) => this.#report(isHealthy),
      isConnected: () => this.isConnected,
      endByItself: () => this.#endByItself(),
    });
    this.#channel = new ServiceChannel(
      identity,
      { clock, random, newId, dial },
      {
        onPush: (action, message) => this.#life.pushed(action, message),
        onOpen: () => this.#life.opened(),
        onDead: () => this.#life.end(),
        onEvent,
      },
    );
    this.#credentials = new RoleCredentials(clock, (roleArn, sessionName) =>
      this.#fetchCredentials(roleArn, sessionName),
    );
    const questions = new StatusQuestions(
      clock,
      (request) => this.describePlayerSessions(request),
      () => this.gameSessionId,
    );
    this.#outcomes = new KnownOutcomes((playerSessionId) => questions.statusOf(playerSessionId));
  }

  /**
   * Connects this process to the service; nothing is said yet. Without parameters the environment names everything.
   * Takes up to three minutes when the service does not answer.
   * @throws GameLiftError Validation with everything that is wrong; WebsocketConnectFailure when the service refuses
   *   the token or the ids; LocalConnectionFailed after the last try.
   */
  static async initSdk(
    parameters: ServerParameters = {},
    options: ServerSdkOptions = {},
  ): Promise<ServerSdk> {
    const { environment = {}, fetch = globalThis.fetch, newId = randomUUID } = options;
    const identity = await resolveIdentity(parameters, environment, { fetch, newId });
    const sdk = new ServerSdk(identity, options);
    await sdk.#channel.connect();
    return sdk;
  }

  get fleetId(): string {
    return this.#identity.fleetId;
  }

  get hostId(): string {
    return this.#identity.hostId;
  }

  get processId(): string {
    return this.#identity.processId;
  }

  /** Whether a call would go out at once. */
  get isConnected(): boolean {
    return this.#channel.isOpen;
  }

  /** The game session that was placed here. @throws GameLiftError GameSessionIdNotSet */
  get gameSessionId(): string {
    const id = this.#life.gameSessionId;
    if (id !== undefined) return id;
    throw new GameLiftError(GameLiftErrorName.GameSessionIdNotSet, "no game session came yet");
  }

  /** Milliseconds since 1970 until which the process must have ended. @throws GameLiftError TerminationTimeNotSet */
  get terminationTimeMs(): number {
    const timeMs = this.#life.terminationTimeMs;
    if (timeMs !== undefined) return timeMs;
    throw new GameLiftError(GameLiftErrorName.TerminationTimeNotSet, "no termination came yet");
  }

  /** Says that the process can host a game session, and reports its health from now on. Within 5 minutes of initSdk. */
  async processReady(parameters: ProcessParameters): Promise<void> {
    checkProcess(parameters);
    this.#checkNotEnded();
    this.#life.getReady(parameters);
    const { tool } = this.#identity;
    const members = {
      SdkVersion: SDK_VERSION,
      SdkLanguage: SDK_LANGUAGE,
      SdkToolName: tool?.name,
      SdkToolVersion: tool?.version,
      Port: parameters.port,
      LogPaths: parameters.logPaths,
    };
    try {
      const onAnswer = () => this.#life.becameReady();
      await this.#channel.ask("ActivateServerProcess", members, onAnswer);
    } catch (error) {
      this.#life.notReady();
      throw error;
    }
  }

  /** Says that players may come. Within the fleet's activation timeout of `onStartGameSession`. */
  async activateGameSession(): Promise<void> {
    await this.#channel.ask("ActivateGameSession", this.#gameSession());
  }

  /** Opens or closes the game session to new player sessions. */
  async updatePlayerSessionCreationPolicy(policy: "ACCEPT_ALL" | "DENY_ALL"): Promise<void> {
    checkOneOf("policy", policy, ["ACCEPT_ALL", "DENY_ALL"]);
    const members = { ...this.#gameSession(), PlayerSessionPolicy: policy };
    await this.#channel.ask("UpdatePlayerSessionCreationPolicy", members);
  }

  /**
   * Seats a player: RESERVED becomes ACTIVE. It is sent once; where its answer is lost the service is asked what is so.
   * @throws GameLiftError whose `isOutcomeUnknown` says whether the player may be seated nevertheless.
   */
  async acceptPlayerSession(playerSessionId: string, options: OutcomeOptions = {}): Promise<void> {
    const begin = this.#playerSessionCall("AcceptPlayerSession", playerSessionId);
    await this.#outcomes.make(playerSessionId, ACCEPTED, begin, options);
  }

  /** Frees a player's place: ACTIVE becomes COMPLETED. Otherwise as {@link acceptPlayerSession}. */
  async removePlayerSession(playerSessionId: string, options: OutcomeOptions = {}): Promise<void> {
    const begin = this.#playerSessionCall("RemovePlayerSession", playerSessionId);
    await this.#outcomes.make(playerSessionId, REMOVED, begin, options);
  }

  /** One page of player sessions, by exactly one of the three ids. */
  async describePlayerSessions(
    request: DescribePlayerSessionsRequest,
  ): Promise<PlayerSessionsPage> {
    checkDescription(request);
    const members = {
      GameSessionId: request.gameSessionId,
      PlayerSessionId: request.playerSessionId,
      PlayerId: request.playerId,
      PlayerSessionStatusFilter: request.playerSessionStatusFilter,
      NextToken: request.nextToken,
      Limit: request.limit,
    };
    const answer = await this.#channel.ask("DescribePlayerSessions", members);
    return readPlayerSessionsPage(answer);
  }

  /** Asks the matchmaker for more players; one ticket for a game session at a time. @returns The ticket's id. */
  async startMatchBackfill(request: StartMatchBackfillRequest): Promise<string> {
    checkStartOfBackfill(request);
    const members = {
      TicketId: request.ticketId || undefined,
      GameSessionArn: request.gameSessionArn,
      MatchmakingConfigurationArn: request.matchmakingConfigurationArn,
      Players: request.players.map((player) => ({
        PlayerId: player.playerId,
        Team: player.team,
        PlayerAttributes: player.playerAttributes ?? {},
        LatencyInMs: player.latencyInMs ?? {},
      })),
    };
    // A ticket without an id of ours would be opened twice.
    const isRepeatable = members.TicketId !== undefined;
    const { answer } = this.#channel.begin("StartMatchBackfill", members, { isRepeatable });
    return textMember(await answer, "TicketId");
  }

  async stopMatchBackfill(request: StopMatchBackfillRequest): Promise<void> {
    checkStopOfBackfill(request);
    const members = {
      GameSessionArn: request.gameSessionArn,
      MatchmakingConfigurationArn: request.matchmakingConfigurationArn,
      TicketId: request.ticketId,
    };
    await this.#channel.ask("StopMatchBackfill", members);
  }

  /** Where this host keeps the fleet's TLS certificate. */
  async getComputeCertificate(): Promise<ComputeCertificate> {
    const answer = await this.#channel.ask("GetComputeCertificate", {});
    return readComputeCertificate(answer);
  }

  /**
   * Temporary credentials of a role, on managed fleets. Kept until less than 15 minutes of them are left.
   * @throws GameLiftError BadRequest where the fleet is not a managed one.
   */
  async getFleetRoleCredentials(request: {
    readonly roleArn: string;
    /** Made of fleet and host unless given. */
    readonly roleSessionName?: string;
  }): Promise<FleetRoleCredentials> {
    const { fleetId, hostId } = this.#identity;
    const roleSessionName =
      request.roleSessionName ??
      `${fleetId}-${hostId}`.replaceAll("/", "-").slice(0, ROLE_SESSION_NAME_CHARS_MAX);
    checkAll([
      () => checkText("roleArn", "roleArn", request.roleArn),
      () => checkText("roleSessionName", "roleSessionName", roleSessionName),
    ]);
    return this.#credentials.get(request.roleArn, roleSessionName);
  }

  /** The containers of this instance and their addresses. @throws GameLiftError UnsupportedComputeType elsewhere. */
  async listContainersNetworkInfo(): Promise<readonly ContainerNetworkInfo[]> {
    if (!this.#identity.isContainer) {
      const message = "only a managed container has neighbours to list";
      throw new GameLiftError(GameLiftErrorName.UnsupportedComputeType, message);
    }
    const { environment = {}, fetch = globalThis.fetch } = this.#options;
    return listContainersNetworkInfo(environment, fetch);
  }

  /**
   * Says that the process is about to end. The connection stays; then {@link destroy}, and exit within 30 s.
   * @throws GameLiftError ProcessEndingFailed; it may be called again.
   */
  async processEnding(): Promise<void> {
    this.#checkNotEnded();
    try {
      await this.#channel.ask("TerminateServerProcess", {});
    } catch (cause) {
      const message = "the service was not told that the process ends";
      throw new GameLiftError(GameLiftErrorName.ProcessEndingFailed, message, { cause });
    }
    this.#life.end();
  }

  /** Closes the connection for good. What still waits for an answer rejects. */
  destroy(): void {
    this.#life.end();
    this.#channel.close(destroyed());
  }

  #playerSessionCall(action: string, playerSessionId: string): () => Call {
    checkText("acceptedPlayerSessionId", "playerSessionId", playerSessionId);
    const members = { ...this.#gameSession(), PlayerSessionId: playerSessionId };
    return () => this.#channel.begin(action, members, { isRepeatable: false });
  }

  async #fetchCredentials(roleArn: string, sessionName: string): Promise<FleetRoleCredentials> {
    const members = { RoleArn: roleArn, RoleSessionName: sessionName };
    return readFleetRoleCredentials(await this.#channel.ask("GetFleetRoleCredentials", members));
  }

  async #report(isHealthy: boolean): Promise<void> {
    const timeoutMs = SDK_LIMITS.heartbeatTimeoutMs;
    const options = { isRepeatable: false, isOnlyForNow: true, timeoutMs };
    const members = { HealthStatus: isHealthy };
    await this.#channel.begin("HeartbeatServerProcess", members, options).answer;
  }

  async #endByItself(): Promise<void> {
    const { exit = process.exit } = this.#options;
    let code = 0;
    try {
      await this.processEnding();
    } catch {
      code = 1;
    }
    this.destroy();
    exit(code);
  }

  #gameSession(): { GameSessionId: string } {
    this.#checkNotEnded();
    if (!this.#life.isReady) {
      throw new GameLiftError(GameLiftErrorName.ProcessNotReady, "processReady has not succeeded");
    }
    return { GameSessionId: this.gameSessionId };
  }

  #checkNotEnded(): void {
    if (this.#life.isEnded) throw destroyed();
  }
}

function destroyed(): GameLiftError {
  const message = "the process has ended for the service: nothing can be asked any more";
  return new GameLiftError(GameLiftErrorName.NotInitialized, message);
}
