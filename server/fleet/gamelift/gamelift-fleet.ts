import { CallRate } from "../../call-rate.ts";
import { type Clock, sleep } from "../../clock.ts";
import { ErrorCode, GameServerError } from "../../errors.ts";
import type { FleetCallOutcome, Telemetry } from "../../telemetry/telemetry.ts";
import type {
  Acceptance,
  Backfills,
  Fleet,
  GameSessionReader,
  PlayerSession,
  PlayerSessions,
  Removal,
  ServerProcess,
  ServerProcessCallbacks,
} from "../fleet.ts";
import {
  GameLiftError,
  GameLiftErrorName,
  type ProcessParameters,
  type SdkEnvironment,
  type SdkEvent,
  ServerSdk,
  type ServerSdkOptions,
} from "../gamelift-server-sdk/index.ts";
import {
  backfillPlayer,
  gameSessionOf,
  gameSessionUpdateOf,
  playerSessionOf,
} from "./translation.ts";

/**
 * The most that may be asked for. Pages cost calls, of which a process has few: with two pages to a description half as
 * many players' questions could be answered in time. A service that would rather send less at once says where to go on.
 */
const PAGE_LIMIT = 1_024;
/** The service allows a process 10 at once and 5 a second; one a second is left for lost answers. */
const PAGES_BURST = 8;
const DESCRIPTIONS_PER_SECOND = 4;
/** What a process has for its end when the service names no time: it waits five minutes for the goodbye. */
const TERMINATION_MS = 300_000;
/** A time that has passed by the clock here is a clock that is wrong here or there. */
const TERMINATION_MS_MIN = 1_000;

/** Rests between the tries to be ready, milliseconds: the service waits five minutes for that. */
const READY_RESTS_MS = [1_000, 2_000, 4_000, 8_000];

/** What GameLift's SDKs say of themselves when they find Amazon's collector on the machine. */
const METRICS_TOOL: SdkEnvironment = {
  GAMELIFT_SDK_TOOL_NAME: "Metrics",
  GAMELIFT_SDK_TOOL_VERSION: "1.0.0",
};

/** Answers that say no for good, whatever they are about. */
const REFUSALS: ReadonlySet<string> = new Set([
  GameLiftErrorName.Validation,
  GameLiftErrorName.BadRequest,
  GameLiftErrorName.Unauthorized,
  GameLiftErrorName.Forbidden,
  GameLiftErrorName.NotFound,
  GameLiftErrorName.Conflict,
]);

export interface GameLiftFleetOptions {
  readonly clock: Clock;
  readonly telemetry: Pick<Telemetry, "fleetCallEnded" | "fleetCallFailed" | "vendorMessage">;
  /** A secret: it holds the token or the keys. */
  readonly environment: SdkEnvironment;
  /** Files and folders that the service keeps when the process has ended; at least one, by the game port. */
  readonly logPaths: (port: number) => readonly string[];
  /** Closed with the fleet. */
  readonly secondOpinion?: GameSessionReader & Disposable;
  /** Says to the service that Amazon's collector gets this process's metrics, unless the environment names another tool. */
  readonly metricsTool?: boolean;
  /** For tests. */
  readonly sdk?: Omit<ServerSdkOptions, "environment" | "clock" | "onEvent">;
}

/** This process on an Amazon GameLift fleet, over the Server SDK. */
export class GameLiftFleet implements Fleet {
  readonly kind = "gamelift";
  readonly playerSessions: PlayerSessions;
  readonly gameSessions: GameSessionReader;
  readonly process: ServerProcess;
  readonly backfills: Backfills;
  readonly secondOpinion?: GameSessionReader;
  readonly #options: GameLiftFleetOptions;
  readonly #pages: CallRate;
  #sdk: ServerSdk | undefined;
  #callbacks: ServerProcessCallbacks | undefined;

  private constructor(options: GameLiftFleetOptions) {
    this.#options = options;
    if (options.secondOpinion !== undefined) this.secondOpinion = options.secondOpinion;
    this.#pages = new CallRate(options.clock, {
      burst: PAGES_BURST,
      perSecond: DESCRIPTIONS_PER_SECOND,
    });
    this.playerSessions = {
      accept: (id, signal) => this.#accept(id, signal),
      remove: (id, signal) => this.#remove(id, signal),
    };
    this.gameSessions = {
      descriptionsPerSecond: DESCRIPTIONS_PER_SECOND,
      playerSessions: (id, signal) => this.#describe(id, signal),
    };
    this.process = {
      ready: (port, callbacks) => this.#ready(port, callbacks),
      activateGameSession: (id) =>
        this.#told("activate_game_session", id, (sdk) => sdk.activateGameSession()),
      setOpenToPlayers: (id, isOpen) =>
        this.#told("set_open_to_players", id, (sdk) =>
          sdk.updatePlayerSessionCreationPolicy(isOpen ? "ACCEPT_ALL" : "DENY_ALL"),
        ),
      // The service starts a new process for every game session.
      gameSessionEnded: async () => "end_process",
      ending: () => this.#tell("process_ending", (sdk) => sdk.processEnding()),
    };
    this.backfills = {
      start: (request) =>
        this.#tell("start_backfill", (sdk) =>
          sdk.startMatchBackfill({
            gameSessionArn: request.gameSessionId,
            matchmakingConfigurationArn: request.matchmakingConfigurationArn,
            players: request.players.map(backfillPlayer),
          }),
        ),
      stop: ({ gameSessionId, matchmakingConfigurationArn, ticketId }) =>
        this.#tell("stop_backfill", (sdk) =>
          sdk.stopMatchBackfill({
            gameSessionArn: gameSessionId,
            matchmakingConfigurationArn,
            ticketId,
          }),
        ),
    };
  }

  /**
   * Connects this process to the service; it is not ready yet.
   * @throws GameServerError FLEET_UNREACHABLE with what to do about it.
   */
  static async open(options: GameLiftFleetOptions): Promise<GameLiftFleet> {
    const fleet = new GameLiftFleet(options);
    try {
      fleet.#sdk = await ServerSdk.initSdk(
        {},
        {
          ...options.sdk,
          environment: options.metricsTool
            ? withMetricsTool(options.environment)
            : options.environment,
          clock: options.clock,
          onEvent: (event) => fleet.#happened(event),
        },
      );
    } catch (cause) {
      const words = cause instanceof Error ? cause.message : "";
      throw unreachable(`this process did not get to Amazon GameLift: ${words}`, cause);
    }
    return fleet;
  }

  /**
   * Where this host keeps the fleet's TLS certificate: a directory or a file; `""` where the fleet has none.
   * @throws GameServerError FLEET_UNREACHABLE when the service could not say.
   */
  async certificatePath(): Promise<string> {
    try {
      return (await this.#connected.getComputeCertificate()).certificatePath;
    } catch (cause) {
      if (isRefusal(cause)) return "";
      throw unreachable("GameLift did not say whether the fleet has a TLS certificate", cause);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#callbacks = undefined;
    this.#sdk?.destroy();
    this.#options.secondOpinion?.[Symbol.dispose]();
  }

  get #connected(): ServerSdk {
    if (this.#sdk === undefined) throw unreachable("not connected to GameLift");
    return this.#sdk;
  }

  async #ready(port: number, callbacks: ServerProcessCallbacks): Promise<void> {
    this.#callbacks = callbacks;
    const parameters = this.#parameters(port);
    for (const restMs of READY_RESTS_MS) {
      try {
        await this.#connected.processReady(parameters);
        return;
      } catch (cause) {
        if (isRefusal(cause)) throw failed("process_ready", cause);
        this.#options.telemetry.fleetCallFailed({ action: "process_ready", cause });
      }
      await sleep(this.#options.clock, restMs);
    }
    await this.#tell("process_ready", (sdk) => sdk.processReady(parameters));
  }

  #parameters(port: number): ProcessParameters {
    return {
      port,
      logPaths: this.#options.logPaths(port),
      onStartGameSession: (session) => this.#callbacks?.onGameSession(gameSessionOf(session)),
      onUpdateGameSession: (update) => {
        const translated = gameSessionUpdateOf(update);
        this.#callbacks?.onPlayerSessionsChanged();
        if (translated !== undefined) this.#callbacks?.onGameSessionUpdated(translated);
      },
      onProcessTerminate: (timeMs) => this.#callbacks?.onTerminate(this.#leftMs(timeMs)),
      onHealthCheck: () => this.#callbacks?.isHealthy() ?? true,
    };
  }

  #leftMs(terminationTimeMs: number | undefined): number {
    if (terminationTimeMs === undefined) return TERMINATION_MS;
    return Math.max(TERMINATION_MS_MIN, terminationTimeMs - this.#options.clock.wallMs());
  }

  async #accept(playerSessionId: string, signal: AbortSignal): Promise<Acceptance> {
    const action = "accept_player_session";
    if (signal.aborted) return unavailable(action, signal.reason);
    try {
      // Who may have been accepted is nobody's to try again, nor to give back, before that is known.
      await this.#connected.acceptPlayerSession(playerSessionId, { signal, untilKnown: true });
      return { outcome: "accepted" };
    } catch (cause) {
      return isRefusal(cause) ? { outcome: "refused" } : unavailable(action, cause);
    }
  }

  async #remove(playerSessionId: string, signal: AbortSignal): Promise<Removal> {
    const action = "remove_player_session";
    if (signal.aborted) return unavailable(action, signal.reason);
    try {
      await this.#connected.removePlayerSession(playerSessionId, { signal });
      return { outcome: "removed" };
    } catch (cause) {
      return isRefusal(cause) ? { outcome: "refused" } : unavailable(action, cause);
    }
  }

  async #describe(gameSessionId: string, signal: AbortSignal): Promise<readonly PlayerSession[]> {
    const sdk = this.#connected;
    if (!this.#isOurs(gameSessionId)) return [];
    const records: PlayerSession[] = [];
    let nextToken: string | undefined;
    do {
      await this.#pageTurn(signal);
      const page = await this.#tell("describe_player_sessions", () =>
        sdk.describePlayerSessions({
          gameSessionId,
          // All others would be described, too, four times a second: more and more of them with every player who leaves.
          playerSessionStatusFilter: "RESERVED",
          limit: PAGE_LIMIT,
          ...(nextToken !== undefined && { nextToken }),
        }),
      );
      for (const each of page.playerSessions) {
        const record = playerSessionOf(each);
        if (record !== undefined) records.push(record);
      }
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return records;
  }

  async #pageTurn(signal: AbortSignal): Promise<void> {
    while (this.#pages.waitMs > 0 && !signal.aborted) {
      await sleep(this.#options.clock, this.#pages.waitMs, signal);
    }
    if (signal.aborted) throw unreachable("describe_player_sessions: given up", signal.reason);
    this.#pages.take();
  }

  /** @throws GameServerError FLEET_UNREACHABLE; FLEET_REFUSED, also for a game session that is not placed here. */
  async #told(
    action: string,
    gameSessionId: string,
    call: (sdk: ServerSdk) => Promise<void>,
  ): Promise<void> {
    if (!this.#isOurs(gameSessionId)) {
      const message = `${action}: no such game session is placed here`;
      throw new GameServerError(ErrorCode.FLEET_REFUSED, message);
    }
    await this.#tell(action, call);
  }

  async #tell<T>(action: string, call: (sdk: ServerSdk) => Promise<T>): Promise<T> {
    try {
      return await call(this.#connected);
    } catch (cause) {
      throw failed(action, cause);
    }
  }

  #isOurs(gameSessionId: string): boolean {
    try {
      return this.#connected.gameSessionId === gameSessionId;
    } catch {
      return false;
    }
  }

  #happened(event: SdkEvent): void {
    if (event.type === "connected") {
      ended("connect", "ok", this.#options.telemetry);
      this.#callbacks?.onReachable(true);
    } else if (event.type === "disconnected") this.#callbacks?.onReachable(false);
    else if (event.type === "dead") this.#callbacks?.onLost(event.cause);
    else report(event, this.#options.telemetry);
  }
}

/** Another tool's name goes with its own version. */
function withMetricsTool(environment: SdkEnvironment): SdkEnvironment {
  return environment["GAMELIFT_SDK_TOOL_NAME"] ? environment : { ...environment, ...METRICS_TOOL };
}

function report(
  event: Exclude<SdkEvent, { type: "connected" | "disconnected" | "dead" }>,
  telemetry: GameLiftFleetOptions["telemetry"],
): void {
  switch (event.type) {
    case "connect_failed":
      ended("connect", "failed", telemetry);
      telemetry.fleetCallFailed({ action: "connect", cause: event.cause });
      break;
    case "heartbeat_answered":
      ended("heartbeat", "ok", telemetry);
      break;
    case "heartbeat_failed":
      ended("heartbeat", "failed", telemetry);
      telemetry.fleetCallFailed({ action: "heartbeat", cause: event.cause });
      break;
    case "callback_failed": {
      const message = `GameLift: ${event.callback} failed: ${String(event.cause)}`;
      telemetry.vendorMessage({ level: "error", message });
      break;
    }
    case "frame_ignored": {
      const message = `GameLift: a message was passed over: ${event.why}`;
      telemetry.vendorMessage({ level: "warn", message });
    }
  }
}

/** What the SDK does by itself: it says that it happened, and not how long it took. */
function ended(
  action: "connect" | "heartbeat",
  outcome: FleetCallOutcome,
  telemetry: GameLiftFleetOptions["telemetry"],
): void {
  telemetry.fleetCallEnded({ action, outcome, durationMs: 0 });
}

function isRefusal(error: unknown): boolean {
  return error instanceof GameLiftError && REFUSALS.has(error.name);
}

function unavailable(action: string, cause: unknown): { outcome: "unavailable"; cause: unknown } {
  return { outcome: "unavailable", cause: failed(action, cause) };
}

function failed(action: string, cause: unknown): GameServerError {
  if (cause instanceof GameServerError) return cause;
  if (isRefusal(cause)) {
    const { name } = cause as GameLiftError;
    return new GameServerError(ErrorCode.FLEET_REFUSED, `${action}: ${name}`, { cause });
  }
  const name = cause instanceof GameLiftError ? cause.name : "given up";
  return unreachable(`${action}: ${name}`, cause);
}

function unreachable(message: string, cause?: unknown): GameServerError {
  return new GameServerError(ErrorCode.FLEET_UNREACHABLE, message, { cause });
}
