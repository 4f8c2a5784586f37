import type { GameSessions } from "./game-sessions.ts";
import { PLANE_LIMITS } from "./limits.ts";
import { done, isRefused, type Outcome, refused } from "./outcome.ts";
import type { PlayerSessionRecords } from "./player-session-records.ts";
import type { PlayerSession, ServerProcess } from "./records.ts";

export interface PlayerToReserve {
  readonly playerId: string;
  /** `""` for none. */
  readonly playerData: string;
}

/** Players' rights to seats: RESERVED → ACTIVE → COMPLETED, or RESERVED → TIMEDOUT. */
export class PlayerSessions {
  readonly #records: PlayerSessionRecords;
  readonly #gameSessions: GameSessions;

  constructor(records: PlayerSessionRecords, gameSessions: GameSessions) {
    this.#records = records;
    this.#gameSessions = gameSessions;
  }

  /** All of them or none. */
  create(
    gameSessionId: string,
    players: readonly PlayerToReserve[],
  ): Outcome<readonly PlayerSession[]> {
    const session = this.#gameSessions.find(gameSessionId);
    if (session === undefined) {
      return refused("NotFound", `Game session ${gameSessionId} was not found`);
    }
    if (session.status !== "ACTIVE") {
      return refused("InvalidGameSessionStatus", `Game session is ${session.status}, not ACTIVE`);
    }
    if (session.playerSessionCreationPolicy === "DENY_ALL") {
      return refused("InvalidGameSessionStatus", "Game session takes no players: DENY_ALL");
    }
    const free = session.maximumPlayerSessionCount - session.reservedCount - session.activeCount;
    if (players.length > free) {
      return refused("GameSessionFull", `Game session has ${Math.max(0, free)} free player slots`);
    }
    const kept = this.#records.countOf(gameSessionId) + players.length;
    if (kept > PLANE_LIMITS.playerSessionsKeptPerGameSessionMax) {
      return refused("LimitExceeded", "Game session has had too many player sessions");
    }
    return done(
      players.map(({ playerId, playerData }) =>
        this.#records.reserve(session, playerId, playerData),
      ),
    );
  }

  /** By the process that hosts its game session. */
  accept(process: ServerProcess, gameSessionId: string, playerSessionId: string): Outcome<void> {
    const session = this.#gameSessions.hosted(process, gameSessionId);
    if (isRefused(session)) return session;
    if (session.value.status !== "ACTIVE") {
      return refused("Conflict", `Game session is ${session.value.status}, not ACTIVE`);
    }
    const player = this.#in(gameSessionId, playerSessionId);
    if (isRefused(player)) return player;
    if (player.value.status !== "RESERVED") {
      return refused("Conflict", `Player session is ${player.value.status}, not RESERVED`);
    }
    this.#records.activate(playerSessionId);
    return done(undefined);
  }

  /** By the process that hosts its game session, also while that is being terminated. */
  remove(process: ServerProcess, gameSessionId: string, playerSessionId: string): Outcome<void> {
    const session = this.#gameSessions.hosted(process, gameSessionId);
    if (isRefused(session)) return session;
    const player = this.#in(gameSessionId, playerSessionId);
    if (isRefused(player)) return player;
    if (player.value.status !== "ACTIVE") {
      return refused("Conflict", `Player session is ${player.value.status}, not ACTIVE`);
    }
    this.#records.end(playerSessionId, "COMPLETED");
    return done(undefined);
  }

  /** A reservation's time is over at once. */
  expire(playerSessionId: string): Outcome<void> {
    const player = this.#records.find(playerSessionId);
    if (player === undefined) return refused("NotFound", "Player session not found");
    if (player.status !== "RESERVED") {
      return refused("Conflict", `Player session is ${player.status}, not RESERVED`);
    }
    this.#records.end(playerSessionId, "TIMEDOUT");
    return done(undefined);
  }

  find(playerSessionId: string): PlayerSession | undefined {
    return this.#records.find(playerSessionId);
  }

  /** Oldest first. */
  of(gameSessionId: string): readonly PlayerSession[] {
    return this.#records.of(gameSessionId);
  }

  /** Oldest first. */
  byPlayer(playerId: string): readonly PlayerSession[] {
    return this.#records.byPlayer(playerId);
  }

  #in(gameSessionId: string, playerSessionId: string): Outcome<PlayerSession> {
    const player = this.#records.find(playerSessionId);
    return player?.gameSessionId === gameSessionId
      ? done(player)
      : refused("NotFound", "Player session not found");
  }
}
