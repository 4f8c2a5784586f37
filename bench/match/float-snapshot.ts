/**
 * What the hand-written server on plain `ws` sends at each tick: everything, as it is.
 * @module
 */
import type { Body } from "./rules.ts";

/** As Colyseus's patch, so that the load counts it as one. */
const PATCH = 15;
/** Tells a client which of them is its own. */
const HELLO = 16;
const HEAD_BYTES = 5;
const BODY_BYTES = 18;

//   offset 0  u8   15
//   offset 1  u32  tick, and for each body, always in the same order
//             f32 x, y, vx, vy | u16 angle

/** @returns Fresh memory, which nobody writes to again. */
export function encodeFloats(tick: number, bodies: readonly Body[]): Buffer {
  const bytes = Buffer.allocUnsafeSlow(HEAD_BYTES + BODY_BYTES * bodies.length);
  bytes[0] = PATCH;
  bytes.writeUInt32LE(tick, 1);
  let at = HEAD_BYTES;
  for (const body of bodies) {
    bytes.writeFloatLE(body.x, at);
    bytes.writeFloatLE(body.y, at + 4);
    bytes.writeFloatLE(body.vx, at + 8);
    bytes.writeFloatLE(body.vy, at + 12);
    bytes.writeUInt16LE(body.angle, at + 16);
    at += BODY_BYTES;
  }
  return bytes;
}

export const ticksOfFloats = (bytes: Buffer): number => bytes.readUInt32LE(1);

export const countOfFloats = (bytes: Buffer): number =>
  Math.floor((bytes.length - HEAD_BYTES) / BODY_BYTES);

export function bodyOfFloats(bytes: Buffer, nth: number): Body {
  const at = HEAD_BYTES + BODY_BYTES * nth;
  return {
    x: bytes.readFloatLE(at),
    y: bytes.readFloatLE(at + 4),
    vx: bytes.readFloatLE(at + 8),
    vy: bytes.readFloatLE(at + 12),
    angle: bytes.readUInt16LE(at + 16),
  };
}

export function encodeHello(nth: number): Buffer {
  const bytes = Buffer.alloc(3);
  bytes[0] = HELLO;
  bytes.writeUInt16LE(nth, 1);
  return bytes;
}

/** @returns Which body is one's own, `undefined` for any other message. */
export const helloOf = (bytes: Buffer): number | undefined =>
  bytes[0] === HELLO ? bytes.readUInt16LE(1) : undefined;
