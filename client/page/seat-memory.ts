/**
 * Remembers the seat over a refresh of the tab. The token is written when the page goes and taken away when it is
 * back: a duplicated tab, which gets a copy of the storage, must not fight over the seat of its original.
 * @module
 */
const KEY_PREFIX = "fleetroom.seat.";

export class SeatMemory {
  readonly #key: string;
  readonly #storage: Storage;

  constructor(game: string, storage: Storage) {
    this.#key = `${KEY_PREFIX}${game}`;
    this.#storage = storage;
  }

  /** @param url - The server the token is good for. */
  keep(url: string, token: string): void {
    try {
      this.#storage.setItem(this.#key, JSON.stringify({ url, token }));
    } catch {
      // Storage is full or forbidden: the refreshed tab gets a new seat instead.
    }
  }

  /** @returns The token for that server, once; `undefined` if there is none. */
  take(url: string): string | undefined {
    try {
      const text = this.#storage.getItem(this.#key);
      this.#storage.removeItem(this.#key);
      const kept = JSON.parse(text ?? "null") as { url?: unknown; token?: unknown } | null;
      return kept?.url === url && typeof kept.token === "string" ? kept.token : undefined;
    } catch {
      // Forbidden, or not ours: as good as nothing kept.
      return undefined;
    }
  }
}
