import { randomFillSync } from "node:crypto";

const TOKEN_BYTES = 16;
/** Drawn from the system at once: a draw costs more than the bytes. */
const pool = Buffer.alloc(256 * TOKEN_BYTES);
let used = pool.length;

/** @returns 128 random bits as 22 URL-safe characters; nobody gets the same bits again. */
export function newToken(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const token = pool.toString("base64url", used, used + TOKEN_BYTES);
  pool.fill(0, used, used + TOKEN_BYTES);
  used += TOKEN_BYTES;
  return token;
}
