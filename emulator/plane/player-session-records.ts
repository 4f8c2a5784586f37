import type { CancelTimer } from "../clock.ts";
import type { PlaneContext, Writable } from "./context.ts";
import type { GameSession, PlayerSession } from "./records.ts";

interface Group {
  readonly gameSession: Writable<GameSession>;
  readonly sessions: Map<string, Writable<PlayerSession>>;
}

/** Every player session that is kept, its reservation's timer, and how many each game session has. */
export class PlayerSessionRecords {
  readonly #context: PlaneContext;
  readonly #sessions = new Map<string, Writable<PlayerSession>>();
  readonly #groups = new Map<string, Group>();
  readonly #byPlayer = new Map<string, Set<Writable<PlayerSession>>>();
  readonly #reservations = new Map<string, CancelTimer>();

  constructor(context: PlaneContext) {
    this.#context = context;
  }

  /** A game session whose counts are kept true from here on. */
  open(gameSession: Writable<GameSession>): void {
    this.#groups.set(gameSession.gameSessionId, { gameSession, sessions: new Map() });
  }

  /** RESERVED until it is accepted, its time is over or its game session ends. */
  reserve(gameSession: GameSession, playerId: string, playerData: string): PlayerSession {
    const { uuid, clock, durations, happenings } = this.#context;
    const { gameSessionId, fleetId, ipAddress, dnsName, port } = gameSession;
    const session: Writable<PlayerSession> = {
      playerSessionId: `psess-${uuid()}`,
      playerId,
      playerData,
      gameSessionId,
      fleetId,
      ipAddress,
      dnsName,
      port,
      status: "RESERVED",
      createdAtMs: clock.wallMs(),
      terminatedAtMs: undefined,
      endedWithGameSession: false,
    };
    const { playerSessionId } = session;
    this.#sessions.set(playerSessionId, session);
    this.#groups.get(gameSessionId)?.sessions.set(playerSessionId, session);
    const ofPlayer = this.#byPlayer.get(playerId) ?? new Set();
    this.#byPlayer.set(playerId, ofPlayer.add(session));
    this.#count(gameSessionId, "reservedCount", 1);
    this.#reservations.set(
      playerSessionId,
      clock.after(durations.reservationMs, () => this.end(playerSessionId, "TIMEDOUT")),
    );
    happenings.tell("player-session-reserved", { fleetId, gameSessionId, playerSessionId });
    return session;
  }

  /** RESERVED becomes ACTIVE. */
  activate(playerSessionId: string): void {
    const session = this.#sessions.get(playerSessionId);
    if (session?.status !== "RESERVED") return;
    this.#release(playerSessionId);
    session.status = "ACTIVE";
    const { fleetId, gameSessionId } = session;
    this.#count(gameSessionId, "reservedCount", -1);
    this.#count(gameSessionId, "activeCount", 1);
    this.#context.happenings.tell("player-session-active", {
      fleetId,
      gameSessionId,
      playerSessionId,
    });
  }

  /** RESERVED and ACTIVE ones are over; all others stay as they are. */
  end(playerSessionId: string, status: "COMPLETED" | "TIMEDOUT", withGameSession = false): void {
    const session = this.#sessions.get(playerSessionId);
    if (session?.status !== "RESERVED" && session?.status !== "ACTIVE") return;
    this.#release(playerSessionId);
    const { fleetId, gameSessionId } = session;
    this.#count(gameSessionId, session.status === "RESERVED" ? "reservedCount" : "activeCount", -1);
    session.status = status;
    session.terminatedAtMs = this.#context.clock.wallMs();
    session.endedWithGameSession = withGameSession;
    this.#context.happenings.tell("player-session-ended", {
      fleetId,
      gameSessionId,
      playerSessionId,
      detail: status,
    });
  }

  endAllOf(gameSessionId: string): void {
    for (const playerSessionId of this.#groups.get(gameSessionId)?.sessions.keys() ?? []) {
      this.end(playerSessionId, "COMPLETED", true);
    }
  }

  find(playerSessionId: string): PlayerSession | undefined {
    return this.#sessions.get(playerSessionId);
  }

  /** Oldest first. */
  of(gameSessionId: string): readonly PlayerSession[] {
    return [...(this.#groups.get(gameSessionId)?.sessions.values() ?? [])];
  }

  countOf(gameSessionId: string): number {
    return this.#groups.get(gameSessionId)?.sessions.size ?? 0;
  }

  /** Oldest first. */
  byPlayer(playerId: string): readonly PlayerSession[] {
    return [...(this.#byPlayer.get(playerId) ?? [])];
  }

  /** A game session that is kept no longer, with all its player sessions. */
  forget(gameSessionId: string): void {
    for (const session of this.#groups.get(gameSessionId)?.sessions.values() ?? []) {
      this.#release(session.playerSessionId);
      this.#sessions.delete(session.playerSessionId);
      const ofPlayer = this.#byPlayer.get(session.playerId);
      ofPlayer?.delete(session);
      if (ofPlayer?.size === 0) this.#byPlayer.delete(session.playerId);
    }
    this.#groups.delete(gameSessionId);
  }

  /** Forgets all timers. */
  close(): void {
    for (const cancel of this.#reservations.values()) cancel();
    this.#reservations.clear();
  }

  #count(gameSessionId: string, which: "reservedCount" | "activeCount", by: 1 | -1): void {
    const gameSession = this.#groups.get(gameSessionId)?.gameSession;
    if (gameSession !== undefined) gameSession[which] += by;
  }

  #release(playerSessionId: string): void {
    this.#reservations.get(playerSessionId)?.();
    this.#reservations.delete(playerSessionId);
  }
}
