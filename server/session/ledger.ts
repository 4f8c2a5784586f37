/**
 * The single-use ledger: what has become of each player session id in this game session. An id leads to at most one
 * seat, however many connections present it at once.
 *
 *   (free) --take--> reserved --use--> accepting --spend--> spent
 *      ^                |                  |
 *      +----free--------+------free--------+
 *
 * It holds ids of the fleet's own roster only, so it is bounded by the player sessions of one game session.
 * @module
 */

export type LedgerState = "reserved" | "accepting" | "spent";

export class Ledger {
  readonly #entries = new Map<string, LedgerState>();

  stateOf(playerSessionId: string): LedgerState | undefined {
    return this.#entries.get(playerSessionId);
  }

  /** Takes a free entry. @returns false if somebody holds it or it was used. */
  take(playerSessionId: string): boolean {
    if (this.#entries.has(playerSessionId)) return false;
    this.#entries.set(playerSessionId, "reserved");
    return true;
  }

  /** Marks a reserved entry as being accepted. @returns false if it is not reserved. */
  use(playerSessionId: string): boolean {
    if (this.#entries.get(playerSessionId) !== "reserved") return false;
    this.#entries.set(playerSessionId, "accepting");
    return true;
  }

  /** The fleet accepted it: it never leads to another seat. */
  spend(playerSessionId: string): void {
    this.#entries.set(playerSessionId, "spent");
  }

  /** Nothing came of it: the same id may try again. A spent entry stays spent. */
  free(playerSessionId: string): void {
    if (this.#entries.get(playerSessionId) !== "spent") this.#entries.delete(playerSessionId);
  }
}
