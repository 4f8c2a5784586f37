import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTcpServer, type Socket, type Server as TcpServer } from "node:net";
import type { Duplex } from "node:stream";
import { CloseCode } from "../../protocol/close-codes.ts";
import { type Clock, sleep } from "../clock.ts";
import { listenOnFirstFree } from "../listen.ts";
import type { DoorReading } from "../telemetry/readings.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { traceParentOf } from "../telemetry/trace-parent.ts";
import { type AddressBudgetLimits, AddressBudgets, type Visitor } from "./address-budgets.ts";
import { Arrivals } from "./arrivals.ts";
import { connectionLimits } from "./connection-limits.ts";
import { FirstBytes, type Languages } from "./first-bytes.ts";
import type { ClientLimits } from "./game-client.ts";
import { Heartbeat } from "./heartbeat.ts";
import { awaitHello } from "./hello.ts";
import { TRANSPORT_LIMITS } from "./limits.ts";
import {
  type MatchmakeAnswer,
  type MatchmakeDeps,
  matchmake,
  readOptions,
  refusal,
} from "./matchmake.ts";
import type { OriginRule } from "./origins.ts";
import type { SendQueueLimits } from "./send-queue.ts";
import { isPlayTarget, matchmakeTarget, type UpgradeTarget, upgradeTarget } from "./targets.ts";
import { TcpWire } from "./tcp-wire.ts";
import { TlsDoor, type TlsSettings } from "./tls-door.ts";
import { Traffic } from "./traffic.ts";
import {
  acceptHandshake,
  handshakeFault,
  refuseHandshake,
  type UpgradeRequest,
} from "./web-socket-handshake.ts";
import { WebSocketWire } from "./web-socket-wire.ts";
import type { Wire } from "./wire.ts";

export interface DoorDeps extends MatchmakeDeps {
  readonly mayReach: OriginRule;
  readonly budgets: AddressBudgetLimits;
  readonly clients: ClientLimits;
  readonly sendQueue: SendQueueLimits;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Descriptors that this process may have; unlimited unless given. */
  readonly openFilesMax?: number;
  /** Without it the port speaks no TLS. */
  readonly tls?: TlsSettings;
}

const NOT_FOUND: MatchmakeAnswer = { status: 404, body: { code: 404, error: "not found" } };
const FORBIDDEN: MatchmakeAnswer = {
  status: 403,
  body: { code: 403, error: "origin not allowed" },
};

/** The target where a WebSocket says HELLO. */
const PLAY = "play";

/**
 * The game port. It speaks three languages, told apart by their first bytes: our frames on a byte stream, the same
 * messages on a WebSocket, and the stock SDK's matchmaking request with its WebSocket. To everything else it says 404
 * and closes. All of them may be spoken inside TLS, or only there.
 */
export class Door {
  readonly #deps: DoorDeps;
  readonly #port: TcpServer;
  readonly #http: Server;
  readonly #firstBytes: FirstBytes;
  /** What a connection may speak at once. */
  readonly #languages: Languages;
  readonly #tls: TlsDoor | undefined;
  readonly #heartbeat: Heartbeat;
  readonly #arrivals: Arrivals;
  /** Every open connection, and whose it is. */
  readonly #visitors = new Map<Socket, Visitor>();
  readonly #budgets: AddressBudgets;
  readonly #traffic = new Traffic();
  /** When the latest connection was accepted, by the clock. */
  #acceptedMs = Number.NEGATIVE_INFINITY;

  constructor(deps: DoorDeps) {
    this.#deps = deps;
    this.#budgets = new AddressBudgets(deps.clock, deps.budgets);
    this.#heartbeat = new Heartbeat(deps.clock);
    this.#arrivals = new Arrivals({ ...deps, heartbeat: this.#heartbeat });
    const limits = connectionLimits(deps.openFilesMax ?? Number.POSITIVE_INFINITY);
    this.#firstBytes = new FirstBytes(deps.clock, limits.waitingMax);
    const spoken: Languages = {
      onHttp: (stream) => this.#http.emit("connection", stream),
      onUpgrade: (request, stream, rest) => this.#onUpgrade(request, stream, rest),
      onFrames: (stream, rest) => this.#onFrames(stream, rest),
    };
    const { tls = { mode: "off" } } = deps;
    this.#tls =
      tls.mode === "off"
        ? undefined
        : new TlsDoor({ ...deps, tls }, (stream, connection) =>
            this.#onSecure(stream, connection, spoken),
          );
    this.#languages = {
      ...(tls.mode === "required" ? this.#onlyInsideTls() : spoken),
      ...(this.#tls && { onHandshake: (stream) => this.#onHandshake(stream as Socket) }),
    };
    this.#http = createServer({ maxHeaderSize: TRANSPORT_LIMITS.headerBytesMax });
    this.#http.maxHeadersCount = TRANSPORT_LIMITS.headersMax;
    this.#http.maxRequestsPerSocket = TRANSPORT_LIMITS.requestsPerConnectionMax;
    this.#http.on("dropRequest", (_request, stream) => stream.destroy());
    this.#http.on("request", (request, response) => void this.#onRequest(request, response));
    this.#http.on("upgrade", (request, stream, head) => this.#onUpgrade(request, stream, head));
    this.#http.on("connect", (_request, stream) => stream.destroy());
    this.#http.on("clientError", (_error, stream) => refuseStream(stream, 400));
    this.#port = createTcpServer({ noDelay: true, allowHalfOpen: true }, (stream) => {
      this.#onConnection(stream);
    });
    this.#port.maxConnections = limits.connectionsMax;
  }

  /** @returns The port that was opened. @throws GameServerError PORT_TAKEN, TLS_CERTIFICATE_INVALID */
  async listen(ports: readonly number[], host: string): Promise<number> {
    await this.#tls?.open();
    const port = await listenOnFirstFree(this.#port, ports, host, TRANSPORT_LIMITS.backlog);
    this.#heartbeat.start();
    return port;
  }

  /**
   * Stops listening, gives open connections a moment to take their close frames, and cuts the rest.
   * @param mostMs - How long that moment may be, milliseconds; `shutdownMs` unless a deadline is nearer.
   */
  async close(mostMs: number = TRANSPORT_LIMITS.shutdownMs): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#port.close(() => resolve());
    });
    // What was answered to a stranger is still written; he gets no more.
    for (const [stream, visitor] of this.#visitors) if (visitor.isStranger) stream.destroySoon();
    const timer = new AbortController();
    await Promise.race([closed, sleep(this.#deps.clock, mostMs, timer.signal)]);
    timer.abort();
    this.#heartbeat.stop();
    this.#tls?.close();
    for (const stream of this.#visitors.keys()) stream.destroy();
  }

  /**
   * Somebody is on the way in: one who began to say so a moment ago, a player who is shown the room next, or whoever may
   * be behind a connection that was accepted just now.
   */
  get isAwaited(): boolean {
    const isKnocking = this.#deps.clock.nowMs() - this.#acceptedMs < TRANSPORT_LIMITS.acceptedMs;
    return isKnocking || this.#budgets.isAwaited || this.#arrivals.isWelcoming;
  }

  reading(): DoorReading {
    let strangers = 0;
    for (const { isStranger } of this.#visitors.values()) if (isStranger) strangers++;
    return {
      connections: { strangers, clients: this.#visitors.size - strangers },
      traffic: { ...this.#traffic },
      sendQueue: this.#heartbeat.sendQueue(),
    };
  }

  #onConnection(stream: Socket): void {
    this.#acceptedMs = this.#deps.clock.nowMs();
    const visitor = this.#budgets.enter(stream.remoteAddress ?? "");
    // A reset leaves nothing behind here, where a FIN would wait for the stranger's.
    if (visitor === undefined) return void stream.resetAndDestroy();
    this.#visitors.set(stream, visitor);
    stream.once("close", () => {
      this.#visitors.delete(stream);
      visitor.forget();
    });
    this.#firstBytes.sort(stream, this.#languages, () => visitor.speaks());
  }

  #onHandshake(connection: Socket): void {
    this.#tls?.take(connection, this.#visitors.get(connection)?.network);
  }

  #onSecure(stream: Socket, connection: Socket, spoken: Languages): void {
    const visitor = this.#visitors.get(connection);
    if (visitor === undefined) return void stream.destroy();
    // From now on it is the secure stream that is written to, ended and cut.
    this.#visitors.delete(connection);
    this.#visitors.set(stream, visitor);
    stream.once("close", () => this.#visitors.delete(stream));
    this.#firstBytes.sortSecure(stream, connection, spoken);
  }

  /** Tells a plain connection, in its own language, that it is not heard. */
  #onlyInsideTls(): Languages {
    const { telemetry, clock } = this.#deps;
    return {
      onHttp: (stream) => {
        const seen = stream.read() as Buffer | null;
        // Every method of HTTP begins with a capital.
        if (!/^[A-Z]/.test(seen?.toString("latin1", 0, 1) ?? "")) return void stream.destroy();
        telemetry.requestRefused({ status: 426 });
        refusePlainHttp(stream);
      },
      onFrames: (stream) => {
        const wire = new TcpWire(stream, clock, this.#traffic);
        const { connectionId = 0 } = this.#visitors.get(stream as Socket) ?? {};
        telemetry.connectionClosed({ connectionId, closeCode: CloseCode.MALFORMED });
        wire.close(CloseCode.MALFORMED, "tls_required");
      },
    };
  }

  /**
   * Whose connection it is, once all is read that a proxy may say of it.
   * @returns `undefined` if it is to be ended: its network has too many strangers, or it closed in this very moment.
   */
  #visitorOf(stream: Duplex, headers: IncomingMessage["headers"] = {}): Visitor | undefined {
    const visitor = this.#visitors.get(stream as Socket);
    return visitor?.speaksFor(forwardedFor(headers)) ? visitor : undefined;
  }

  #onFrames(stream: Duplex, rest: Buffer): void {
    const visitor = this.#visitorOf(stream);
    if (visitor === undefined) return void stream.destroy();
    const wire = new TcpWire(stream, this.#deps.clock, this.#traffic);
    this.#greet(wire, stream, visitor);
    if (rest.length > 0) wire.take(rest, rest.length);
  }

  #greet(wire: Wire, stream: Duplex, visitor: Visitor): void {
    awaitHello(wire, this.#deps.telemetry, visitor.connectionId, (hello) => {
      this.#firstBytes.lift(stream);
      // What was said by somebody who has gone meanwhile is answered to nobody.
      if (!visitor.isStranger) return wire.destroy();
      this.#arrive(this.#arrivals.greet(wire, hello, visitor), visitor);
    });
  }

  /** A join that is under way holds one of its network's, also when its connection has gone meanwhile. */
  #arrive(join: Promise<void>, visitor: Visitor): void {
    void join.finally(() => visitor.endJoin());
  }

  async #onRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A peer that resets in the middle of its body is its own affair.
    request.on("error", () => {});
    response.on("error", () => {});
    try {
      const answer = await this.#answer(request, response);
      if (answer !== undefined) this.#send(response, answer);
    } catch {
      request.destroy();
    }
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<MatchmakeAnswer | undefined> {
    const target = matchmakeTarget(request.url);
    if (target === undefined) return NOT_FOUND;
    const { origin } = request.headers;
    if (!this.#deps.mayReach(origin)) return FORBIDDEN;
    if (origin !== undefined) allowOrigin(response, origin);
    if (request.method === "OPTIONS") {
      response.writeHead(204, { connection: "close" }).end();
      return undefined;
    }
    if (request.method !== "POST") return NOT_FOUND;
    if (!this.#isHosted(target.room)) return NOT_FOUND;
    const visitor = this.#visitorOf(request.socket, request.headers);
    if (visitor === undefined) return refusal(CloseCode.TRY_AGAIN);
    const body = await readOptions(request);
    if (!("options" in body)) return body;
    // He has gone in the middle of it.
    if (!visitor.isStranger) return undefined;
    const traceParent = traceParentOf(request.headers["traceparent"]);
    return matchmake(this.#deps, target, { options: body.options, traceParent }, visitor);
  }

  /** Which game the next match is of is known once its game session is here: until then each name may be right. */
  #isHosted(room: string): boolean {
    const { seating, roomId } = this.#deps;
    return room === roomId || room === (seating.current?.roomName ?? room);
  }

  #send(response: ServerResponse, answer: MatchmakeAnswer): void {
    const body = JSON.stringify(answer.body);
    const isRefusal = answer.status >= 400;
    if (isRefusal) this.#deps.telemetry.requestRefused({ status: answer.status });
    response.writeHead(answer.status, {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
      "cache-control": "no-store",
      ...(answer.status === 503 && { "retry-after": "1" }),
      // One request is all that a connection has time for.
      connection: "close",
    });
    response.end(body, () => {
      // What is left of a body that was not read is never read.
      if (isRefusal) response.socket?.destroySoon();
    });
  }

  #onUpgrade(request: UpgradeRequest, stream: Duplex, rest: Buffer): void {
    const target = isPlayTarget(request.url) ? PLAY : upgradeTarget(request.url);
    if (target !== PLAY && target?.room !== this.#deps.roomId) {
      return void this.#refuseUpgrade(stream, 404);
    }
    if (!this.#deps.mayReach(request.headers.origin)) return void this.#refuseUpgrade(stream, 403);
    const visitor = this.#visitorOf(stream, request.headers);
    if (visitor === undefined) return void this.#refuseUpgrade(stream, 503);
    const fault = handshakeFault(request);
    if (fault !== undefined) return void refuseHandshake(stream, fault);
    if (!acceptHandshake(request, stream)) return;
    const wire = new WebSocketWire(stream, this.#deps.clock, this.#traffic);
    if (target === PLAY) this.#greet(wire, stream, visitor);
    else this.#claim(wire, target, stream, visitor);
    // A client may speak before it is answered.
    if (rest.length > 0) wire.take(rest, rest.length);
  }

  #claim(wire: Wire, target: UpgradeTarget, stream: Duplex, visitor: Visitor): void {
    this.#firstBytes.lift(stream);
    const { sessionId, reconnectionToken: token, skipHandshake, authToken, processId } = target;
    const join =
      token === undefined
        ? this.#arrivals.claim(wire, { sessionId, said: [authToken, processId] }, visitor)
        : this.#arrivals.comeBack(wire, { sessionId, token, hasSchema: skipHandshake }, visitor);
    this.#arrive(join, visitor);
  }

  #refuseUpgrade(stream: Duplex, status: 403 | 404 | 503): void {
    this.#deps.telemetry.requestRefused({ status });
    refuseStream(stream, status);
  }
}

function forwardedFor(headers: IncomingMessage["headers"]): string | undefined {
  const given = headers["x-forwarded-for"];
  // Node makes one of several.
  return typeof given === "string" ? given : undefined;
}

function allowOrigin(response: ServerResponse, origin: string): void {
  response.setHeader("access-control-allow-origin", origin);
  // The stock SDK asks with credentials, though none are ever set.
  response.setHeader("access-control-allow-credentials", "true");
  response.setHeader("access-control-allow-methods", "POST, OPTIONS");
  response.setHeader("access-control-allow-headers", "content-type, accept, authorization");
  response.setHeader("access-control-max-age", "600");
  response.setHeader("vary", "origin");
}

const REASON = {
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  503: "Service Unavailable",
} as const;

function refuseStream(stream: Duplex, status: keyof typeof REASON): void {
  if (stream.destroyed || !stream.writable) {
    stream.destroy();
    return;
  }
  const wait = status === 503 ? "retry-after: 1\r\n" : "";
  stream.end(
    `HTTP/1.1 ${status} ${REASON[status]}\r\n${wait}connection: close\r\ncontent-length: 0\r\n\r\n`,
    () => stream.destroy(),
  );
}

function refusePlainHttp(stream: Duplex): void {
  const body = JSON.stringify({
    code: CloseCode.MALFORMED,
    error: "This port speaks TLS only: use https or wss.",
  });
  // Read on, or what is left unread resets the connection under the answer.
  stream.resume();
  stream.end(
    `HTTP/1.1 426 Upgrade Required\r\nupgrade: TLS/1.2\r\nconnection: upgrade, close\r\n` +
      `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    () => stream.destroy(),
  );
}
