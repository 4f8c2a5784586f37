import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { webSocketFrame } from "../../../server/transport/web-socket-frame.ts";

const SIZES = [0, 1, 124, 125, 126, 127, 255, 256, 65_534, 65_535, 65_536, 65_537, 200_000];
const filled = (length: number) => Uint8Array.from({ length }, (_, at) => (at * 31 + length) & 255);

describe("a frame", () => {
  it.each([
    [0, 2],
    [125, 2],
    [126, 4],
    [65_535, 4],
    [65_536, 10],
  ])(
    "[TP22] of %i bytes has the shortest header, of %i bytes, and is not masked",
    (length, header) => {
      const frame = webSocketFrame(filled(length));
      expect(frame.length).toBe(header + length);
      // FIN and opcode 2; no mask bit.
      expect(frame[0]).toBe(0x82);
      expect((frame[1] ?? 0) & 0x80).toBe(0);
      const told =
        header === 2 ? frame[1] : header === 4 ? frame.readUInt16BE(2) : frame.readBigUInt64BE(2);
      expect(Number(told)).toBe(length);
    },
  );

  it("[TP22] is read by a stock WebSocket as the payload, at every size", async () => {
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number };
    server.on("connection", (socket) => {
      const { _socket: stream } = socket as unknown as { _socket: NodeJS.WritableStream };
      for (const size of SIZES) stream.write(webSocketFrame(filled(size)));
      socket.close(1000);
    });
    const received: Uint8Array[] = [];
    const client = new WebSocket(`ws://127.0.0.1:${port}`);
    client.on("message", (data: Buffer, isBinary) => {
      expect(isBinary).toBe(true);
      received.push(new Uint8Array(data));
    });
    const code = await new Promise((resolve) => client.once("close", resolve));
    await new Promise((resolve) => server.close(resolve));
    expect(code).toBe(1000);
    expect(received.map(({ length }) => length)).toEqual(SIZES);
    expect(received).toEqual(SIZES.map(filled));
  });

  it("[TP22] holds a copy: what happens to the payload later does not reach it", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.nat(50), (bytes, before) => {
        // As Colyseus has it: a view into a larger memory that is used again.
        const memory = new Uint8Array(before + bytes.length + 7);
        memory.set(bytes, before);
        const frame = webSocketFrame(memory.subarray(before, before + bytes.length));
        memory.fill(0xee);
        expect(new Uint8Array(frame.subarray(-bytes.length))).toEqual(bytes);
      }),
    );
  });
});
