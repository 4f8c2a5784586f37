import type { GameSession, PlayerSession, PlayerSessionStatus } from "../fleet.ts";
import {
  generatedPlayer,
  type LocalPlayerSession,
  type LocalSession,
  PLAYER_SESSIONS_MAX,
} from "./session-file.ts";

interface Entry {
  readonly fixed: Omit<LocalPlayerSession, "status">;
  status: PlayerSessionStatus;
  /** Accepted and not removed: the game has this player. */
  isSeated: boolean;
}

/**
 * One placed game session and the states of its player sessions, by the fleet's rules:
 *
 *   RESERVED -- accept --> ACTIVE -- remove --> COMPLETED
 *       \-- edit of the file --> TIMEDOUT, COMPLETED or ACTIVE, and back
 */
export class PlacedSession {
  readonly gameSession: GameSession;
  /** Closed to new player sessions: none are generated. Those that exist may still be played. */
  isOpen = true;
  readonly #entries = new Map<string, Entry>();
  /** Ids handed out and not handed out again since, the one longest ago first. */
  readonly #handedOut = new Set<string>();
  readonly #isGenerated: boolean;

  constructor(session: LocalSession, gameSessionId: string) {
    this.gameSession = { ...session.gameSession, gameSessionId };
    this.#isGenerated = session.isGenerated;
    for (const playerSession of session.playerSessions) this.#add(playerSession);
  }

  describe(): readonly PlayerSession[] {
    const { gameSessionId } = this.gameSession;
    return [...this.#entries.values()].map(({ fixed, status }) => ({
      ...fixed,
      gameSessionId,
      status,
    }));
  }

  /** @returns Whether RESERVED became ACTIVE. */
  accept(playerSessionId: string): boolean {
    const entry = this.#entries.get(playerSessionId);
    if (entry?.status !== "RESERVED") return false;
    entry.status = "ACTIVE";
    entry.isSeated = true;
    return true;
  }

  /** @returns Whether ACTIVE became COMPLETED. */
  remove(playerSessionId: string): boolean {
    const entry = this.#entries.get(playerSessionId);
    if (entry?.status !== "ACTIVE") return false;
    entry.status = "COMPLETED";
    entry.isSeated = false;
    return true;
  }

  /**
   * Takes over what an edit of the file changed. Only a status that differs from the file before counts, or every edit
   * would undo what was played; a seated player is never touched. What the file no longer names stays until the end.
   */
  edit(before: LocalSession, after: LocalSession): void {
    const earlier = new Map(before.playerSessions.map((each) => [each.playerSessionId, each]));
    for (const playerSession of after.playerSessions) {
      const { playerSessionId, status } = playerSession;
      const entry = this.#entries.get(playerSessionId);
      if (entry === undefined) this.#add(playerSession);
      else if (!entry.isSeated && earlier.get(playerSessionId)?.status !== status) {
        entry.status = status;
      }
    }
  }

  /** Hands out a free id: first those never handed out, then those handed out longest ago and not used yet. */
  next(): string | undefined {
    const free = (id: string) => this.#entries.get(id)?.status === "RESERVED";
    const id =
      [...this.#entries.keys()].find((each) => free(each) && !this.#handedOut.has(each)) ??
      [...this.#handedOut].find(free) ??
      this.#generate();
    if (id === undefined) return undefined;
    this.#handedOut.delete(id);
    this.#handedOut.add(id);
    return id;
  }

  /** One more player session, if the game session takes one: open, not full, and not beyond the fleet's limit. */
  #generate(): string | undefined {
    const taken = [...this.#entries.values()].filter(
      ({ status }) => status === "RESERVED" || status === "ACTIVE",
    );
    const isFull =
      taken.length >= this.gameSession.maximumPlayerSessionCount ||
      this.#entries.size >= PLAYER_SESSIONS_MAX;
    if (!this.#isGenerated || !this.isOpen || isFull) return undefined;
    let number = this.#entries.size + 1;
    // An edit may have listed an id that looks like a generated one.
    while (this.#entries.has(generatedPlayer(number).playerSessionId)) number++;
    const playerSession = generatedPlayer(number);
    this.#add(playerSession);
    return playerSession.playerSessionId;
  }

  #add({ status, ...fixed }: LocalPlayerSession): void {
    this.#entries.set(fixed.playerSessionId, { fixed, status, isSeated: false });
  }
}
