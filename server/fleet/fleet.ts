/**
 * PORT: the fleet control plane, in three small interfaces, because only the Server SDK can take a seat while the
 * AWS API can only read. Adapters: `local/` (the fake validator), `gamelift/` over the Server SDK, `gamelift-api/`.
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

export type Removal =
  | { readonly outcome: "removed" }
  /** The fleet said no: there is nothing to remove, or no longer. Final for this id. */
  | { readonly outcome: "refused" }
  /** The fleet could not be asked or could not tell; it may have taken it all the same. */
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
   * Never rejects. Settles once nothing is on its way any more, within a time of the adapter's own: the caller sends no
   * second call for the same id before. `signal` aborts when nobody waits for the answer any more.
   */
  remove(playerSessionId: string, signal: AbortSignal): Promise<Removal>;
}

/** Reads who may play. */
export interface GameSessionReader {
  /**
   * Descriptions that the roster may ask for in a second, above 0: one each `1000 / descriptionsPerSecond` ms. Somewhat
   * less than the fleet allows a process, since a hint and the end of a match ask out of turn; GameLift's Server SDK
   * allows 5. It is also how fast a stranger's made-up id can be told from one that was created this very moment.
   */
  readonly descriptionsPerSecond: number;
  /** A RESERVED one waits for ever, as the local fleet has it, and so does not say that somebody is still to come. */
  readonly keepsReservations?: true;
  /**
   * Describes the player sessions of one game session that wait for their players. Others may be among them, or not:
   * those of players who have left grow with the match.
   * @throws GameServerError FLEET_UNREACHABLE when there is no answer.
   */
  playerSessions(gameSessionId: string, signal: AbortSignal): Promise<readonly PlayerSession[]>;
}

/** What became of a game session's expected players. */
export interface GameSessionUpdate {
  readonly reason:
    | "matchmaking_data"
    | "backfill_failed"
    | "backfill_timed_out"
    | "backfill_cancelled";
  /** `""` when the fleet named none. */
  readonly ticketId: string;
  /** The game session as it is now. */
  readonly session: GameSession;
}

/** What a matchmaker knows of a player, by its own four types. */
export type AttributeValue =
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "number"; readonly value: number }
  | { readonly type: "string_list"; readonly value: readonly string[] }
  | { readonly type: "string_number_map"; readonly value: Readonly<Record<string, number>> };

/** A player who is in the match that more players are asked for. */
export interface BackfillPlayer {
  readonly playerId: string;
  readonly team: string;
  /** At most 10. */
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

/** Asks the matchmaker for more players; a game session has one open ticket at most. */
export interface Backfills {
  /**
   * @returns The ticket's id.
   * @throws GameServerError FLEET_UNREACHABLE when the fleet took none.
   */
  start(
    request: {
      readonly gameSessionId: string;
      readonly matchmakingConfigurationArn: string;
      readonly players: readonly BackfillPlayer[];
    },
    signal: AbortSignal,
  ): Promise<string>;
  /** @throws GameServerError FLEET_UNREACHABLE when the fleet did not take it. */
  stop(
    request: {
      readonly gameSessionId: string;
      readonly matchmakingConfigurationArn: string;
      readonly ticketId: string;
    },
    signal: AbortSignal,
  ): Promise<void>;
}

/** What the fleet asks of this process. */
export interface ServerProcessCallbacks {
  /** A game session was placed here. Called at most once at a time. */
  onGameSession(session: GameSession): void;
  /** The fleet wants the process gone; `deadlineMs` is how long it waits from now. */
  onTerminate(deadlineMs: number): void;
  /** Player sessions may have been added or changed; a hint, never the only way to learn it. */
  onPlayerSessionsChanged(): void;
  /** The matchmaker changed who is expected in the game session here, or a backfill ticket ended without. */
  onGameSessionUpdated(update: GameSessionUpdate): void;
  /** The fleet can be spoken to, or cannot for now; told when it changes. Nothing about this process's own health. */
  onReachable(isReachable: boolean): void;
  /** The fleet ended the connection for good: no game session will ever be placed here again. Told once. */
  onLost(cause: unknown): void;
  /** Answered from local knowledge only: an unreachable control plane never makes a process unhealthy. */
  isHealthy(): boolean;
}

/** The life of this process towards the fleet. */
export interface ServerProcess {
  /** Says that the process can host, reachable on `port`. @throws GameServerError FLEET_UNREACHABLE */
  ready(port: number, callbacks: ServerProcessCallbacks): Promise<void>;
  /**
   * Says that the room of a game session is open for players. Tried again by the caller while the fleet is unreachable.
   * @throws GameServerError FLEET_UNREACHABLE; FLEET_REFUSED when the fleet said no, which ends the game session.
   */
  activateGameSession(gameSessionId: string): Promise<void>;
  /**
   * Opens or closes a game session to new player sessions.
   * @throws GameServerError FLEET_UNREACHABLE; FLEET_REFUSED when the fleet said no.
   */
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
  /** Another way to the same records, which must agree before anybody is let in; with a rate of its own. */
  readonly secondOpinion?: GameSessionReader;
  /** Where there is a matchmaker. */
  readonly backfills?: Backfills;
}
