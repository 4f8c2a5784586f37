import type { Socket } from "node:net";
import { duplexPair } from "node:stream";
import { TLSSocket } from "node:tls";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { FrameReader } from "../../../protocol/frame.ts";
import { DirectWriter } from "../../../server/transport/direct-writes.ts";
import { TcpWire } from "../../../server/transport/tcp-wire.ts";
import { acceptHandshake } from "../../../server/transport/web-socket-handshake.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { until } from "../../support/in-process-server.ts";
import { closeSockets, opened, socketPair } from "./socket-pair.ts";

afterEach(closeSockets);

/** More than the system takes of a peer that does not read. */
const TOO_MUCH = 16 * 1024 * 1024;

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  readonly writer: DirectWriter;
  readonly events: string[];
  /** What the peer has read. */
  bytes: Buffer[];
  readonly byteLength: number;
}

async function pair(): Promise<Pair> {
  const { near, far } = await socketPair();
  const it = {
    near,
    far,
    writer: DirectWriter.of(near) as DirectWriter,
    events: [] as string[],
    bytes: [] as Buffer[],
    get byteLength() {
      return it.bytes.reduce((sum, { length }) => sum + length, 0);
    },
  };
  far.on("data", (chunk: Buffer) => it.bytes.push(chunk));
  far.on("end", () => it.events.push("far end"));
  near.on("error", () => it.events.push("error"));
  near.on("close", () => it.events.push("close"));
  near.resume();
  expect(it.writer).toBeInstanceOf(DirectWriter);
  return it;
}

describe("a socket that is written to directly", () => {
  it("[CP6] needs no stream for what the system takes at once, on the Node that this runs on", async () => {
    const it = await pair();
    it.near.write = () => expect.unreachable();
    expect([it.writer.write(Buffer.from("hello")), it.writer.write(Buffer.from(" again"))]).toEqual(
      [true, true],
    );
    expect([it.writer.pendingBytes, it.near.writableLength]).toEqual([0, 0]);
    await until(() => it.byteLength === 11);
    expect(Buffer.concat(it.bytes).toString()).toBe("hello again");
  });

  it("[CP6] gives its peer all bytes in order, whoever reads slowly and whatever goes by the stream", async () => {
    const step = fc.record({
      to: fc.nat(2),
      bytes: fc.integer({ min: 1, max: 3_000_000 }),
      pauses: fc.boolean(),
      byStream: fc.boolean(),
    });
    // More than the system takes of a peer that does not read, in all.
    const large = { to: 1, bytes: TOO_MUCH / 4, pauses: true, byStream: false };
    let pending = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const all = [await pair(), await pair(), await pair()];
        const sent: Buffer[][] = [[], [], []];
        for (const [nth, { to, bytes, pauses, byStream }] of steps.entries()) {
          const it = all[to] as Pair;
          if (pauses) it.far.pause();
          else it.far.resume();
          const frame = Buffer.alloc(bytes, nth + 1);
          sent[to]?.push(frame);
          if (byStream) it.writer.useStream();
          if (byStream || !it.writer.write(frame)) it.near.write(frame);
          if (it.writer.pendingBytes > 0) pending++;
          if (nth % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
        }
        for (const [nth, it] of all.entries()) {
          const whole = Buffer.concat(sent[nth] ?? []);
          it.far.resume();
          await until(() => it.byteLength === whole.length);
          expect(Buffer.concat(it.bytes).equals(whole)).toBe(true);
          await until(() => it.writer.pendingBytes + it.near.writableLength === 0);
        }
        closeSockets();
      }),
      {
        numRuns: 15,
        examples: [[[large, large, large, large, { ...large, bytes: 10, byStream: true }]]],
      },
    );
    expect(pending).toBeGreaterThan(0);
  });

  it("[CP6] keeps what the system has not taken, counts it, and lets nothing overtake it", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const it = await pair();
    it.far.pause();
    expect(it.writer.write(Buffer.alloc(TOO_MUCH, 7))).toBe(true);
    expect(it.writer.pendingBytes).toBe(TOO_MUCH);
    expect(it.writer.write(Buffer.from("later"))).toBe(false);
    collect();
    Buffer.alloc(TOO_MUCH, 9);
    it.near.end("later");
    it.far.resume();
    await until(() => it.events.includes("far end"));
    const whole = Buffer.concat(it.bytes);
    expect(whole.length).toBe(TOO_MUCH + 5);
    expect(whole.subarray(0, TOO_MUCH).equals(Buffer.alloc(TOO_MUCH, 7))).toBe(true);
    expect([whole.subarray(TOO_MUCH).toString(), it.writer.pendingBytes]).toEqual(["later", 0]);
  });

  it("[CP6] tells when the system has all bytes of a write, at once or later, and never of those it will not have", async () => {
    const it = await pair();
    const told: string[] = [];
    it.writer.write(Buffer.from("little"), () => told.push("little"));
    expect(told).toEqual(["little"]);
    it.far.pause();
    it.writer.write(Buffer.alloc(TOO_MUCH), () => told.push("much"));
    expect(told).toEqual(["little"]);
    it.far.resume();
    await until(() => told.length === 2);
    expect(it.writer.pendingBytes).toBe(0);
    it.far.pause();
    it.writer.write(Buffer.alloc(TOO_MUCH), () => told.push("lost"));
    it.far.resetAndDestroy();
    await until(() => it.events.includes("close") && it.writer.pendingBytes === 0);
    expect(told).toEqual(["little", "much"]);
  });

  it("[CP6] has written what it was given, whatever is written by the stream when it tells so", async () => {
    const it = await pair();
    const isWritten = it.writer.write(Buffer.from("first"), () => {
      it.writer.useStream();
      it.near.write(" second");
    });
    expect(isWritten).toBe(true);
    await until(() => it.byteLength === 12);
    expect(Buffer.concat(it.bytes).toString()).toBe("first second");
  });

  it("[CP6] does not overtake what waits in the stream", async () => {
    const it = await pair();
    it.far.pause();
    it.near.write(Buffer.alloc(TOO_MUCH));
    it.near.write("second");
    expect(it.writer.write(Buffer.from("third"))).toBe(false);
    it.near.end("third");
    it.far.resume();
    await until(() => it.events.includes("far end"));
    expect(Buffer.concat(it.bytes).subarray(TOO_MUCH).toString()).toBe("secondthird");
    expect(it.writer.write(Buffer.from("fourth"))).toBe(false);
  });

  it.each([
    ["its peer resets", (it: Pair) => void it.far.resetAndDestroy()],
    [
      "its peer, to whom nobody listens, resets",
      (it: Pair) => {
        (it.near as unknown as { _handle: { readStop(): void } })._handle.readStop();
        it.far.resetAndDestroy();
      },
    ],
    ["it is destroyed", (it: Pair) => void it.near.destroy()],
  ])("[CP6] is closed and waits for nothing when %s while something waits", async (_when, end) => {
    const it = await pair();
    it.far.pause();
    it.writer.write(Buffer.alloc(TOO_MUCH));
    end(it);
    await until(() => it.events.includes("close") && it.writer.pendingBytes === 0);
    expect(it.writer.write(Buffer.from("more"))).toBe(false);
  });

  it("[CP6] finds out by its stream that its peer has gone", async () => {
    const it = await pair();
    it.far.resetAndDestroy();
    const wire = new TcpWire(it.near, new FakeClock());
    for (let turn = 0; turn < 200 && !it.events.includes("close"); turn++) {
      wire.send(Buffer.from("anybody there?"));
      wire.flush();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect([it.events.at(-1), wire.readyState]).toEqual(["close", 3]);
  });
});

describe("a wire over such a socket", () => {
  it("[CP6] writes past the stream, also what somebody wants to be told of", async () => {
    const it = await pair();
    const wire = new TcpWire(it.near, new FakeClock());
    let byStream = 0;
    const write = it.near.write.bind(it.near) as (...words: unknown[]) => boolean;
    it.near.write = (...words: unknown[]) => {
      byStream++;
      return write(...words);
    };
    for (let turn = 0; turn < 20; turn++) {
      wire.send(Buffer.from("one"));
      if (turn % 2 === 0) wire.send(Buffer.from("two"));
      wire.flush();
    }
    expect([byStream, wire.queuedBytes]).toEqual([0, 0]);
    await new Promise<void>((resolve) => wire.send(Buffer.from("told"), () => resolve()));
    expect(byStream).toBe(0);
  });

  it("[CP6] is a WebSocket without the stream having written a byte", async () => {
    const it = await pair();
    it.near.write = () => expect.unreachable();
    const headers = { "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==" };
    const request = { method: "GET", url: "/", httpVersion: "1.1", headers };
    expect(acceptHandshake(request, it.near)).toBe(true);
    await until(() => Buffer.concat(it.bytes).includes("\r\n\r\n"));
    const [status, ...rest] = Buffer.concat(it.bytes).toString("latin1").split("\r\n");
    expect(status).toBe("HTTP/1.1 101 Switching Protocols");
    // The example of RFC 6455, section 1.3.
    expect(rest).toContain("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  });

  it("[CP6] lets nothing overtake what was too much for one write", async () => {
    const it = await pair();
    it.far.pause();
    const wire = new TcpWire(it.near, new FakeClock());
    const numbers: number[] = [];
    const turn = (...sizes: number[]) => {
      for (const size of sizes) {
        numbers.push(numbers.length);
        wire.send(Buffer.alloc(size, numbers.length - 1));
      }
      wire.flush();
    };
    turn(10);
    while (wire.queuedBytes === 0) turn(60_000, 60_000);
    turn(60_000, 60_000);
    turn(10);
    it.far.resume();
    await until(() => wire.queuedBytes === 0);
    turn(10);
    const reader = new FrameReader(60_000);
    const read: (number | undefined)[] = [];
    await until(() => {
      for (const chunk of it.bytes.splice(0)) {
        reader.push(chunk, (payload) => read.push(payload[0]) > 0);
      }
      return read.length === numbers.length;
    });
    expect(read).toEqual(numbers);
  });

  it("[CP6] counts what the system has not taken as queued", async () => {
    const it = await pair();
    it.far.pause();
    const wire = new TcpWire(it.near, new FakeClock());
    const payload = Buffer.alloc(60_000);
    let sent = 0;
    while (wire.queuedBytes === 0 && sent < TOO_MUCH) {
      wire.send(payload);
      wire.flush();
      sent += payload.length;
    }
    expect(wire.countQueuedBytes()).toBeGreaterThanOrEqual(payload.length);
    it.far.resume();
    await until(() => wire.queuedBytes === 0);
  });
});

describe("a stream that is no socket of the system", () => {
  it("[CP6] has no such writer, nor has one inside TLS", async () => {
    const { near } = await socketPair();
    const secure = new TLSSocket(near, { isServer: true });
    secure.on("error", () => {});
    opened(secure);
    const [plain] = duplexPair();
    expect([DirectWriter.of(plain), DirectWriter.of(secure)]).toEqual([undefined, undefined]);
  });
});
