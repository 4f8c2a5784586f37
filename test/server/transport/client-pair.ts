import { createServer } from "node:http";
import type { Socket } from "node:net";
import { type Duplex, duplexPair } from "node:stream";
import { WebSocket, WebSocketServer } from "ws";
import { GameClient } from "../../../server/transport/game-client.ts";
import { WebSocketWire } from "../../../server/transport/web-socket-wire.ts";
import { FakeClock } from "../../support/fake-clock.ts";

const http = createServer();
const acceptor = new WebSocketServer({ noServer: true });

/** A game client and its peer, both real, over memory instead of a network: what is not read stays where it is. */
export interface ClientPair {
  readonly client: GameClient;
  readonly clock: FakeClock;
  readonly peer: WebSocket;
  /** The stream that the server writes to. */
  readonly stream: Duplex;
  /** What the room got, as it got it. */
  readonly heard: Buffer[];
  /** What the peer got. */
  readonly got: Buffer[];
  readonly faults: unknown[];
  /** Close codes that `onEnd` told, and those that the room's side saw. */
  readonly ends: number[];
  readonly roomCloses: number[];
  /** How the peer saw the connection end. */
  readonly closed: Promise<{ code: number; reason: string }>;
}

export async function clientPair(): Promise<ClientPair> {
  const [near, far] = duplexPair();
  const upgraded = new Promise<WebSocket>((resolve) => {
    http.once("upgrade", (request, stream, head) => {
      acceptor.handleUpgrade(request, stream, head, resolve);
    });
  });
  http.emit("connection", near);
  const peer = new WebSocket("ws://memory/", {
    createConnection: () => far as unknown as Socket,
    perMessageDeflate: false,
  });
  const got: Buffer[] = [];
  peer.on("message", (data: Buffer) => got.push(data));
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    peer.once("close", (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  const opened = new Promise((resolve) => peer.once("open", resolve));
  const socket = await upgraded;
  const clock = new FakeClock();
  const pair = { heard: [], faults: [], ends: [], roomCloses: [] } as {
    heard: Buffer[];
    faults: unknown[];
    ends: number[];
    roomCloses: number[];
  };
  const client = new GameClient("session", new WebSocketWire(socket), clock, {
    reading: (read) => read(),
    onMessageFault: (cause) => pair.faults.push(cause),
    onEnd: (code) => pair.ends.push(code),
  });
  client.ref.on("message", (message: Buffer) => pair.heard.push(message));
  client.ref.on("close", (code: number) => pair.roomCloses.push(code));
  await opened;
  return { ...pair, client, clock, peer, stream: near, got, closed };
}

/** Waits until all that was sent before has been read on the other side; bounded by the memory in between. */
export async function exchanged(): Promise<void> {
  for (let turn = 0; turn < 40; turn++) await new Promise((resolve) => setImmediate(resolve));
}
