import { randomBytes } from "node:crypto";
import { Control } from "../../protocol/control.ts";

/** A WebSocket's own frames that matter here (RFC 6455, section 5.2). */
const Opcode = { TEXT: 1, BINARY: 2, CLOSE: 8, PING: 9, PONG: 10 } as const;

/** One frame of a server. Views of what came from the socket. */
interface Frame {
  readonly payload: Buffer;
  /** Where the next one begins. */
  readonly end: number;
  /** What an honest client writes at once, if anything. */
  readonly reply: Buffer | undefined;
  /** The server ends the connection. */
  readonly isClose: boolean;
}

/** How one kind of connection carries payloads: as cheap as can be, since the swarm must never be the slower side. */
export interface Framing {
  wrap(payload: Buffer): Buffer;
  /** @returns The frame that begins there, `undefined` while it is not whole. */
  read(bytes: Buffer, at: number): Frame | undefined;
}

export const tcpFraming: Framing = {
  wrap(payload) {
    const frame = Buffer.allocUnsafe(4 + payload.length);
    frame.writeUInt32LE(payload.length);
    frame.set(payload, 4);
    return frame;
  },
  read(bytes, at) {
    if (bytes.length < at + 4) return undefined;
    const end = at + 4 + bytes.readUInt32LE(at);
    if (bytes.length < end) return undefined;
    const payload = bytes.subarray(at + 4, end);
    const reply =
      payload[0] === Control.PING
        ? tcpFraming.wrap(Buffer.from([Control.PONG, ...payload.subarray(1)]))
        : undefined;
    return { payload, end, reply, isClose: payload[0] === Control.CLOSE };
  },
};

export const webSocketFraming: Framing = {
  wrap: (payload) => masked(Opcode.BINARY, payload),
  read(bytes, at) {
    if (bytes.length < at + 2) return undefined;
    const opcode = (bytes[at] ?? 0) & 0x0f;
    let length = bytes[at + 1] ?? 0;
    let start = at + 2;
    if (length === 126) {
      if (bytes.length < at + 4) return undefined;
      length = bytes.readUInt16BE(at + 2);
      start = at + 4;
    } else if (length === 127) {
      if (bytes.length < at + 10) return undefined;
      length = Number(bytes.readBigUInt64BE(at + 2));
      start = at + 10;
    }
    const end = start + length;
    if (bytes.length < end) return undefined;
    const payload = bytes.subarray(start, end);
    const reply = opcode === Opcode.PING ? masked(Opcode.PONG, payload) : undefined;
    return { payload, end, reply, isClose: opcode === Opcode.CLOSE };
  },
};

export const textFrame = (text: string): Buffer => masked(Opcode.TEXT, Buffer.from(text));

/** A client's frame; its payloads are short. */
function masked(opcode: number, payload: Buffer): Buffer {
  const mask = randomBytes(4);
  const long = payload.length > 125;
  const head = long
    ? [0x80 | opcode, 0x80 | 126, payload.length >> 8, payload.length & 0xff]
    : [0x80 | opcode, 0x80 | payload.length];
  const frame = Buffer.concat([Buffer.from(head), mask, payload]);
  const start = head.length + 4;
  for (let at = start; at < frame.length; at++) {
    frame[at] = (frame[at] ?? 0) ^ (mask[(at - start) & 3] ?? 0);
  }
  return frame;
}
