import { assertHost } from "../errors.ts";
import { fingerprint } from "./fingerprint.ts";

/** A seat that a player holds, connected or away within the reconnection window. */
export interface SeatHolder {
  /** Names the holder's connection towards Colyseus; 128 random bits, never a player session id. */
  readonly sessionId: string;
  /** 0 ≤ seat < capacity. */
  readonly seat: number;
  readonly playerId: string;
  readonly playerSessionId: string;
  /** What may be written of the player session id. */
  readonly playerSessionHash: string;
}

/** Which player holds which seat of one match. A player holds at most one. */
export class Seats {
  readonly #bySession = new Map<string, SeatHolder>();
  readonly #byPlayer = new Map<string, SeatHolder>();
  readonly #taken: boolean[] = [];

  /** Seats held now, connected or away. */
  get heldCount(): number {
    return this.#byPlayer.size;
  }

  holders(): readonly SeatHolder[] {
    return [...this.#byPlayer.values()];
  }

  ofSession(sessionId: string): SeatHolder | undefined {
    return this.#bySession.get(sessionId);
  }

  ofPlayer(playerId: string): SeatHolder | undefined {
    return this.#byPlayer.get(playerId);
  }

  /**
   * Gives a player the lowest free seat, or moves the seat he holds to a new connection and player session.
   * @returns The holder, and who held the seat before when it was taken over.
   */
  occupy(player: { sessionId: string; playerId: string; playerSessionId: string }): {
    holder: SeatHolder;
    previous: SeatHolder | undefined;
  } {
    const previous = this.#byPlayer.get(player.playerId);
    const seat = previous?.seat ?? this.#lowestFree();
    const playerSessionHash = fingerprint(player.playerSessionId);
    const holder: SeatHolder = { ...player, playerSessionHash, seat };
    if (previous !== undefined) this.#bySession.delete(previous.sessionId);
    this.#taken[seat] = true;
    this.#bySession.set(holder.sessionId, holder);
    this.#byPlayer.set(holder.playerId, holder);
    return { holder, previous };
  }

  /** Frees the seat of a connection. @returns who held it, or `undefined` if that connection holds none (any more). */
  vacate(sessionId: string): SeatHolder | undefined {
    const holder = this.#bySession.get(sessionId);
    if (holder === undefined) return undefined;
    assertHost(this.#byPlayer.get(holder.playerId) === holder, "a seat has one holder");
    this.#bySession.delete(sessionId);
    this.#byPlayer.delete(holder.playerId);
    this.#taken[holder.seat] = false;
    return holder;
  }

  #lowestFree(): number {
    const free = this.#taken.indexOf(false);
    return free === -1 ? this.#taken.length : free;
  }
}
