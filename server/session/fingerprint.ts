import { hash } from "node:crypto";

/**
 * The session id of a seat that a lobby handed out: 22 characters of a hash (128 bits), which others may see. Whoever
 * claims it brings the player session id itself.
 */
export function publicSessionId(playerSessionId: string): string {
  return hash("sha256", playerSessionId, "base64url").slice(0, 22);
}

/** First 8 hex digits of the SHA-256 of a secret: enough to follow it through a log, useless to join with. */
export function fingerprint(secret: string): string {
  return hash("sha256", secret, "hex").slice(0, 8);
}
