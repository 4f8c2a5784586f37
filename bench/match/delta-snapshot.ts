/**
 * What a hand-written server on `ws` sends if it leaves out what has not changed: floats, and a byte for each body that
 * says which of them follow.
 * @module
 */
import { type Body, newBody } from "./rules.ts";

const PATCH = 15;
const HEAD_BYTES = 7;
const BODY_BYTES_MAX = 19;
const FLOATS = ["x", "y", "vx", "vy"] as const;
const ANGLE_BIT = 1 << FLOATS.length;

//   offset 0  u8   15
//   offset 1  u32  tick
//   offset 5  u16  bodies, and for each of them, always in the same order
//             u8 which: 1 x, 2 y, 4 vx, 8 vy, 16 angle; then those: f32 each, u16 for the angle

/** Everybody has been sent the same before. */
export class DeltaEncoder {
  readonly #sent: Body[] = [];

  /** @returns Fresh memory, which nobody writes to again. */
  encode(tick: number, bodies: readonly Body[]): Buffer {
    const bytes = Buffer.allocUnsafe(HEAD_BYTES + BODY_BYTES_MAX * bodies.length);
    bytes[0] = PATCH;
    bytes.writeUInt32LE(tick, 1);
    bytes.writeUInt16LE(bodies.length, 5);
    let at = HEAD_BYTES;
    for (let nth = 0; nth < bodies.length; nth++) {
      const body = bodies[nth] as Body;
      const sent = this.#sent[nth];
      this.#sent[nth] ??= newBody();
      at = writeChanges(bytes, at, body, sent, this.#sent[nth] as Body);
    }
    return Buffer.from(bytes.subarray(0, at));
  }

  /** Everything that was said so far, for one who comes late. */
  whole(tick: number): Buffer {
    return new DeltaEncoder().encode(tick, this.#sent);
  }
}

/** @returns Where the next one begins. */
function writeChanges(
  bytes: Buffer,
  at: number,
  body: Body,
  sent: Body | undefined,
  now: Body,
): number {
  let which = 0;
  let end = at + 1;
  for (let bit = 0; bit < FLOATS.length; bit++) {
    const name = FLOATS[bit] as (typeof FLOATS)[number];
    const value = Math.fround(body[name]);
    if (sent !== undefined && Object.is(sent[name], value)) continue;
    now[name] = value;
    which |= 1 << bit;
    bytes.writeFloatLE(value, end);
    end += 4;
  }
  if (sent === undefined || sent.angle !== body.angle) {
    now.angle = body.angle;
    which |= ANGLE_BIT;
    bytes.writeUInt16LE(body.angle, end);
    end += 2;
  }
  bytes[at] = which;
  return end;
}

/** Changes `bodies` as a message says. @returns Its tick. */
export function readDelta(bytes: Buffer, bodies: Body[]): number {
  let at = HEAD_BYTES;
  for (let nth = 0; nth < bytes.readUInt16LE(5); nth++) {
    bodies[nth] ??= newBody();
    const body = bodies[nth] as Body;
    const which = bytes[at++] ?? 0;
    for (let bit = 0; bit < FLOATS.length; bit++) {
      if ((which & (1 << bit)) === 0) continue;
      body[FLOATS[bit] as (typeof FLOATS)[number]] = bytes.readFloatLE(at);
      at += 4;
    }
    if ((which & ANGLE_BIT) === 0) continue;
    body.angle = bytes.readUInt16LE(at);
    at += 2;
  }
  return bytes.readUInt32LE(1);
}
