import { INPUT_BYTES, writeInput } from "../match/input-bytes.ts";
import type { Input } from "../match/rules.ts";
import { DeltaProbe } from "./probes/delta-probe.ts";
import { FloatProbe } from "./probes/float-probe.ts";
import type { Probe } from "./probes/probe.ts";
import { SchemaProbe } from "./probes/schema-probe.ts";
import { SnapshotProbe } from "./probes/snapshot-probe.ts";
import { SocketIoProbe } from "./probes/socket-io-probe.ts";
import { EVENT, encodePacket } from "./socket-io.ts";

/** How players of the reference match say what they want to one kind of server, and how its states are read. */
export interface Dialect {
  encode(input: Input): Buffer;
  /** @param sessionId - Of the client, once it has one. */
  probe(sessionId: () => string | undefined, tickRateHz: number): Probe;
  /** States say the tick of a dump that snapshots of ours have. */
  readonly countsSnapshotTicks?: true;
}

export type DialectName =
  | "colyseus"
  | "colyseus-input"
  | "ours"
  | "ours-schema"
  | "float32"
  | "deltas"
  | "socket.io";

export const DIALECTS: Readonly<Record<DialectName, Dialect>> = {
  /** `room.send("input", { dx, dy, angle })` of the stock SDK: ROOM_DATA, the type's text, an object in msgpack. */
  colyseus: {
    encode({ dx, dy, angle }) {
      const message = Buffer.from(OBJECT);
      message.writeDoubleBE(dx, AT.dx);
      message.writeDoubleBE(dy, AT.dy);
      message.writeUInt16BE(angle, AT.angle);
      return message;
    },
    probe: (sessionId) => new SchemaProbe(sessionId),
  },
  /** `room.input()` of the stock SDK: ROOM_INPUT_RELIABLE, and the fields that changed. */
  "colyseus-input": {
    encode({ dx, dy, angle }) {
      const message = Buffer.from(FIELDS);
      message.writeFloatLE(dx, 2);
      message.writeFloatLE(dy, 7);
      message.writeUInt16LE(angle, 12);
      return message;
    },
    probe: (sessionId) => new SchemaProbe(sessionId),
  },
  /** A command: ROOM_DATA_BYTES, the type `c`, ten bytes. */
  ours: {
    encode: (input) => bytesOf(COMMAND, input),
    probe: (_sessionId, tickRateHz) => new SnapshotProbe(tickRateHz),
    countsSnapshotTicks: true,
  },
  "ours-schema": {
    encode: (input) => bytesOf(COMMAND, input),
    probe: (sessionId) => new SchemaProbe(sessionId),
  },
  float32: {
    encode: (input) => bytesOf([], input),
    probe: () => new FloatProbe(),
  },
  deltas: {
    encode: (input) => bytesOf([], input),
    probe: () => new DeltaProbe(),
  },
  /** `socket.emit("input", { dx, dy, angle })`. */
  "socket.io": {
    encode: (input) => encodePacket({ type: EVENT, nsp: "/", data: ["input", input] }),
    probe: () => new SocketIoProbe(),
  },
};

const COMMAND = [0x11, 0xa1, 0x63];

function bytesOf(head: readonly number[], input: Input): Buffer {
  const message = Buffer.alloc(head.length + INPUT_BYTES);
  message.set(head);
  writeInput(new DataView(message.buffer, message.byteOffset), head.length, input);
  return message;
}

const text = (word: string): number[] => [0xa0 | word.length, ...Buffer.from(word)];
const float64 = [0xcb, 0, 0, 0, 0, 0, 0, 0, 0];
const uint16 = [0xcd, 0, 0];
/** `0d | "input" | d4 72 40: a record of these | an array of 3 names | 3 values`, as the SDK's msgpackr writes objects. */
const OBJECT = Buffer.from([
  ...[0x0d, ...text("input"), 0xd4, 0x72, 0x40],
  ...[0x93, ...text("dx"), ...text("dy"), ...text("angle")],
  ...[...float64, ...float64, ...uint16],
]);
const AT = { dx: 24, dy: 33, angle: 42 } as const;
const FIELDS = Buffer.from([0x13, 0x80, 0, 0, 0, 0, 0x81, 0, 0, 0, 0, 0x82, 0, 0]);
