import type { Duplex } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as ws from "ws";
import { TRANSPORT_LIMITS } from "../../../server/transport/limits.ts";
import { Heard, WebSocketReader } from "../../../server/transport/web-socket-reader.ts";
import { type ClientFrame, clientFrame, closePayload, cutAt, Opcode } from "./client-frames.ts";
import { exchanged } from "./client-pair.ts";
import {
  bytes,
  goodFrames,
  hex,
  mask,
  meant,
  read,
  type Said,
  streamOf,
  wholly,
} from "./web-socket-streams.ts";

const { messageBytesMax, fragmentsMax } = TRANSPORT_LIMITS;

const nothing = new Uint8Array(0);
const data = (length: number): Pick<ClientFrame, "opcode" | "payload"> => ({
  opcode: Opcode.BINARY,
  payload: new Uint8Array(length),
});
const pieces = (lengths: readonly number[]): ClientFrame[] =>
  lengths.map((length, at) => ({
    opcode: at === 0 ? Opcode.BINARY : Opcode.CONTINUATION,
    payload: new Uint8Array(length),
    fin: at === lengths.length - 1,
  }));
const open: ClientFrame = { ...data(3), fin: false };
const anyOpcode = fc.constantFrom(...Object.values(Opcode).filter((opcode) => opcode !== 1));
const anyControl = fc.constantFrom(Opcode.CLOSE, Opcode.PING, Opcode.PONG);
const badCode = fc.oneof(
  fc.nat(999),
  fc.constantFrom(1004, 1005, 1006),
  fc.integer({ min: 1015, max: 2999 }),
  fc.integer({ min: 5000, max: 65_535 }),
);
const noUtf8 = fc
  .constantFrom("80", "c3", "e282", "c080", "eda080", "f5808080")
  .map((text) => Buffer.concat([Buffer.from("ok "), Buffer.from(text, "hex")]));

/** Frames of which the last is wrong, by class; those before it are good. */
const WRONG: readonly [string, number, fc.Arbitrary<ClientFrame[]>][] = [
  [
    "reserved bits",
    1002,
    fc
      .tuple(anyOpcode, fc.integer({ min: 1, max: 7 }))
      .map(([opcode, rsv]) => [{ opcode, payload: nothing, rsv }]),
  ],
  [
    "an opcode that is none",
    1002,
    fc
      .tuple(fc.constantFrom(3, 4, 5, 6, 7, 11, 12, 13, 14, 15), fc.boolean())
      .map(([opcode, fin]) => [{ opcode, payload: nothing, fin }]),
  ],
  [
    "no mask",
    1002,
    fc
      .tuple(anyOpcode, bytes(20))
      .map(([opcode, payload]) => [{ opcode, payload, isMasked: false }]),
  ],
  [
    "a control frame in pieces",
    1002,
    anyControl.map((opcode) => [{ opcode, payload: nothing, fin: false }]),
  ],
  [
    "a control frame above 125 bytes",
    1002,
    fc
      .tuple(anyControl, fc.integer({ min: 126, max: 70_000 }))
      .map(([opcode, length]) => [{ opcode, payload: new Uint8Array(length) }]),
  ],
  [
    "a continuation of nothing",
    1002,
    fc.boolean().map((fin) => [{ opcode: Opcode.CONTINUATION, payload: nothing, fin }]),
  ],
  [
    "a message inside a message",
    1002,
    fc
      .tuple(fc.constantFrom(Opcode.BINARY, Opcode.TEXT), fc.boolean(), bytes(20))
      .map(([opcode, fin, payload]) => [open, { opcode, payload, fin }]),
  ],
  [
    "half a close code",
    1002,
    fc.nat(255).map((byte) => [{ opcode: Opcode.CLOSE, payload: Uint8Array.of(byte) }]),
  ],
  [
    "a close code that may not be sent",
    1002,
    badCode.map((code) => [{ opcode: Opcode.CLOSE, payload: closePayload(code, "why") }]),
  ],
  [
    "text",
    1003,
    fc
      .tuple(bytes(20), fc.boolean())
      .map(([payload, fin]) => [{ opcode: Opcode.TEXT, payload, fin }]),
  ],
  [
    "a close reason that is no UTF-8",
    1007,
    noUtf8.map((reason) => [{ opcode: Opcode.CLOSE, payload: closePayload(1000, reason) }]),
  ],
  [
    "a message above 4 KB",
    1009,
    fc
      .bigInt({ min: BigInt(messageBytesMax) + 1n, max: 2n ** 64n - 1n })
      .map((announced) => [{ ...data(0), announced }]),
  ],
  [
    "pieces above 4 KB together",
    1009,
    fc
      .integer({ min: 1, max: messageBytesMax })
      .map((length) => pieces([length, messageBytesMax - length + 1])),
  ],
  [
    "more than 64 pieces",
    1009,
    fc.nat(3).map((length) => pieces(Array.from({ length: fragmentsMax + 1 }, () => length))),
  ],
];

describe("a WebSocket stream that is wrong", () => {
  it.each(WRONG)(
    "[WR8] by %s ends with %i, however it was cut, and what came before was heard",
    (_what, code, wrong) => {
      fc.assert(
        fc.property(
          goodFrames,
          wrong,
          bytes(30),
          fc.array(fc.nat(), { maxLength: 8 }),
          (good, bad, after, cuts) => {
            const stream = Buffer.concat([streamOf([...good, ...bad]), after]);
            expect(read(cutAt(stream, cuts))).toEqual([...meant(good), [code, ""]]);
          },
        ),
        { numRuns: 60 },
      );
    },
  );

  it("[WR8] at the limit is none: 4 KB, 64 pieces, and every code and reason of a close", () => {
    expect(wholly(clientFrame(data(messageBytesMax)))).toHaveLength(1);
    expect(wholly(streamOf(pieces([1, messageBytesMax - 1])))).toHaveLength(1);
    expect(wholly(streamOf(pieces(Array.from({ length: fragmentsMax }, () => 64))))).toHaveLength(
      1,
    );
    const codes = [1000, 1001, 1002, 1003, 1007, 1014, 3000, 3999, 4000, 4999];
    for (const code of codes) {
      const payload = closePayload(code, "é".repeat(61));
      expect(wholly(clientFrame({ opcode: Opcode.CLOSE, payload }))).toEqual([
        [Heard.CLOSE, hex(payload)],
      ]);
    }
    expect(wholly(clientFrame({ opcode: Opcode.CLOSE, payload: nothing }))).toEqual([
      [Heard.CLOSE, ""],
    ]);
  });

  it("[WR8] is told by its header, before a byte of its payload", () => {
    for (const frames of [
      [{ ...data(0), announced: 2n ** 40n }],
      pieces([messageBytesMax, 1]),
      [{ opcode: Opcode.TEXT, payload: nothing }],
    ]) {
      const stream = streamOf(frames);
      const last = clientFrame(frames.at(-1) as ClientFrame);
      const header = stream.length - last.length + (last.length > 10 ? 10 : 2);
      expect(wholly(stream.subarray(0, header)).at(-1)?.[0]).toBeGreaterThanOrEqual(1000);
    }
  });

  it("[WR8] of any bytes gets an answer, the one that ws gives, however they were cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        goodFrames,
        fc.array(
          fc.oneof(
            oddFrame.map(clientFrame),
            bytes(40).map((raw) => Buffer.from(raw)),
          ),
          {
            maxLength: 4,
          },
        ),
        fc.array(fc.nat(), { maxLength: 8 }),
        async (good, odd, cuts) => {
          const stream = Buffer.concat([streamOf(good), ...odd]);
          const said = read(cutAt(stream, cuts));
          expect(said).toEqual(wholly(stream));
          // What we judge in our own way: text, and pieces too many.
          fc.pre(said.at(-1)?.[0] !== Heard.TEXT);
          expect(said).toEqual(await readByWs(Buffer.from(stream)));
        },
      ),
      { numRuns: 600 },
    );
  });
});

const oddFrame: fc.Arbitrary<ClientFrame> = fc.record(
  {
    opcode: fc.oneof({ weight: 4, arbitrary: anyOpcode }, { weight: 1, arbitrary: fc.nat(15) }),
    payload: fc.oneof(bytes(20), bytes(140)),
    fin: fc.boolean(),
    rsv: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 4),
    isMasked: fc.constantFrom(true, true, true, true, true, true, false),
    mask,
    announced: fc.constantFrom(0n, 1n, 125n, 126n, 4_096n, 4_097n, 65_535n, 65_536n, 2n ** 63n),
  },
  { requiredKeys: ["opcode", "payload"] },
);

type Receiver = Duplex & NodeJS.EventEmitter;
const { Receiver } = ws as unknown as { Receiver: new (options: object) => Receiver };

/** The same of the library that so many clients know. */
async function readByWs(stream: Buffer): Promise<Said[]> {
  const receiver = new Receiver({ isServer: true, maxPayload: messageBytesMax });
  const said: Said[] = [];
  receiver.on("message", (message: Buffer) => said.push([Heard.MESSAGE, hex(message)]));
  receiver.on("ping", (payload: Buffer) => said.push([Heard.PING, hex(payload)]));
  receiver.on("pong", (payload: Buffer) => said.push([Heard.PONG, hex(payload)]));
  receiver.on("conclude", (code: number, reason: Buffer) => {
    said.push([Heard.CLOSE, code === 1005 ? "" : hex(closePayload(code, reason))]);
  });
  receiver.on("error", (error: Error) => {
    const [status] = Object.getOwnPropertySymbols(error).filter(
      ({ description }) => description === "status-code",
    );
    said.push([Number(Reflect.get(error, status as symbol)), ""]);
  });
  receiver.write(stream);
  await exchanged(2);
  return said;
}

it("[WR8] of which only headers came holds next to nothing, whatever they announce", () => {
  const header = clientFrame(data(messageBytesMax)).subarray(0, 8);
  const readers = Array.from({ length: 2_000 }, () => new WebSocketReader());
  const before = process.memoryUsage().arrayBuffers;
  for (const reader of readers) {
    reader.take(Buffer.from(header));
    expect(reader.next()).toBe(Heard.NOTHING);
  }
  const grownBytes = process.memoryUsage().arrayBuffers - before;
  expect(grownBytes / readers.length).toBeLessThan(messageBytesMax / 8);
});
