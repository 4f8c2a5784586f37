/**
 * What an arena player may ask for, and its bytes.
 * @module
 */
import type { ArenaControls } from "./state.ts";

export const ArenaButton = { UP: 1, DOWN: 2, LEFT: 4, RIGHT: 8, FIRE: 16 } as const;

const BUTTONS_ALL = 31;

/**
 * Half a turn, as far as a 32-bit float can come near it: the encoder may round pi up to here.
 * Larger angles are refused, not wrapped: our client never sends one.
 */
const AIM_RADIANS_MAX = Math.fround(Math.PI);

export interface ArenaCommand extends ArenaControls {
  /** The client's own number for this command, unsigned 32-bit, rising by one per command. */
  readonly tick: number;
  /** As of which tick of the match the player was shown the others: see {@link toTickEighths}. A claim. */
  readonly seenTickEighths: number;
}

/** Exactly this many bytes make a command. */
export const ARENA_COMMAND_BYTES = 11;

const SEEN_BITS = 0xffff;

// Little-endian:
//   offset 0  u32  tick        the client's own command number
//   offset 4  u8   buttons     sum of ArenaButton values; bits 5 to 7 are zero
//   offset 5  f32  aimRadians  -pi to pi
//   offset 9  u16  seenTickEighths

/**
 * Writes a command; the aim is rounded to a 32-bit float.
 * @param command - Must be within the bounds of its fields, else the server drops it.
 * @returns 11 bytes, the caller's to keep.
 */
export function encodeArenaCommand(command: ArenaCommand): Uint8Array {
  const view = new DataView(new ArrayBuffer(ARENA_COMMAND_BYTES));
  view.setUint32(0, command.tick, true);
  view.setUint8(4, command.buttons);
  view.setFloat32(5, command.aimRadians, true);
  view.setUint16(9, command.seenTickEighths, true);
  return new Uint8Array(view.buffer);
}

/**
 * Reads a command.
 * @param bytes - Untrusted; borrowed.
 * @returns `undefined` unless there are 11 bytes, no unknown button and an aim within half a turn.
 */
export function decodeArenaCommand(bytes: Uint8Array): ArenaCommand | undefined {
  if (bytes.length !== ARENA_COMMAND_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const buttons = view.getUint8(4);
  const aimRadians = view.getFloat32(5, true);
  if (buttons > BUTTONS_ALL) return undefined;
  // Written so that NaN, which compares false with everything, is refused too.
  if (!(aimRadians >= -AIM_RADIANS_MAX && aimRadians <= AIM_RADIANS_MAX)) return undefined;
  const seenTickEighths = view.getUint16(9, true);
  return { tick: view.getUint32(0, true), buttons, aimRadians, seenTickEighths };
}

/**
 * What a command carries of a tick that lies between two snapshots.
 * @param tick - In the counting of `ArenaState.tick`, with fraction, from 0.
 * @returns Low 16 bits of it in eighths; they come round after 8192 ticks, a minute at the highest tick rate.
 */
export function toTickEighths(tick: number): number {
  return Math.round(tick * 8) & SEEN_BITS;
}

/**
 * How long before a tick it was that a command says.
 * @param tick - Whole.
 * @returns Eighths of a tick, 0 to 32767; 0 for one that has yet to come.
 */
export function eighthsSince(seenTickEighths: number, tick: number): number {
  const ago = (tick * 8 - seenTickEighths) & SEEN_BITS;
  return ago > SEEN_BITS / 2 ? 0 : ago;
}
