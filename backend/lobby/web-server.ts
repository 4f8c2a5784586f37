/**
 * The lobby's HTTP port: who may ask, how much, and which route answers.
 * @module
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Answer, colyseusRefusal, refusal } from "./answers.ts";
import type { JoinRates } from "./join-rates.ts";
import { answerJoin } from "./join-route.ts";
import { LOBBY_LIMITS } from "./limits.ts";
import type { Lobby } from "./lobby.ts";
import type { Log } from "./log.ts";
import { answerMatchmake } from "./matchmake-route.ts";
import { networkOf } from "./network.ts";
import type { RefusalCode } from "./refusals.ts";

export interface WebServerDeps {
  readonly lobby: Lobby;
  readonly rates: JoinRates;
  readonly log: Log;
  /** Web pages that may ask. Programs that are no web page send no origin and may always. */
  readonly origins: ReadonlySet<string>;
  /** Names under which it answers, without port, in lower case. */
  readonly hostNames: ReadonlySet<string>;
  /** @see networkOf */
  readonly proxies: number;
  /** Whether game ports speak TLS. */
  readonly isGameTls: boolean;
}

const MATCHMAKE = /^\/matchmake\/([A-Za-z]{1,32})\/([A-Za-z0-9_-]{1,64})$/;
const HOST = /^(\[[0-9a-f:.]{2,64}\]|[a-z0-9.-]{1,255})(?::\d{1,5})?$/;

type Target =
  | { readonly route: "games" }
  | { readonly route: "join" }
  | { readonly route: "matchmake"; readonly method: string; readonly room: string };

export class WebServer {
  readonly #deps: WebServerDeps;
  readonly #server: Server;

  constructor(deps: WebServerDeps) {
    this.#deps = deps;
    this.#server = createServer(
      {
        headersTimeout: LOBBY_LIMITS.headersMs,
        requestTimeout: LOBBY_LIMITS.requestMs,
        maxHeaderSize: LOBBY_LIMITS.headerBytesMax,
      },
      (request, response) => void this.#take(request, response),
    );
    this.#server.maxConnections = LOBBY_LIMITS.connectionsMax;
  }

  /** @returns The port. @throws Error EADDRINUSE and the like. */
  async listen(port: number, host: string): Promise<number> {
    this.#server.listen(port, host);
    await once(this.#server, "listening");
    return (this.#server.address() as AddressInfo).port;
  }

  /** Takes nobody any more, and cuts who is still waiting after a moment. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeIdleConnections();
    const timer = setTimeout(() => this.#server.closeAllConnections(), LOBBY_LIMITS.stopMs);
    await closed;
    clearTimeout(timer);
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const answer = await this.#answer(request, response);
      if (answer !== undefined) send(request, response, answer);
    } catch (error) {
      this.#deps.log("warn", "request_failed", { error: String((error as Error)?.stack ?? error) });
      if (!response.headersSent) send(request, response, refusal("internal"));
    }
  }

  /** @returns `undefined` when it has been answered already. */
  async #answer(request: IncomingMessage, response: ServerResponse): Promise<Answer | undefined> {
    const { host = "", origin } = request.headers;
    // A stranger's name that resolves to this machine would be a stranger's page talking to us (DNS rebinding).
    const name = HOST.exec(host.toLowerCase())?.[1] ?? "";
    if (!this.#deps.hostNames.has(name)) return refusal("not_allowed");
    if (origin !== undefined) {
      if (!this.#deps.origins.has(origin)) return refusal("not_allowed");
      allowOrigin(response, origin);
    }
    const target = targetOf(request.url ?? "");
    if (target === undefined) return refusal("not_found");
    if (request.method === "OPTIONS") {
      response.writeHead(204).end();
      return undefined;
    }
    if (target.route === "games") {
      return request.method === "GET" ? this.#games() : refusal("wrong_method");
    }
    return request.method === "POST"
      ? this.#limited(request, response, target)
      : refusal("wrong_method");
  }

  #games(): Answer {
    const games = this.#deps.lobby.games.map(({ name, playersMax }) => ({
      game: name,
      playersMax,
    }));
    return { status: 200, body: { games } };
  }

  async #limited(
    request: IncomingMessage,
    response: ServerResponse,
    target: Exclude<Target, { route: "games" }>,
  ): Promise<Answer | undefined> {
    const { lobby, rates, proxies, isGameTls } = this.#deps;
    const inForm = target.route === "join" ? refusal : colyseusRefusal;
    if (target.route === "join" && !isJson(request)) return inForm("not_json");
    const network = networkOf(request, proxies);
    const code = rates.begin(network);
    if (code !== undefined) return inForm(code);
    try {
      const said = await readObject(request);
      if (typeof said === "string") return inForm(said);
      const gone = new AbortController();
      response.once("close", () => gone.abort());
      return target.route === "join"
        ? await answerJoin(lobby, said, isGameTls, gone.signal)
        : await answerMatchmake(lobby, target, said, isGameTls, gone.signal);
    } finally {
      rates.end(network);
    }
  }
}

function targetOf(url: string): Target | undefined {
  const path = url.split("?", 1)[0] ?? "";
  if (path === "/v1/games") return { route: "games" };
  if (path === "/v1/join") return { route: "join" };
  const [, method, room] = MATCHMAKE.exec(path) ?? [];
  return method === undefined || room === undefined
    ? undefined
    : { route: "matchmake", method, room };
}

function isJson({ headers }: IncomingMessage): boolean {
  return headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase() === "application/json";
}

/** @returns The object, or what is wrong with the body. */
async function readObject(
  request: IncomingMessage,
): Promise<Readonly<Record<string, unknown>> | RefusalCode> {
  const { bodyBytesMax } = LOBBY_LIMITS;
  if (Number(request.headers["content-length"] ?? 0) > bodyBytesMax) return "too_large";
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > bodyBytesMax) return "too_large";
      chunks.push(chunk);
    }
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString() || "{}");
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : "malformed";
  } catch {
    // No JSON, or the sender went away in the middle of it and nobody reads the answer.
    return "malformed";
  }
}

function allowOrigin(response: ServerResponse, origin: string): void {
  response.setHeader("access-control-allow-origin", origin);
  // The stock SDK asks with credentials, though none are ever set.
  response.setHeader("access-control-allow-credentials", "true");
  response.setHeader("access-control-allow-methods", "GET, POST, OPTIONS");
  response.setHeader("access-control-allow-headers", "content-type, accept, authorization");
  response.setHeader("access-control-expose-headers", "retry-after");
  response.setHeader("access-control-max-age", "600");
  response.setHeader("vary", "origin");
}

function send(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  const body = Buffer.from(JSON.stringify(answer.body));
  // The rest of a body that was not read would be taken for the next request.
  if (!request.complete) response.setHeader("connection", "close");
  response.writeHead(answer.status, {
    "content-type": "application/json",
    "content-length": body.length,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    ...(answer.retryAfterSeconds !== undefined && {
      "retry-after": String(answer.retryAfterSeconds),
    }),
  });
  response.end(body);
}
