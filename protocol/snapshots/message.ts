/**
 * Messages of type `s` (`messages.ts`): Colyseus's code 17, the type as msgpack text, then
 *
 *   1 KEYFRAME  u8 1 | u32 tick | bits     everything that the stream holds
 *   2 DELTA     u8 2 | u8 ticks | bits     what changed since the message before it in the stream, so many ticks ago;
 *                                          0 ticks: u32 tick comes before the bits
 *   3 OWN       u8 3 | u32 tick | bits     one entity, outside of the stream
 *
 * Numbers are little-endian. docs/PROTOCOL.md has the bits.
 * @module
 */
import { SNAPSHOT } from "../messages.ts";

export const SnapshotType = { KEYFRAME: 1, DELTA: 2, OWN: 3 } as const;

/** ROOM_DATA_BYTES, and the type as msgpack text. */
const PREFIX: readonly number[] = [0x11, 0xa0 + SNAPSHOT.length, SNAPSHOT.charCodeAt(0)];
const PREFIX_BYTES = PREFIX.length;

/** From the beginning of the message to its bits. */
export const LONG_HEADER_BYTES = PREFIX_BYTES + 5;
export const DELTA_HEADER_BYTES = PREFIX_BYTES + 2;
export const LONG_DELTA_HEADER_BYTES = PREFIX_BYTES + 6;
/** More do not fit into the byte of a DELTA. */
export const DELTA_TICKS_MAX = 255;

/** @param message - With as much room in front as the header takes. */
export function fillLongHeader(
  message: Uint8Array,
  type: typeof SnapshotType.KEYFRAME | typeof SnapshotType.OWN,
  tick: number,
): void {
  message.set(PREFIX);
  message[PREFIX_BYTES] = type;
  fillTick(message, PREFIX_BYTES + 1, tick);
}

/** @param ticks - Since the message before, 1 to 255; 0 for the long header, which has `tick`. */
export function fillDeltaHeader(message: Uint8Array, ticks: number, tick: number): void {
  message.set(PREFIX);
  message[PREFIX_BYTES] = SnapshotType.DELTA;
  message[PREFIX_BYTES + 1] = ticks;
  if (ticks === 0) fillTick(message, PREFIX_BYTES + 2, tick);
}

function fillTick(message: Uint8Array, at: number, tick: number): void {
  message[at] = tick;
  message[at + 1] = tick >>> 8;
  message[at + 2] = tick >>> 16;
  message[at + 3] = tick >>> 24;
}

/** @returns Unsigned 32-bit, `undefined` behind the end. */
export function tickAt(payload: Uint8Array, at: number): number | undefined {
  if (payload.length < at + 4) return undefined;
  const [a = 0, b = 0, c = 0, d = 0] = payload.subarray(at, at + 4);
  return (a | (b << 8) | (c << 16) | (d << 24)) >>> 0;
}
