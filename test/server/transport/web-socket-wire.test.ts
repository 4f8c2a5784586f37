import { createServer } from "node:http";
import type { Socket } from "node:net";
import { type Duplex, duplexPair } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { TRANSPORT_LIMITS } from "../../../server/transport/limits.ts";
import { WebSocketWire } from "../../../server/transport/web-socket-wire.ts";
import { deafListener } from "../../../server/transport/wire.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { type ClientFrame, clientFrame, closePayload, Opcode } from "./client-frames.ts";
import { exchanged, webSocketPair } from "./client-pair.ts";

const { closeTimeoutMs, messageBytesMax } = TRANSPORT_LIMITS;
const CLOSING = 2;
const CLOSED = 3;

/** What became of a connection, as both its ends saw it. */
interface Ended {
  readonly server: number[];
  readonly peer: { code: number; reason: string }[];
}

/** A server's end of a WebSocket, ours or that of `ws`. */
interface ServerEnd {
  readonly stream: Duplex;
  readonly peer: WebSocket;
  readonly ended: Ended;
  close(code: number, reason: string): void;
  destroy(): void;
}

function endsOf(peer: WebSocket): Ended {
  const ended: Ended = { server: [], peer: [] };
  peer.on("close", (code, reason) => ended.peer.push({ code, reason: reason.toString() }));
  peer.on("error", () => {});
  return ended;
}

async function ours(): Promise<ServerEnd> {
  const { near, peer } = await webSocketPair();
  const wire = new WebSocketWire(near, new FakeClock());
  const ended = endsOf(peer);
  wire.listener = { ...deafListener, onClose: (code) => ended.server.push(code) };
  return {
    stream: near,
    peer,
    ended,
    close: (code, reason) => wire.close(code, reason),
    destroy: () => wire.destroy(),
  };
}

const http = createServer();
const acceptor = new WebSocketServer({ noServer: true, maxPayload: messageBytesMax });

async function theirs(): Promise<ServerEnd> {
  const [near, far] = duplexPair();
  const upgraded = new Promise<WebSocket>((resolve) => {
    http.once("upgrade", (request, stream, head) => {
      acceptor.handleUpgrade(request, stream, head, resolve);
    });
  });
  http.emit("connection", near);
  const peer = new WebSocket("ws://memory/", {
    createConnection: () => far as unknown as Socket,
  });
  await new Promise((resolve) => peer.once("open", resolve));
  const socket = await upgraded;
  const ended = endsOf(peer);
  socket.on("close", (code) => ended.server.push(code));
  socket.on("error", () => {});
  return {
    stream: near,
    peer,
    ended,
    close: (code, reason) => socket.close(code, reason),
    destroy: () => socket.terminate(),
  };
}

/** The peer's stream under its library. */
const under = (peer: WebSocket) => (peer as unknown as { _socket: Duplex })._socket;

const ENDS: readonly [string, (end: ServerEnd) => void, Partial<Ended>][] = [
  [
    "by the server is answered with its code",
    (end) => end.close(4413, "server_drained"),
    { server: [4413], peer: [{ code: 4413, reason: "server_drained" }] },
  ],
  [
    "by the peer is answered with his code",
    ({ peer }) => peer.close(4000, "bye"),
    { server: [4000] },
  ],
  [
    "by the peer without a code is 1005 on both sides",
    ({ peer }) => peer.close(),
    { server: [1005], peer: [{ code: 1005, reason: "" }] },
  ],
  [
    "by both at once has the other's code on each side",
    (end) => {
      end.peer.close(4001);
      end.close(4413, "");
    },
    { server: [4001], peer: [{ code: 4413, reason: "" }] },
  ],
  ["without a close frame is 1006", ({ peer }) => under(peer).end(), { server: [1006] }],
  ["by a reset is 1006", ({ stream }) => stream.destroy(new Error("reset")), { server: [1006] }],
  ["by a cut is 1006 on both sides", (end) => end.destroy(), { server: [1006] }],
  [
    "over a message too large tells 1009 to the peer",
    ({ peer }) => peer.send(Buffer.alloc(messageBytesMax + 1)),
    { server: [1006], peer: [{ code: 1009, reason: "" }] },
  ],
  [
    "over a frame that is none tells 1002 to the peer",
    ({ peer }) => under(peer).write(Buffer.of(0xff, 0xff)),
    { server: [1006], peer: [{ code: 1002, reason: "" }] },
  ],
  [
    "over a close code that may not be sent tells 1002",
    ({ peer }) =>
      under(peer).write(clientFrame({ opcode: Opcode.CLOSE, payload: closePayload(1005) })),
    { server: [1006], peer: [{ code: 1002, reason: "" }] },
  ],
];

describe("the end of a WebSocket", () => {
  it.each(ENDS)("[TP31] %s, as with ws", async (_what, bringAbout, wanted) => {
    const [mine, other] = [await ours(), await theirs()];
    for (const end of [mine, other]) bringAbout(end);
    await exchanged();
    expect(mine.ended).toMatchObject(wanted);
    // The echo of a reason is nobody's need.
    const codes = ({ server, peer }: Ended) => [server, peer.map(({ code }) => code)];
    expect(codes(mine.ended)).toEqual(codes(other.ended));
    expect(mine.stream.destroyed).toBe(true);
  });
});

/** A wire whose peer is the test itself. */
function bareWire() {
  const [near, far] = duplexPair();
  const clock = new FakeClock();
  const wire = new WebSocketWire(near, clock);
  const heard: string[] = [];
  const ends: number[] = [];
  wire.listener = {
    ...deafListener,
    onMessage: (message) => heard.push(message.toString("hex")),
    onControlFrame: () => heard.push("control"),
    onClose: (code) => ends.push(code),
  };
  const got: Buffer[] = [];
  far.on("data", (chunk: Buffer) => got.push(chunk));
  let hasEnded = false;
  far.on("end", () => {
    hasEnded = true;
  });
  far.on("error", () => {});
  const say = (...frames: ClientFrame[]) => far.write(Buffer.concat(frames.map(clientFrame)));
  return { wire, clock, near, far, heard, ends, got, say, hasEnded: () => hasEnded };
}

const message = (...bytes: number[]) => ({
  opcode: Opcode.BINARY,
  payload: Uint8Array.from(bytes),
});
const CLOSE_4413 = Buffer.from([0x88, 2, 4413 >> 8, 4413 & 255]);

describe("a WebSocket that the server closes", () => {
  it("[TP31] says nothing more, hears nothing but the answer, and then ends", async () => {
    const { wire, clock, far, heard, ends, got, say, hasEnded } = bareWire();
    wire.close(4413, "");
    expect(wire.readyState).toBe(CLOSING);
    wire.close(4000, "again");
    wire.send(Uint8Array.of(1));
    wire.sendNext(Uint8Array.of(2));
    wire.ping(3, false);
    wire.flush();
    say(message(9), { opcode: Opcode.PING, payload: Buffer.from("?") });
    await exchanged();
    expect([got, heard, ends, hasEnded()]).toEqual([[CLOSE_4413], [], [], false]);
    say({ opcode: Opcode.CLOSE, payload: closePayload(4413) }, message(9));
    await exchanged();
    expect([got, heard, hasEnded()]).toEqual([[CLOSE_4413], [], true]);
    far.end();
    await exchanged();
    expect([ends, wire.readyState, clock.pendingTimers]).toEqual([[4413], CLOSED, 0]);
    expect(wire.messagesSent).toBe(0);
  });

  it("[TP34] is cut 2 s later when its peer does not answer, as is one whose peer only says so", async () => {
    for (const answer of [[], [{ opcode: Opcode.CLOSE, payload: closePayload(4413) }]]) {
      const { wire, clock, near, ends, say } = bareWire();
      wire.close(4413, "");
      say(...answer);
      await exchanged();
      await clock.advanceAsync(closeTimeoutMs - 1);
      expect([near.destroyed, ends]).toEqual([false, []]);
      await clock.advanceAsync(1);
      expect([near.destroyed, ends]).toEqual([true, [answer.length === 0 ? 1006 : 4413]]);
      expect([wire.readyState, clock.pendingTimers]).toEqual([CLOSED, 0]);
    }
  });

  it("[TP31] with a code that may not be sent leaves it out", async () => {
    for (const code of [0, 999, 1005, 1006, 2000, 5000, 70_000]) {
      const { wire, got } = bareWire();
      wire.close(code, "reason");
      await exchanged();
      expect([code, got]).toEqual([code, [Buffer.of(0x88, 0)]]);
    }
  });
});

describe("a WebSocket whose stream is wrong", () => {
  it("[TP31] is told the code once, hears nothing after it, and is cut if it stays", async () => {
    const { wire, clock, near, heard, ends, got, say } = bareWire();
    say(message(1), { ...message(2), rsv: 1 }, message(3));
    await exchanged();
    say(message(4), { opcode: Opcode.CLOSE, payload: closePayload(4000) });
    await exchanged();
    expect([heard, got]).toEqual([["01"], [Buffer.of(0x88, 2, 1002 >> 8, 1002 & 255)]]);
    expect([wire.readyState, ends]).toEqual([CLOSING, []]);
    await clock.advanceAsync(closeTimeoutMs);
    expect([near.destroyed, ends, wire.readyState]).toEqual([true, [1006], CLOSED]);
  });

  it("[TP31] that says text is told 1003", async () => {
    const { heard, got, say } = bareWire();
    say({ opcode: Opcode.TEXT, payload: Buffer.from("hello") });
    await exchanged();
    expect([heard, got]).toEqual([[], [Buffer.of(0x88, 2, 1003 >> 8, 1003 & 255)]]);
  });
});

describe("a ping of a WebSocket client", () => {
  it("[TP41] is answered with its own payload, in the write of what else is sent in that turn", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 125 }), { maxLength: 4 }),
        async (pings) => {
          const { wire, heard, got, say } = bareWire();
          wire.listener = { ...wire.listener, onMessage: () => wire.send(Uint8Array.of(7)) };
          say(...pings.map((payload) => ({ opcode: Opcode.PING, payload })), message(1), {
            opcode: Opcode.PONG,
            payload: Buffer.of(1),
          });
          await exchanged();
          const pongs = pings.map((payload) => Buffer.of(0x8a, payload.length, ...payload));
          expect(got).toEqual([Buffer.concat([...pongs, Buffer.of(0x82, 1, 7)])]);
          expect(heard).toEqual([...pings.map(() => "control"), "control"]);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("[TP41] gets no answer when it closed the connection", async () => {
    const { wire, got, say } = bareWire();
    wire.listener = { ...wire.listener, onControlFrame: () => wire.close(4413, "") };
    say({ opcode: Opcode.PING, payload: Buffer.of(1) });
    await exchanged();
    expect(got).toEqual([CLOSE_4413]);
  });

  it("[TP41] and pongs and messages are counted apart, and a pong of four bytes is an answer", async () => {
    const { wire, say } = bareWire();
    say(message(1), { opcode: Opcode.PONG, payload: Buffer.of(1, 2, 3) });
    await exchanged();
    expect([wire.messagesReceived, wire.lastPong]).toEqual([1, undefined]);
    say({ opcode: Opcode.PONG, payload: Buffer.of(1, 0, 0, 0x80) });
    await exchanged();
    expect([wire.messagesReceived, wire.lastPong]).toEqual([1, 0x80000001]);
  });
});

it("[TP31] a wire that is cut hears nothing more, also of what came in one chunk", async () => {
  const { wire, heard, ends, say } = bareWire();
  wire.listener = {
    ...wire.listener,
    onMessage: (bytes) => {
      heard.push(bytes.toString("hex"));
      wire.destroy();
    },
  };
  say(message(1), message(2));
  await exchanged();
  expect([heard, ends, wire.readyState]).toEqual([["01"], [1006], CLOSED]);
});
