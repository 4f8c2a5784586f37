import * as adapter from "./adapter.ts";
import type { Random } from "./seeded.ts";

/** What a seated client may send that no honest one does: one message each, as Colyseus would read it. */
type Class = (random: Random, room: HostedRoom) => Buffer;
export type HostedRoom = "arena" | "chat";

const ROOM_DATA = 13;
const OPCODES = [10, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21];

/** Numbers in every width that msgpack and Colyseus know, right, too short, or beyond all bounds. */
const NUMBERS: readonly (readonly [head: number, bytes: number])[] = [
  [0xcc, 1],
  [0xcd, 2],
  [0xce, 4],
  [0xcf, 8],
  [0xd0, 1],
  [0xd1, 2],
  [0xd2, 4],
  [0xd3, 8],
  [0xca, 4],
  [0xcb, 8],
];

function number(random: Random): Buffer {
  const [head, bytes] = random.pick(NUMBERS);
  const value = random.chance(0.5) ? Buffer.alloc(bytes, 0xff) : random.bytes(bytes);
  return Buffer.concat([Buffer.from([head]), value.subarray(0, random.chance(0.8) ? bytes : 1)]);
}

/** A message type as Colyseus reads it: text, or a number. */
function type(random: Random): Buffer {
  if (random.chance(0.3)) return number(random);
  const name = random.pick(["c", "say", "", "welcome", "__proto__", "constructor", "*"]);
  const length = random.chance(0.8) ? name.length : random.below(32);
  return Buffer.concat([Buffer.from([0xa0 | length]), Buffer.from(name)]);
}

/** Claims to hold more, or deeper, than any memory does. */
function msgpackBomb(random: Random): Buffer {
  const depth = 1 + random.below(3_000);
  return random.pick([
    () => Buffer.alloc(depth, 0x91),
    () => Buffer.alloc(depth, 0x81),
    () => Buffer.from([0xdd, 0xff, 0xff, 0xff, 0xff]),
    () => Buffer.from([0xdf, 0xff, 0xff, 0xff, 0xff]),
    () => Buffer.from([0xdb, 0x7f, 0xff, 0xff, 0xff, 0x61]),
    () => Buffer.from([0xc6, 0xff, 0xff, 0xff, 0xff]),
    () => Buffer.concat([Buffer.from([0xc9, 0xff, 0xff, 0xff, 0xff, 0x05]), random.bytes(9)]),
    () => Buffer.concat([Buffer.from([0xdc, 0xff, 0xff]), Buffer.alloc(depth, 0xc0)]),
    () => Buffer.concat([Buffer.from([0x81, 0xa9]), Buffer.from("__proto__"), Buffer.from([0x80])]),
  ])();
}

function jsonBomb(random: Random): Buffer {
  const depth = 1 + random.below(3_000);
  const text = random.pick([
    "[".repeat(depth),
    '{"a":'.repeat(Math.ceil(depth / 5)),
    `{"__proto__":${"1".repeat(random.below(400))}}`,
    `"${"\\u0000".repeat(random.below(500))}"`,
    "1e999999",
  ]);
  const bytes = Buffer.from(text.slice(0, 3_900));
  return Buffer.concat([Buffer.from([0xda, bytes.length >> 8, bytes.length & 255]), bytes]);
}

const of = (opcode: number, ...parts: Buffer[]) => Buffer.concat([Buffer.from([opcode]), ...parts]);

/** What an honest client of the room says. */
function realMessage(random: Random, room: HostedRoom): Buffer {
  if (random.chance(0.3)) return adapter.ping();
  if (room === "chat") {
    return of(ROOM_DATA, Buffer.from([0xa3]), Buffer.from("say"), Buffer.from([0xa2, 0x68, 0x69]));
  }
  return adapter.command(random.below(2 ** 31), { buttons: random.below(32), aimRadians: 1 });
}

export const AFTER_JOIN: Readonly<Record<string, Class>> = {
  "any opcode": (random) => of(random.below(256), random.bytes(random.length(200))),
  "a known opcode with anything": (random) =>
    of(random.pick(OPCODES), random.bytes(random.length(400))),
  "number widths": (random) => of(random.pick([13, 17, 19, 21]), number(random), number(random)),
  "msgpack bombs": (random) => of(random.pick([13, 19, 21]), type(random), msgpackBomb(random)),
  "JSON bombs": (random) => of(random.pick([13, 17, 19]), type(random), jsonBomb(random)),
  "edited real messages": (random, room) => random.edited(realMessage(random, room)),
  "real messages": realMessage,
  requests: (random) => of(19, number(random), type(random), random.bytes(random.length(60))),
  oversize: (random) => of(random.pick([13, 17]), random.bytes(4_000 + random.below(400))),
};
