/**
 * PORT: the fleet control plane, in three small interfaces, because only the Server SDK can take a seat while the
 * AWS API can only read. Adapters: `local/` (the fake validator), later `gamelift/` and `gamelift-api/`.
 * @module
 */

/** One match as the fleet knows it. */
export interface GameSession {
  readonly gameSessionId: string;
  readonly name: string;
  /** Player sessions the fleet will create at most, 1 to 1024. */
  readonly maximumPlayerSessionCount: number;
  readonly gameProperties: Readonly<Record<string, string>>;
  /** `""` when none was given. */
  readonly gameSessionData: string;
  /** FlexMatch's JSON, as text; `""` when the session was not made by a matchmaker. */
  readonly matchmakerData: string;
}

/** RESERVED waits for its player, ACTIVE was accepted, the others are over. */
export type PlayerSessionStatus = "RESERVED" | "ACTIVE" | "COMPLETED" | "TIMEDOUT";

/** One player's right to one seat. The id is a secret: it must never reach a log, a metric or an error text. */
export interface PlayerSession {
  readonly playerSessionId: string;
  readonly playerId: string;
  readonly gameSessionId: string;
  readonly status: PlayerSessionStatus;
  /** Whatever the backend attached, up to 2048 characters; `""` when nothing. Untrusted text. */
  readonly playerData: string;
}

export type Acceptance =
  | { readonly outcome: "accepted" }
  /** The fleet said no. Final for this id. */
  | { readonly outcome: "refused" }
  /** The fleet could not be asked or could not tell; nothing is known about the id. */
  | { readonly outcome: "unavailable"; readonly cause: unknown };

/** Takes and gives back seats. */
export interface PlayerSessions {
  /**
   * Asks the fleet to accept a player session: RESERVED becomes ACTIVE.
   * Never rejects. May settle after `signal` aborted, with "accepted" too: the caller then gives it back.
   */
  accept(playerSessionId: string, signal: AbortSignal): Promise<Acceptance>;
  /**
   * Tells the fleet that a player is gone: ACTIVE becomes COMPLETED.
   * @throws GameServerError FLEET_UNREACHABLE when the fleet did not take it.
   */
  remove(playerSessionId: string, signal: AbortSignal): Promise<void>;
}

/** Reads who may play. */
export interface GameSessionReader {
  /**
   * Descriptions that one process may ask for in a second on the long run, above 0. GameLift's Server SDK allows 5. It
   * is also how fast a stranger's made-up id can be told from one that was created this very moment.
   */
  readonly descriptionsPerSecond: number;
  /**
   * Describes all player sessions of one game session.
   * @throws GameServerError FLEET_UNREACHABLE when there is no answer.
   */
  playerSessions(gameSessionId: string, signal: AbortSignal): Promise<readonly PlayerSession[]>;
}

/** What the fleet asks of this process. */
export interface ServerProcessCallbacks {
  /** A game session was placed here. Called at most once at a time. */
  onGameSession(session: GameSession): void;
  /** The fleet wants the process gone; `deadlineMs` is how long it waits from now. */
  onTerminate(deadlineMs: number): void;
  /** Player sessions may have been added or changed; a hint, never the only way to learn it. */
  onPlayerSessionsChanged(): void;
  /** Answered from local knowledge only: an unreachable control plane never makes a process unhealthy. */
  isHealthy(): boolean;
}

/** The life of this process towards the fleet. */
export interface ServerProcess {
  /** Says that the process can host, reachable on `port`. @throws GameServerError FLEET_UNREACHABLE */
  ready(port: number, callbacks: ServerProcessCallbacks): Promise<void>;
  /** Says that the room of a game session is open for players. @throws GameServerError FLEET_UNREACHABLE */
  activateGameSession(gameSessionId: string): Promise<void>;
  /** Opens or closes a game session to new player sessions. @throws GameServerError FLEET_UNREACHABLE */
  setOpenToPlayers(gameSessionId: string, isOpen: boolean): Promise<void>;
  /**
   * Says that the game session is over and tells what the process does next: on a fleet it always ends;
   * the local fleet places another game session with all its ids RESERVED again.
   */
  gameSessionEnded(gameSessionId: string): Promise<"end_process" | "await_game_session">;
  /** Says that the process is about to exit. @throws GameServerError FLEET_UNREACHABLE */
  ending(): Promise<void>;
}

export interface Fleet extends AsyncDisposable {
  /** For logs and the start line. */
  readonly kind: "local" | "gamelift";
  readonly playerSessions: PlayerSessions;
  readonly gameSessions: GameSessionReader;
  readonly process: ServerProcess;
}
