import { decode } from "@colyseus/schema";

/** Colyseus's opcode; the upper three bits of a first byte are modifiers. */
const JOIN_ROOM = 10;
const OPCODE_MASK = 0x1f;

export function isJoinRoom(message: Uint8Array): boolean {
  return ((message[0] ?? 0) & OPCODE_MASK) === JOIN_ROOM;
}

/**
 * Whether the lengths inside a JOIN_ROOM lie inside the message:
 *
 *   0a | u8 n | token (n) | u8 n | serializer (n) | number n | state's schema (n) | sections: u8 tag, number n, n bytes
 *
 * The SDK walks over the sections by their lengths, and for ever where one is negative.
 */
export function isWholeJoinRoom(message: Uint8Array): boolean {
  const at = { offset: 1 };
  for (let text = 0; text < 2; text++) at.offset += 1 + (message[at.offset] ?? 0);
  if (!skipCounted(message, at)) return false;
  while (at.offset < message.length) {
    at.offset++;
    if (!skipCounted(message, at)) return false;
  }
  return true;
}

/** Moves over a length and what it counts. @returns `false` if that is not there. */
function skipCounted(message: Uint8Array, at: { offset: number }): boolean {
  if (at.offset >= message.length) return false;
  const bytes: number = decode.number(message, at);
  if (!Number.isInteger(bytes) || bytes < 0) return false;
  at.offset += bytes;
  return at.offset <= message.length;
}
