import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type Clock, systemClock } from "../clock.ts";
import { listenOnFirstFree } from "../listen.ts";
import { type Answer, refusal, send } from "./answer.ts";
import { Callers } from "./callers.ts";
import { ADMIN_LIMITS } from "./limits.ts";
import { LiveReaders } from "./live-readers.ts";
import { Routes, type RoutesOptions } from "./routes.ts";

export interface AdminServerOptions extends RoutesOptions {
  /** Whether a page of that origin may call. */
  readonly mayReach: (origin: string) => boolean;
  /**
   * Address to listen on.
   * @defaultValue 127.0.0.1
   */
  readonly host?: string;
  /**
   * Addresses and blocks such as `10.0.0.0/8` that may connect beside this machine, when `host` is not loopback; all
   * others are cut. Such a peer needs the token, so without one there is nothing for it.
   */
  readonly peers?: readonly string[];
  /** Secret. Where it is set, every route but `/healthz` and the page's own text asks for it; `""` is none. */
  readonly token?: string;
  /** @defaultValue the system's */
  readonly clock?: Clock;
}

/**
 * Health, metrics, the live view and, with the local fleet, player sessions for the demo page: for this machine, and for
 * peers that are named. Nothing a caller does makes it hold more than its bounds.
 */
export class AdminServer {
  readonly #host: string;
  readonly #callers: Callers;
  readonly #routes: Routes;
  readonly #server: Server;

  constructor(options: AdminServerOptions) {
    const { host = "127.0.0.1", token = "", peers = [], mayReach, clock = systemClock } = options;
    this.#host = host;
    this.#callers = new Callers({ host, token, peers, mayReach });
    this.#routes = new Routes(options, this.#callers, clock);
    this.#server = createServer(
      {
        maxHeaderSize: ADMIN_LIMITS.headerBytesMax,
        headersTimeout: ADMIN_LIMITS.requestTimeoutMs,
        requestTimeout: ADMIN_LIMITS.requestTimeoutMs,
        keepAliveTimeout: ADMIN_LIMITS.keepAliveTimeoutMs,
        connectionsCheckingInterval: ADMIN_LIMITS.overdueLookMs,
        // We answer for a missing or repeated Host ourselves.
        requireHostHeader: false,
      },
      (request, response) => this.#serve(request, response),
    );
    this.#server.maxConnections = ADMIN_LIMITS.connectionsMax;
    this.#server.setTimeout(ADMIN_LIMITS.stalledTimeoutMs);
    this.#server.on("connection", (socket) => {
      // A reset leaves nothing behind here, where a FIN would wait for the stranger's.
      if (!this.#callers.mayConnect(socket)) socket.resetAndDestroy();
    });
  }

  /**
   * Opens the first free port of a list.
   * @param ports - Tried in order; `0` takes any free one.
   * @returns The port that was opened.
   * @throws GameServerError PORT_TAKEN when none could be opened.
   */
  listen(ports: readonly number[]): Promise<number> {
    return listenOnFirstFree(this.#server, ports, this.#host, ADMIN_LIMITS.backlog);
  }

  /** Closes the port and every connection. A second call does nothing. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    // A broken connection concerns nobody but its owner.
    request.on("error", () => {});
    response.on("error", () => {});
    const { bodyBytesMax } = ADMIN_LIMITS;
    if (Number(request.headers["content-length"] ?? 0) > bodyBytesMax) {
      // Not read at all, so the connection is of no more use once the answer is out.
      response.once("finish", () => request.destroy());
      const tooMuch = `allowed are at most ${bodyBytesMax} bytes`;
      send(request, response, refusal(413, tooMuch, { Connection: "close" }));
      return;
    }
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > bodyBytesMax) request.destroy();
    });
    request.on("end", () => void this.#answer(request, response));
  }

  /** Answers for a handler that throws, too: a question about health must not end the process. */
  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const caller = this.#callers.identify(request);
      if ("status" in caller) return send(request, response, caller);
      const answered = await this.#routes.answer(request, caller);
      if (response.destroyed) return;
      if (answered instanceof LiveReaders) return answered.answer(request, response);
      const web = caller.origin === "other" ? caller.web : undefined;
      send(request, response, web === undefined ? answered : readableBy(web, answered));
    } catch {
      if (response.headersSent) response.destroy();
      else send(request, response, refusal(500, "the answer could not be made"));
    }
  }
}

/** For a page of another origin, which would otherwise not learn why it is refused. */
function readableBy(origin: string, answered: Answer): Answer {
  const headers = {
    ...answered.headers,
    "Access-Control-Allow-Origin": origin,
    "Cross-Origin-Resource-Policy": "cross-origin",
  };
  return { ...answered, headers };
}
