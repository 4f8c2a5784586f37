import type { CancelTimer } from "../clock.ts";
import type { Computes } from "./computes.ts";
import { keepNewest, type PlaneContext, type Writable } from "./context.ts";
import type { FleetEvents } from "./fleet-events.ts";
import type { Fleets } from "./fleets.ts";
import { GameSessionOrders, type GameSessionRequest } from "./game-session-orders.ts";
import { PLANE_LIMITS } from "./limits.ts";
import { done, isRefused, type Outcome, refused } from "./outcome.ts";
import type { PlayerSessionRecords } from "./player-session-records.ts";
import type { TerminationCause } from "./process-entry.ts";
import type { Processes } from "./processes.ts";
import type {
  Fleet,
  GameProperty,
  GameSession,
  GameSessionStatusReason,
  PlayerSessionCreationPolicy,
  ServerProcess,
} from "./records.ts";

export type TerminationMode = "TRIGGER_ON_PROCESS_TERMINATE" | "FORCE_TERMINATE";

/** What UpdateGameSession may change; members that are left out stay. */
export interface GameSessionChanges {
  readonly maximumPlayerSessionCount?: number;
  readonly name?: string;
  readonly playerSessionCreationPolicy?: PlayerSessionCreationPolicy;
  readonly protectionPolicy?: GameSession["protectionPolicy"];
  /** Added, or put in place of those with the same key. */
  readonly gameProperties?: readonly GameProperty[];
}

/** What a game session's status says of why it is being terminated. */
const STATUS_REASONS: Readonly<Partial<Record<TerminationCause, GameSessionStatusReason>>> = {
  interrupted: "INTERRUPTED",
};

interface Deps {
  readonly fleets: Fleets;
  readonly computes: Computes;
  readonly processes: Processes;
  readonly playerSessions: PlayerSessionRecords;
  readonly fleetEvents: FleetEvents;
}

/** Game sessions and their lives, by the drawing at {@link GameSession.status}. */
export class GameSessions {
  /** Told when a game session is over, before everybody else. */
  onEnded: ((gameSession: GameSession) => void) | undefined;
  /** Asked of each process that is free: what is held back takes no game session, as if its fleet were full. */
  isHeldBack: ((process: ServerProcess) => boolean) | undefined;
  readonly #context: PlaneContext;
  readonly #deps: Deps;
  readonly #orders: GameSessionOrders;
  readonly #open = new Map<string, Writable<GameSession>>();
  readonly #ended = new Map<string, Writable<GameSession>>();
  readonly #activations = new Map<string, CancelTimer>();

  constructor(context: PlaneContext, deps: Deps) {
    this.#context = context;
    this.#deps = deps;
    this.#orders = new GameSessionOrders(context);
    deps.processes.listener = {
      terminating: (process, cause) => this.#terminating(process, cause),
      released: (process) => this.#released(process),
    };
  }

  /**
   * Has a process of the fleet host it: ACTIVATING from here on. The same custom id with the same request answers with
   * the game session that is there.
   */
  create(request: GameSessionRequest): Outcome<GameSession> {
    const fleet = this.#deps.fleets.find(request.fleetId);
    if (fleet === undefined) return this.#deps.fleets.missing(request.fleetId);
    // One whose fleet was never ACTIVE: game sessions of one in ERROR live as long as their processes.
    if (fleet.status !== "ACTIVE") {
      return refused("InvalidFleetStatus", `Fleet ${fleet.fleetId} is ${fleet.status}, not ACTIVE`);
    }
    const location = locationFor(fleet, request.location);
    if (isRefused(location)) return location;
    const gameSessionId = this.#orders.arnFor(fleet, location.value, request.customId);
    const present = this.find(gameSessionId);
    if (present !== undefined) {
      return this.#orders.isSame(gameSessionId, request)
        ? done(present)
        : refused(
            "IdempotentParameterMismatch",
            `A game session with id ${request.customId} exists with other parameters`,
          );
    }
    const wrong = this.#orders.wrong(fleet, request);
    if (wrong !== undefined) return wrong;
    const [process] = this.available(fleet.fleetId, location.value);
    if (process === undefined) {
      return refused(
        "FleetCapacityExceeded",
        `No server process of fleet ${fleet.fleetId} in ${location.value} is ready and free`,
      );
    }
    this.#orders.placed(fleet, gameSessionId, request);
    return done(this.#place(gameSessionId, fleet, process, request));
  }

  /** Processes of a fleet, and location, that would take a game session at once. */
  available(fleetId: string, location?: string): readonly ServerProcess[] {
    const fleet = this.#deps.fleets.find(fleetId);
    if (fleet === undefined) return [];
    const activating = new Map<string, number>();
    for (const { status, fleetId: of, computeName } of this.#open.values()) {
      if (status !== "ACTIVATING" || of !== fleet.fleetId) continue;
      activating.set(computeName, (activating.get(computeName) ?? 0) + 1);
    }
    const max = fleet.runtimeConfiguration.maxConcurrentGameSessionActivations;
    return this.#deps.processes
      .idle(fleet.fleetId, location)
      .filter(
        (process) =>
          (activating.get(process.computeName) ?? 0) < max && this.isHeldBack?.(process) !== true,
      );
  }

  /** By the process that hosts it. */
  activate(process: ServerProcess, gameSessionId: string): Outcome<void> {
    const session = this.hosted(process, gameSessionId);
    if (isRefused(session)) return session;
    if (session.value.status !== "ACTIVATING") {
      return refused("Conflict", `Game session is ${session.value.status}, not ACTIVATING`);
    }
    this.#cancelActivation(gameSessionId);
    session.value.status = "ACTIVE";
    this.#tell("game-session-active", session.value);
    return done(undefined);
  }

  /** By the process that hosts it. */
  setPolicyBy(
    process: ServerProcess,
    gameSessionId: string,
    policy: PlayerSessionCreationPolicy,
  ): Outcome<void> {
    const session = this.hosted(process, gameSessionId);
    if (isRefused(session)) return session;
    session.value.playerSessionCreationPolicy = policy;
    this.#tell("game-session-updated", session.value, policy);
    return done(undefined);
  }

  /** By whoever calls the AWS API. The process is not told. */
  update(gameSessionId: string, changes: GameSessionChanges): Outcome<GameSession> {
    const session = this.#entry(gameSessionId);
    if (session === undefined) return missing(gameSessionId);
    if (session.status !== "ACTIVE" && session.status !== "ACTIVATING") {
      return refused("InvalidGameSessionStatus", `Game session is ${session.status}`);
    }
    const gameProperties = [
      ...new Map(
        [...session.gameProperties, ...(changes.gameProperties ?? [])].map((each) => [
          each.key,
          each,
        ]),
      ).values(),
    ];
    if (gameProperties.length > PLANE_LIMITS.gamePropertiesMax) {
      const max = PLANE_LIMITS.gamePropertiesMax;
      return refused("InvalidRequest", `GameProperties: more than ${max} keys in all`);
    }
    Object.assign(session, changes, { gameProperties });
    this.#tell("game-session-updated", session);
    return done(session);
  }

  /** What a matchmaker says of it. */
  setMatchmakerData(gameSessionId: string, matchmakerData: string): void {
    const session = this.#open.get(gameSessionId);
    if (session !== undefined) session.matchmakerData = matchmakerData;
  }

  terminate(gameSessionId: string, mode: TerminationMode): Outcome<GameSession> {
    const session = this.#entry(gameSessionId);
    if (session === undefined) return missing(gameSessionId);
    const process = this.#deps.processes.find(session);
    if (session.status === "TERMINATED" || process === undefined) {
      return refused("InvalidGameSessionStatus", "Game session is TERMINATED");
    }
    if (mode === "TRIGGER_ON_PROCESS_TERMINATE") {
      session.statusReason ??= "TRIGGERED_ON_PROCESS_TERMINATE";
      this.#deps.processes.terminate(process, this.#context.durations.terminationMs);
      return done(session);
    }
    if (!process.isSupervised) {
      return refused(
        "InvalidRequest",
        "FORCE_TERMINATE needs an agent on the compute; this process was started by hand",
      );
    }
    session.statusReason = "FORCE_TERMINATED";
    this.#deps.processes.kill(process);
    return done(session);
  }

  find(gameSessionId: string): GameSession | undefined {
    return this.#entry(gameSessionId);
  }

  /** Those that are over and still kept first, then the open ones, each in the order of their creation. */
  list(): readonly GameSession[] {
    return [...this.#ended.values(), ...this.#open.values()];
  }

  /** The open game session of that id, if that process hosts it. */
  hosted(process: ServerProcess, gameSessionId: string): Outcome<Writable<GameSession>> {
    const session = this.#open.get(gameSessionId);
    return session !== undefined && process.gameSessionId === gameSessionId
      ? done(session)
      : refused("NotFound", "Game session not found");
  }

  /** Forgets all timers. */
  close(): void {
    for (const cancel of this.#activations.values()) cancel();
    this.#activations.clear();
  }

  #place(
    gameSessionId: string,
    fleet: Fleet,
    process: ServerProcess,
    request: GameSessionRequest,
  ): GameSession {
    const compute = this.#deps.computes.find(fleet.fleetId, process.computeName);
    const session: Writable<GameSession> = {
      gameSessionId,
      name: request.name ?? "",
      fleetId: fleet.fleetId,
      location: process.location,
      computeName: process.computeName,
      processId: process.processId,
      ipAddress: compute?.ipAddress ?? "",
      dnsName: compute?.dnsName ?? "",
      port: process.port,
      status: "ACTIVATING",
      statusReason: undefined,
      maximumPlayerSessionCount: request.maximumPlayerSessionCount,
      playerSessionCreationPolicy: "ACCEPT_ALL",
      protectionPolicy: fleet.newGameSessionProtectionPolicy,
      gameProperties: request.gameProperties ?? [],
      gameSessionData: request.gameSessionData ?? "",
      matchmakerData: request.matchmakerData ?? "",
      creatorId: request.creatorId ?? "",
      createdAtMs: this.#context.clock.wallMs(),
      terminatedAtMs: undefined,
      reservedCount: 0,
      activeCount: 0,
    };
    this.#open.set(gameSessionId, session);
    this.#deps.playerSessions.open(session);
    this.#deps.processes.assign(process, gameSessionId);
    this.#tell("game-session-created", session);
    const { gameSessionActivationTimeoutSeconds: seconds } = fleet.runtimeConfiguration;
    const { clock, durations } = this.#context;
    this.#activations.set(
      gameSessionId,
      clock.after(durations.scaled(seconds * 1_000), () => this.#notActivated(session, process)),
    );
    this.#deps.processes.push(process, { kind: "create-game-session", gameSession: session });
    return session;
  }

  #notActivated(session: Writable<GameSession>, process: ServerProcess): void {
    const text = `Game session ${session.gameSessionId} was not activated in time`;
    this.#deps.fleetEvents.add(session.fleetId, "GAME_SESSION_ACTIVATION_TIMEOUT", text);
    this.#end(session);
    // A process has one game session in its life: this one is of no more use.
    const { terminationMs } = this.#context.durations;
    this.#deps.processes.terminate(process, terminationMs, "activation-timeout");
  }

  #terminating({ gameSessionId = "" }: ServerProcess, cause: TerminationCause): void {
    const session = this.#open.get(gameSessionId);
    if (session === undefined) return;
    this.#cancelActivation(gameSessionId);
    session.status = "TERMINATING";
    session.statusReason ??= STATUS_REASONS[cause];
    this.#tell("game-session-terminating", session, session.statusReason ?? cause);
  }

  #released({ gameSessionId = "" }: ServerProcess): void {
    const session = this.#open.get(gameSessionId);
    if (session !== undefined) this.#end(session);
  }

  #end(session: Writable<GameSession>): void {
    const { gameSessionId } = session;
    this.#cancelActivation(gameSessionId);
    this.#open.delete(gameSessionId);
    session.status = "TERMINATED";
    session.terminatedAtMs = this.#context.clock.wallMs();
    this.#deps.playerSessions.endAllOf(gameSessionId);
    this.onEnded?.(session);
    this.#ended.set(gameSessionId, session);
    this.#tell("game-session-ended", session, session.statusReason);
    for (const oldest of this.#ended.keys()) {
      if (this.#ended.size <= PLANE_LIMITS.endedGameSessionsKeptMax) break;
      this.#deps.playerSessions.forget(oldest);
      this.#orders.forget(oldest);
      this.#ended.delete(oldest);
    }
    keepNewest(this.#ended, PLANE_LIMITS.endedGameSessionsKeptMax);
  }

  #cancelActivation(gameSessionId: string): void {
    this.#activations.get(gameSessionId)?.();
    this.#activations.delete(gameSessionId);
  }

  #entry(gameSessionId: string): Writable<GameSession> | undefined {
    return this.#open.get(gameSessionId) ?? this.#ended.get(gameSessionId);
  }

  #tell(
    kind: Parameters<PlaneContext["happenings"]["tell"]>[0],
    { fleetId, computeName, processId, gameSessionId }: GameSession,
    detail?: string,
  ): void {
    this.#context.happenings.tell(kind, {
      fleetId,
      computeName,
      processId,
      gameSessionId,
      ...(detail !== undefined && { detail }),
    });
  }
}

function locationFor(fleet: Fleet, wanted: string | undefined): Outcome<string> {
  const known = fleet.locations.join(", ");
  if (wanted === undefined) {
    const [home = ""] = fleet.locations;
    return fleet.computeType === "EC2"
      ? done(home)
      : refused("InvalidRequest", `Location is missing: an Anywhere fleet needs one of ${known}`);
  }
  return fleet.locations.includes(wanted)
    ? done(wanted)
    : refused("InvalidRequest", `Location ${wanted} is none of the fleet's: ${known}`);
}

function missing(gameSessionId: string) {
  return refused("NotFound", `Game session ${gameSessionId} was not found`);
}
