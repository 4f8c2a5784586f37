/**
 * Who a player is from one join to the next: a made-up id, and a token that says that it was made up here.
 * @module
 */
import { createHmac, randomBytes, randomUUID, timingSafeEqual } from "node:crypto";

const TOKEN = /^(player-[0-9a-f-]{36})\.([A-Za-z0-9_-]{43})$/;

/** Bytes of a key that nobody chose. */
const KEY_BYTES = 32;

export interface PlayerIdentity {
  readonly playerId: string;
  /** A secret of the player's: whoever has it is the player. */
  readonly playerToken: string;
}

export class PlayerTokens {
  readonly #key: string | Buffer;

  /** @param key - Of several lobbies, the same; `undefined` for one whose tokens end with it. */
  constructor(key: string | undefined) {
    this.#key = key ?? randomBytes(KEY_BYTES);
  }

  newPlayer(): PlayerIdentity {
    const playerId = `player-${randomUUID()}`;
    return { playerId, playerToken: `${playerId}.${this.#seal(playerId)}` };
  }

  /** @returns Whose token it is; `undefined` when it was not made with this key. */
  read(token: string): PlayerIdentity | undefined {
    const [, playerId, seal] = TOKEN.exec(token) ?? [];
    if (playerId === undefined || seal === undefined) return undefined;
    const isOurs = timingSafeEqual(Buffer.from(seal), Buffer.from(this.#seal(playerId)));
    return isOurs ? { playerId, playerToken: token } : undefined;
  }

  #seal(playerId: string): string {
    return createHmac("sha256", this.#key).update(playerId).digest("base64url");
  }
}
