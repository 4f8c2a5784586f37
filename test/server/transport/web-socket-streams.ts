import fc from "fast-check";
import { expect } from "vitest";
import { TRANSPORT_LIMITS } from "../../../server/transport/limits.ts";
import { Heard, WebSocketReader } from "../../../server/transport/web-socket-reader.ts";
import { type ClientFrame, clientFrame, Opcode } from "./client-frames.ts";

const { messageBytesMax } = TRANSPORT_LIMITS;

/** What a stream says, in order; what is wrong, or a close, is the last. */
export type Said = readonly [what: number, payload: string];

export const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

/** Reads chunks to their end, or to the stream's. Payloads are looked at once all is read, so none may be a borrowed one. */
export function read(chunks: readonly Buffer[]): Said[] {
  const reader = new WebSocketReader();
  const said: [number, Buffer | string][] = [];
  for (const chunk of chunks) {
    reader.take(chunk);
    for (let heard = reader.next(); heard !== Heard.NOTHING; heard = reader.next()) {
      if (heard >= 1000) return done([...said, [heard, ""]]);
      said.push([heard, heard === Heard.MESSAGE ? reader.payload : hex(reader.payload)]);
      if (heard === Heard.CLOSE) return done(said);
    }
    expect(reader.payload).toHaveLength(0);
  }
  return done(said);
}

function done(said: readonly (readonly [number, Buffer | string])[]): Said[] {
  return said.map(([what, payload]) => [
    what,
    typeof payload === "string" ? payload : hex(payload),
  ]);
}

export const streamOf = (frames: readonly ClientFrame[]) => Buffer.concat(frames.map(clientFrame));
export const wholly = (stream: Buffer) => read([Buffer.from(stream)]);

export const mask = fc.array(fc.nat(255), { minLength: 4, maxLength: 4 });
export const bytes = (maxLength: number) => fc.uint8Array({ maxLength, size: "max" });
const small = fc.oneof(
  bytes(130),
  fc
    .constantFrom(0, 1, 125, 126, 127, messageBytesMax)
    .map((length) => new Uint8Array(length).fill(length)),
);
const control = fc.record({
  opcode: fc.constantFrom(Opcode.PING, Opcode.PONG),
  payload: bytes(125),
  mask,
});
const whole = fc.record({ opcode: fc.constant(Opcode.BINARY), payload: small, mask });

/** A message in pieces, with control frames anywhere between them. */
const inPieces: fc.Arbitrary<ClientFrame[]> = fc
  .array(fc.tuple(bytes(200), mask, fc.array(control, { maxLength: 2 })), {
    minLength: 2,
    maxLength: 6,
  })
  .map((pieces) =>
    pieces.flatMap(([payload, itsMask, controls], at) => {
      const opcode = at === 0 ? Opcode.BINARY : Opcode.CONTINUATION;
      const fin = at === pieces.length - 1;
      const piece = { opcode, payload, mask: itsMask, fin };
      return fin ? [piece] : [piece, ...controls];
    }),
  );
export const goodFrames = fc
  .array(
    fc.oneof(
      whole.map((frame) => [frame]),
      control.map((frame) => [frame]),
      inPieces,
    ),
    {
      maxLength: 6,
    },
  )
  .map((parts): ClientFrame[] => parts.flat());

/** What good frames say. */
export function meant(frames: readonly ClientFrame[]): Said[] {
  const said: Said[] = [];
  let pieces: Uint8Array[] = [];
  for (const { opcode, payload, fin = true } of frames) {
    if (opcode >= 8) {
      said.push([opcode, hex(payload)]);
      continue;
    }
    pieces.push(payload);
    if (!fin) continue;
    said.push([Heard.MESSAGE, hex(Buffer.concat(pieces))]);
    pieces = [];
  }
  return said;
}
