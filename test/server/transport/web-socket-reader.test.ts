import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Heard } from "../../../server/transport/web-socket-reader.ts";
import { type ClientFrame, closePayload, cutAt, Opcode } from "./client-frames.ts";
import { exchanged, webSocketPair } from "./client-pair.ts";
import { bytes, goodFrames, hex, meant, read, streamOf, wholly } from "./web-socket-streams.ts";

describe("a client's stream of WebSocket frames", () => {
  it("[WR7] gives its messages and control frames in order, pieces joined, however it was cut", () => {
    fc.assert(
      fc.property(goodFrames, fc.array(fc.nat(), { maxLength: 12 }), (frames, cuts) => {
        expect(read(cutAt(streamOf(frames), cuts))).toEqual(meant(frames));
      }),
      { numRuns: 400 },
    );
  });

  it("[WR7] gives the same when cut at any one byte, at any two, or at all", () => {
    const frames: ClientFrame[] = [
      { opcode: Opcode.BINARY, payload: Buffer.from("first") },
      { opcode: Opcode.BINARY, payload: Buffer.alloc(0) },
      { opcode: Opcode.BINARY, payload: Buffer.alloc(126, 7) },
      { opcode: Opcode.BINARY, payload: Buffer.from("in "), fin: false },
      { opcode: Opcode.PING, payload: Buffer.from("there?") },
      { opcode: Opcode.CONTINUATION, payload: Buffer.alloc(0), fin: false },
      { opcode: Opcode.CONTINUATION, payload: Buffer.from("pieces") },
      { opcode: Opcode.BINARY, payload: Buffer.from("long way"), lengthBytes: 8 },
      { opcode: Opcode.CLOSE, payload: closePayload(4000, "grüße") },
    ];
    const stream = streamOf(frames);
    const said = wholly(stream);
    expect(said).toEqual(meant(frames));
    expect(said).toHaveLength(7);
    for (let one = 0; one <= stream.length; one++) {
      expect(read(cutAt(stream, [one]))).toEqual(said);
      for (let two = one; two <= stream.length; two += 3) {
        expect(read(cutAt(stream, [one, two]))).toEqual(said);
      }
    }
    expect(read([...stream].map((byte) => Buffer.of(byte)))).toEqual(said);
  });

  it("[WR7] is read as the stock client writes it, messages of every size and in pieces", async () => {
    const message = fc.array(bytes(700), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(message, { maxLength: 5 }),
        fc.array(bytes(125), { maxLength: 3 }),
        fc.array(fc.nat(), { maxLength: 8 }),
        async (messages, pings, cuts) => {
          const { peer, near } = await webSocketPair();
          const written: Buffer[] = [];
          near.on("data", (chunk: Buffer) => written.push(chunk));
          for (const [at, pieces] of messages.entries()) {
            for (const [place, piece] of pieces.entries()) {
              peer.send(piece, { fin: place === pieces.length - 1 });
              const ping = place === 0 ? pings[at] : undefined;
              if (ping !== undefined) peer.ping(ping);
            }
          }
          peer.close(4000, "bye");
          await exchanged(10);
          const said = read(cutAt(Buffer.concat(written), cuts));
          near.destroy();
          expect(said.filter(([what]) => what === Heard.MESSAGE)).toEqual(
            messages.map((pieces) => [Heard.MESSAGE, hex(Buffer.concat(pieces))]),
          );
          const asked = pings.slice(0, messages.length);
          expect(
            said.filter(([what]) => what === Heard.PING).map(([, payload]) => payload),
          ).toEqual(asked.map(hex));
          expect(said.at(-1)).toEqual([Heard.CLOSE, hex(closePayload(4000, "bye"))]);
        },
      ),
      { numRuns: 40 },
    );
  });
});
