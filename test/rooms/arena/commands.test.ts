import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type ArenaCommand,
  decodeArenaCommand,
  encodeArenaCommand,
} from "../../../rooms/arena/commands.ts";

const pi = Math.fround(Math.PI);
const commands: fc.Arbitrary<ArenaCommand> = fc.record({
  tick: fc.nat(0xffffffff),
  buttons: fc.nat(31),
  aimRadians: fc.float({ min: -pi, max: pi, noNaN: true }),
  seenTickEighths: fc.nat(0xffff),
});

/** Bytes of a good command with one float replaced. */
function withAim(aimRadians: number): Uint8Array {
  const bytes = encodeArenaCommand({ tick: 1, buttons: 0, aimRadians: 0, seenTickEighths: 0 });
  new DataView(bytes.buffer).setFloat32(5, aimRadians, true);
  return bytes;
}

test("[SM1] never throws, and returns a bounded command or nothing, for any bytes", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 255 }),
    fc.uint8Array({ minLength: 11, maxLength: 11 }),
  );
  fc.assert(
    fc.property(bytes, (untrusted) => {
      const command = decodeArenaCommand(untrusted);
      if (command === undefined) return;
      expect(untrusted.length).toBe(11);
      expect(command.tick).toBe(command.tick >>> 0);
      expect(command.buttons).toBe(command.buttons & 31);
      expect(Math.abs(command.aimRadians)).toBeLessThanOrEqual(pi);
    }),
    { numRuns: 2000 },
  );
});

test("[SM1] refuses NaN, infinities and more than half a turn", () => {
  for (const aim of [Number.NaN, Infinity, -Infinity, 3.15, -3.15, 1e30]) {
    expect(decodeArenaCommand(withAim(aim))).toBeUndefined();
  }
  expect(decodeArenaCommand(withAim(Math.PI))?.aimRadians).toBe(pi);
});

test("[SM1] refuses unknown buttons and any other length", () => {
  const good = encodeArenaCommand({ tick: 7, buttons: 31, aimRadians: 1, seenTickEighths: 9 });
  for (const bit of [32, 64, 128]) {
    expect(decodeArenaCommand(Uint8Array.from(good).fill(bit, 4, 5))).toBeUndefined();
  }
  for (const length of [0, 1, 9, 10, 12, 255]) {
    const other = new Uint8Array(length);
    other.set(good.subarray(0, Math.min(11, length)));
    expect(decodeArenaCommand(other)).toBeUndefined();
  }
});

test("[SM2] reads back every command it writes, from the middle of a buffer too", () => {
  fc.assert(
    fc.property(commands, fc.nat(20), (command, offset) => {
      const frame = new Uint8Array(offset + 20).fill(0xff);
      frame.set(encodeArenaCommand(command), offset);
      expect(decodeArenaCommand(frame.subarray(offset, offset + 11))).toEqual(command);
    }),
  );
});

test("[SM2] keeps the byte layout", () => {
  const bytes = encodeArenaCommand({
    tick: 0x01020304,
    buttons: 17,
    aimRadians: 1.5,
    seenTickEighths: 0x0506,
  });
  expect([...bytes]).toEqual([4, 3, 2, 1, 17, 0, 0, 0xc0, 0x3f, 6, 5]);
});
