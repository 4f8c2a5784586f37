/**
 * Remembers seat and player over a refresh of the tab. Both are written when the page goes and taken away when it is
 * back: a duplicated tab, which gets a copy of the storage, must not fight over the seat of its original.
 * @module
 */
const KEY_PREFIX = "fleetroom.seat.";

/** What a tab had when its page went. */
export interface KeptSeat {
  /** The server that the token is good for. */
  readonly url: string;
  /** Opens the seat; `""` for a page that had none. */
  readonly token: string;
  /** Makes the same player of the tab in its next match. */
  readonly playerToken: string;
}

export class SeatMemory {
  readonly #key: string;
  readonly #storage: Storage;

  constructor(game: string, storage: Storage) {
    this.#key = `${KEY_PREFIX}${game}`;
    this.#storage = storage;
  }

  keep(seat: KeptSeat): void {
    try {
      this.#storage.setItem(this.#key, JSON.stringify(seat));
    } catch {
      // Storage is full or forbidden: the refreshed tab gets a new seat instead.
    }
  }

  /** @returns What was kept, once; `undefined` if there is nothing. */
  take(): KeptSeat | undefined {
    try {
      const text = this.#storage.getItem(this.#key);
      this.#storage.removeItem(this.#key);
      const { url, token, playerToken } = JSON.parse(text ?? "null") as Record<string, unknown>;
      const isKept = [url, token, playerToken].every((each) => typeof each === "string");
      return isKept ? ({ url, token, playerToken } as KeptSeat) : undefined;
    } catch {
      // Forbidden, nothing kept, or not ours.
      return undefined;
    }
  }
}
