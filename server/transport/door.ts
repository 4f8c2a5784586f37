import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Clock } from "../clock.ts";
import { sleep } from "../clock.ts";
import { listenOnFirstFree } from "../listen.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { TRANSPORT_LIMITS } from "./limits.ts";
import { type MatchmakeAnswer, type MatchmakeDeps, matchmake, readOptions } from "./matchmake.ts";
import type { OriginRule } from "./origins.ts";
import { matchmakeTarget, upgradeTarget } from "./targets.ts";
import { WebSocketAcceptor } from "./web-socket-acceptor.ts";

export interface DoorDeps extends MatchmakeDeps {
  readonly mayReach: OriginRule;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

const NOT_FOUND: MatchmakeAnswer = { status: 404, body: { code: 404, error: "not found" } };
const FORBIDDEN: MatchmakeAnswer = {
  status: 403,
  body: { code: 403, error: "origin not allowed" },
};

/**
 * The game port. It answers the stock SDK's matchmaking requests and WebSocket upgrades; to everything else it says
 * 404 and closes.
 */
export class Door {
  readonly #deps: DoorDeps;
  readonly #server: Server;
  readonly #acceptor: WebSocketAcceptor;

  constructor(deps: DoorDeps) {
    this.#deps = deps;
    this.#acceptor = new WebSocketAcceptor(deps);
    this.#server = createServer({
      maxHeaderSize: TRANSPORT_LIMITS.headerBytesMax,
      headersTimeout: TRANSPORT_LIMITS.headersTimeoutMs,
      requestTimeout: TRANSPORT_LIMITS.requestTimeoutMs,
      connectionsCheckingInterval: TRANSPORT_LIMITS.connectionsCheckMs,
      keepAliveTimeout: TRANSPORT_LIMITS.keepAliveMs,
      noDelay: true,
    });
    this.#server.maxHeadersCount = TRANSPORT_LIMITS.headersMax;
    this.#server.maxConnections = TRANSPORT_LIMITS.connectionsMax;
    this.#server.on("request", (request, response) => void this.#onRequest(request, response));
    this.#server.on("upgrade", (request, stream, head) => this.#onUpgrade(request, stream, head));
    this.#server.on("connect", (_request, stream) => stream.destroy());
    this.#server.on("clientError", (_error, stream) => refuseStream(stream, 400));
  }

  /** @returns The port that was opened. @throws GameServerError PORT_TAKEN */
  listen(ports: readonly number[], host: string): Promise<number> {
    return listenOnFirstFree(this.#server, ports, host, TRANSPORT_LIMITS.backlog);
  }

  /** Stops listening, gives open connections a moment to take their close frames, and cuts the rest. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    this.#server.closeIdleConnections();
    const timer = new AbortController();
    await Promise.race([
      closed,
      sleep(this.#deps.clock, TRANSPORT_LIMITS.shutdownMs, timer.signal),
    ]);
    timer.abort();
    this.#acceptor.shutdown();
    this.#server.closeAllConnections();
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
      response.writeHead(204).end();
      return undefined;
    }
    if (request.method !== "POST") return NOT_FOUND;
    if (target.room !== this.#deps.roomId && target.room !== this.#deps.roomName) return NOT_FOUND;
    const body = await readOptions(request);
    if (!("options" in body)) return body;
    return matchmake(this.#deps, target, body.options, request.socket.remoteAddress ?? "");
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
      ...(isRefusal && { connection: "close" }),
    });
    response.end(body, () => {
      // What is left of a body that was not read is never read.
      if (isRefusal) response.socket?.destroySoon();
    });
  }

  #onUpgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    stream.on("error", () => stream.destroy());
    const target = upgradeTarget(request.url);
    if (target === undefined || target.room !== this.#deps.roomId) {
      this.#refuseUpgrade(stream, 404);
    } else if (!this.#deps.mayReach(request.headers.origin)) {
      this.#refuseUpgrade(stream, 403);
    } else {
      this.#acceptor.accept(request, stream, head, target);
    }
  }

  #refuseUpgrade(stream: Duplex, status: 403 | 404): void {
    this.#deps.telemetry.requestRefused({ status });
    refuseStream(stream, status);
  }
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

const REASON = { 400: "Bad Request", 403: "Forbidden", 404: "Not Found" } as const;

function refuseStream(stream: Duplex, status: keyof typeof REASON): void {
  if (stream.destroyed || !stream.writable) {
    stream.destroy();
    return;
  }
  stream.end(
    `HTTP/1.1 ${status} ${REASON[status]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`,
    () => stream.destroy(),
  );
}
