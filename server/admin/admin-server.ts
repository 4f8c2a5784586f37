import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { listenOnFirstFree } from "../listen.ts";

/** Bytes of a request body at most; no route reads one, so this is room for what browsers add. */
const BODY_BYTES_MAX = 4_096;
/** Bytes of all headers at most. */
const HEADER_BYTES_MAX = 8_192;
/** Time for a request to arrive, milliseconds: every caller is on this machine. */
const REQUEST_TIMEOUT_MS = 5_000;
/** How often requests that are overdue are looked for, milliseconds; the timer runs in an idle process, too. */
const OVERDUE_LOOK_MS = 10_000;
/** Connections at once at most. */
const CONNECTIONS_MAX = 64;

interface Health {
  readonly isHealthy: boolean;
  /** What else the answer shows, as it is. */
  readonly [part: string]: string | number | boolean;
}

export interface AdminServerOptions {
  /** Answered from local knowledge, at once. */
  readonly health: () => Health;
  /** Hands out a free player session id, or `undefined`; the route exists with the local fleet only. */
  readonly nextPlayerSession?: (() => string | undefined) | undefined;
  /** Whether a page of that origin may call. */
  readonly mayReach: (origin: string) => boolean;
}

interface Answer {
  readonly status: number;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Health checks and, with the local fleet, player sessions for the demo page. Listens on 127.0.0.1 only; a `Host` that is
 * no loopback name is refused, since a hostile page can point its own name at 127.0.0.1 (DNS rebinding).
 */
export class AdminServer {
  readonly #server: Server;

  constructor(options: AdminServerOptions) {
    this.#server = createServer(
      {
        maxHeaderSize: HEADER_BYTES_MAX,
        headersTimeout: REQUEST_TIMEOUT_MS,
        requestTimeout: REQUEST_TIMEOUT_MS,
        keepAliveTimeout: 1_000,
        connectionsCheckingInterval: OVERDUE_LOOK_MS,
        // We answer for a missing or repeated Host ourselves.
        requireHostHeader: false,
      },
      (request, response) => serve(options, request, response),
    );
    this.#server.maxConnections = CONNECTIONS_MAX;
  }

  /**
   * Opens the first free port of a list.
   * @param ports - Tried in order; `0` takes any free one.
   * @returns The port that was opened.
   * @throws GameServerError PORT_TAKEN when none could be opened.
   */
  listen(ports: readonly number[]): Promise<number> {
    return listenOnFirstFree(this.#server, ports, "127.0.0.1", CONNECTIONS_MAX);
  }

  /** Closes the port and every connection. A second call does nothing. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }
}

function serve(
  options: AdminServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  // A broken connection concerns nobody but its owner.
  request.on("error", () => {});
  response.on("error", () => {});
  if (Number(request.headers["content-length"] ?? 0) > BODY_BYTES_MAX) {
    // Not read at all, so the connection is of no more use once the answer is out.
    response.once("finish", () => request.destroy());
    const answered = refusal(413, `allowed are at most ${BODY_BYTES_MAX} bytes`);
    send(request, response, { ...answered, headers: { Connection: "close" } });
    return;
  }
  let bytes = 0;
  request.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) request.destroy();
  });
  request.on("end", () => send(request, response, answerSafely(options, request)));
}

/** An answer for a handler that throws, too: a question about health must not end the process. */
function answerSafely(options: AdminServerOptions, request: IncomingMessage): Answer {
  try {
    return answer(options, request);
  } catch {
    return refusal(500, "the answer could not be made");
  }
}

function answer(options: AdminServerOptions, request: IncomingMessage): Answer {
  const { origin } = request.headers;
  if (!isLoopbackHost(request)) return refusal(403, "the Host header is no loopback name");
  if (origin === undefined) return route(options, request);
  if (!options.mayReach(origin)) return refusal(403, "this web origin is not allowed");
  const answered = request.method === "OPTIONS" ? preflight() : route(options, request);
  return {
    ...answered,
    headers: { ...answered.headers, "Access-Control-Allow-Origin": origin },
  };
}

function route(options: AdminServerOptions, request: IncomingMessage): Answer {
  const path = request.url?.split("?")[0];
  if (path === "/healthz") return onlyFor(request, ["GET", "HEAD"], () => health(options));
  const next = options.nextPlayerSession;
  if (path === "/local/next-player-session" && next !== undefined) {
    return onlyFor(request, ["POST"], () => nextPlayerSession(next));
  }
  return refusal(404, "there is nothing here");
}

function onlyFor(
  request: IncomingMessage,
  methods: readonly string[],
  handle: () => Answer,
): Answer {
  if (methods.includes(request.method ?? "")) return handle();
  const allow = methods.join(", ");
  return { ...refusal(405, `allowed is ${allow}`), headers: { Allow: allow } };
}

function health(options: AdminServerOptions): Answer {
  const { isHealthy, ...parts } = options.health();
  const status = isHealthy ? "ok" : "unhealthy";
  return { status: isHealthy ? 200 : 503, body: { ...parts, status } };
}

function nextPlayerSession(next: () => string | undefined): Answer {
  const playerSessionId = next();
  if (playerSessionId !== undefined) return { status: 200, body: { playerSessionId } };
  return refusal(409, "no player session is free now; try again when the next match starts");
}

function preflight(): Answer {
  return {
    status: 204,
    body: {},
    headers: {
      "Access-Control-Allow-Methods": "GET, POST",
      "Access-Control-Allow-Headers": "Content-Type",
      "Access-Control-Max-Age": "600",
    },
  };
}

function refusal(status: number, error: string): Answer {
  return { status, body: { error } };
}

function send(request: IncomingMessage, response: ServerResponse, answered: Answer): void {
  const text = answered.status === 204 ? "" : `${JSON.stringify(answered.body)}\n`;
  response.writeHead(answered.status, {
    ...(text === "" ? {} : { "Content-Type": "application/json" }),
    "Content-Length": Buffer.byteLength(text),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    Vary: "Origin",
    ...answered.headers,
  });
  response.end(request.method === "HEAD" ? "" : text);
}

/** Exactly one Host, and a name that always means this machine; any port, for tunnels. */
function isLoopbackHost(request: IncomingMessage): boolean {
  const hosts = request.headersDistinct["host"] ?? [];
  const [host = ""] = hosts;
  return hosts.length === 1 && /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i.test(host);
}
