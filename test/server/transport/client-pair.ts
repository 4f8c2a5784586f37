import { createServer } from "node:http";
import type { Socket } from "node:net";
import { type Duplex, duplexPair } from "node:stream";
import { WebSocket } from "ws";
import { Control, decodeClose } from "../../../protocol/control.ts";
import { FrameReader, frameOf } from "../../../protocol/frame.ts";
import { type ClientLimits, GameClient } from "../../../server/transport/game-client.ts";
import { Heartbeat } from "../../../server/transport/heartbeat.ts";
import { TcpWire } from "../../../server/transport/tcp-wire.ts";
import { acceptHandshake } from "../../../server/transport/web-socket-handshake.ts";
import { WebSocketWire } from "../../../server/transport/web-socket-wire.ts";
import type { Wire } from "../../../server/transport/wire.ts";
import { CLIENT_LIMITS } from "../../support/client-limits.ts";
import { FakeClock } from "../../support/fake-clock.ts";

const http = createServer();

/** Of the settings. */
export const QUEUE = { bytesMax: 256 * 1024, softBytes: 64 * 1024 };

/** A game client over any wire; what is not read stays where it is. */
export interface Served {
  readonly client: GameClient;
  readonly clock: FakeClock;
  readonly wire: Wire;
  /** Knows of the wire, and is not started. */
  readonly heartbeat: Heartbeat;
  /** The stream that the server writes to. */
  readonly stream: Duplex;
  /** What the room got, as it got it. */
  readonly heard: Buffer[];
  readonly faults: unknown[];
  /** Close codes that `onEnd` told, and those that the room's side saw. */
  readonly ends: number[];
  readonly roomCloses: number[];
}

/** A game client and its peer, both real, over memory instead of a network. */
export interface ClientPair extends Served {
  readonly peer: WebSocket;
  /** What the peer got. */
  readonly got: Buffer[];
  /** How the peer saw the connection end. */
  readonly closed: Promise<{ code: number; reason: string }>;
}

/** A stock WebSocket client, and the server's end of its stream after our handshake: nobody listens there yet. */
export async function webSocketPair(autoPong = true): Promise<{ near: Duplex; peer: WebSocket }> {
  const [near, far] = duplexPair();
  http.once("upgrade", (request, stream) => acceptHandshake(request, stream));
  http.emit("connection", near);
  const peer = new WebSocket("ws://memory/", {
    createConnection: () => far as unknown as Socket,
    perMessageDeflate: false,
    autoPong,
  });
  await new Promise((resolve) => peer.once("open", resolve));
  return { near, peer };
}

export async function clientPair(
  options: {
    autoPong?: boolean;
    clock?: FakeClock;
    sessionId?: string;
    limits?: ClientLimits;
    /** Instead of its being acknowledged at once. */
    welcomes?: (client: GameClient) => void;
  } = {},
): Promise<ClientPair> {
  const { near, peer } = await webSocketPair(options.autoPong);
  const clock = options.clock ?? new FakeClock();
  const served = serve(
    new WebSocketWire(near, clock),
    near,
    clock,
    options.sessionId,
    options.limits,
    options.welcomes,
  );
  const got: Buffer[] = [];
  peer.on("message", (data: Buffer) => got.push(data));
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    peer.once("close", (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  return { ...served, peer, got, closed };
}

export interface TcpPair extends Served {
  /** The peer's end of the stream: pause it, and nothing is read. */
  readonly far: Duplex;
  /** What the peer got, PINGs included. */
  readonly got: Buffer[];
  /** Sends one payload to the server. */
  send(payload: Uint8Array): void;
}

/** A game client over a byte stream of the test's own. */
export function serveTcp(stream: Duplex, clock = new FakeClock(), sessionId?: string): Served {
  return serve(new TcpWire(stream, clock), stream, clock, sessionId);
}

/** As {@link clientPair}, over a byte stream. */
export function tcpPair(
  options: { answers?: boolean; clock?: FakeClock; sessionId?: string } = {},
): TcpPair {
  const [near, far] = duplexPair();
  const clock = options.clock ?? new FakeClock();
  const served = serveTcp(near, clock, options.sessionId);
  const got: Buffer[] = [];
  const reader = new FrameReader(16 * 1024 * 1024);
  const send = (payload: Uint8Array) => far.write(frameOf(payload));
  far.on("data", (chunk: Buffer) => {
    reader.push(chunk, (payload) => {
      got.push(Buffer.from(payload));
      const isPing = payload[0] === Control.PING;
      if (isPing && options.answers !== false) {
        send(Buffer.from([Control.PONG, ...payload.subarray(1)]));
      }
      return true;
    });
  });
  return { ...served, far, got, send };
}

/** The code of the CLOSE that a TCP peer got, if any. */
export function closeOf(got: readonly Buffer[]): number | undefined {
  const last = got.at(-1);
  return last?.[0] === Control.CLOSE ? decodeClose(last)?.code : undefined;
}

/** Waits until all that was sent before has been read on the other side; bounded by the memory in between. */
export async function exchanged(turns = 40): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
}

function serve(
  wire: Wire,
  stream: Duplex,
  clock: FakeClock,
  sessionId = "session",
  limits = CLIENT_LIMITS,
  welcomes = (client: GameClient) => client.acknowledge(),
): Served {
  const noted = { heard: [], faults: [], ends: [], roomCloses: [] } as {
    heard: Buffer[];
    faults: unknown[];
    ends: number[];
    roomCloses: number[];
  };
  const heartbeat = new Heartbeat(clock);
  heartbeat.add(wire);
  const events = {
    seat: undefined,
    onAcknowledge: welcomes,
    onJoined: () => heartbeat.joined(wire),
    onMessageFault: (cause: unknown) => noted.faults.push(cause),
    onEnding: () => {},
    onEnd: (code: number) => {
      heartbeat.remove(wire);
      noted.ends.push(code);
    },
  };
  const client = new GameClient(sessionId, wire, clock, events, QUEUE, limits);
  client.ref.on("message", (message: Buffer) => noted.heard.push(message));
  client.ref.on("close", (code: number) => noted.roomCloses.push(code));
  return { ...noted, client, clock, wire, heartbeat, stream };
}
