/**
 * Serves the demo page and its two questions: where the lobby is, and please add bots. Loopback only.
 * @module
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { PAGE_CONTENT_SECURITY_POLICY, type PageFiles } from "./page-build.ts";

/** Largest request body; a bot order has about 30 bytes. */
const BODY_BYTES_MAX = 1024;

/** Ports tried after the wanted one. */
const PORTS_TRIED_MAX = 50;

/** Bots one order may ask for. */
const BOTS_PER_ORDER_MAX = 8;

const LOOPBACK_HOST = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/;

export interface BotOrder {
  readonly game: string;
  /** 1 to {@link BOTS_PER_ORDER_MAX}. */
  readonly count: number;
}

export interface PageSource {
  files(): PageFiles;
  /** `undefined` while it does not listen. */
  lobbyUrl(): string | undefined;
  /** @returns How many bots could be added, and how many there are now; `undefined` for an unknown game. */
  addBots?(order: BotOrder): { readonly added: number; readonly total: number } | undefined;
}

/**
 * Listens on the first free port from `port` on; port 0 takes any.
 * @throws Error when no port of those tried is free.
 */
export async function servePage(
  source: PageSource,
  port: number,
): Promise<{ server: Server; url: string }> {
  const triedMax = port === 0 ? 1 : PORTS_TRIED_MAX;
  for (let tried = 0; tried < triedMax; tried++) {
    const server = createServer({ headersTimeout: 5_000, requestTimeout: 10_000 });
    server.on("request", (request, response) => void answer(source, request, response));
    if (await listens(server, port + tried)) {
      const { port: bound } = server.address() as AddressInfo;
      return { server, url: `http://127.0.0.1:${bound}` };
    }
  }
  throw new Error(`No port from ${port} to ${port + triedMax - 1} is free; name another: --port N`);
}

async function listens(server: Server, port: number): Promise<boolean> {
  try {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") return false;
    throw error;
  }
}

async function answer(
  source: PageSource,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // A foreign name that resolves to this machine would be a stranger's page talking to us (DNS rebinding).
  if (!LOOPBACK_HOST.test(request.headers.host ?? "")) return end(response, 403);
  const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
  if (request.method === "POST" && path === "/api/bots")
    return orderBots(source, request, response);
  if (request.method !== "GET" && request.method !== "HEAD") return end(response, 405);
  if (path === "/lobby.json") return tellLobby(source, response);
  const file = source.files().get(path);
  if (file === undefined) return end(response, 404);
  send(response, 200, file.contentType, file.body);
}

function tellLobby(source: PageSource, response: ServerResponse): void {
  const lobbyUrl = source.lobbyUrl();
  const bots = source.addBots === undefined ? {} : { botsPath: "/api/bots" };
  if (lobbyUrl === undefined) end(response, 503);
  else sendJson(response, 200, { lobbyUrl, ...bots });
}

async function orderBots(
  source: PageSource,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.headers.origin !== `http://${request.headers.host}`) return end(response, 403);
  const order = readOrder(await readBody(request));
  if (order === undefined) return end(response, 400);
  const answer = source.addBots?.(order);
  if (answer === undefined) return end(response, 404);
  sendJson(response, 200, answer);
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  let body = "";
  try {
    for await (const piece of request.setEncoding("utf8")) {
      body += piece;
      if (body.length > BODY_BYTES_MAX) return undefined;
    }
  } catch {
    // The sender went away; there is nobody to answer.
    return undefined;
  }
  return body;
}

function readOrder(body: string | undefined): BotOrder | undefined {
  try {
    const { game, count } = JSON.parse(body ?? "") as Record<string, unknown>;
    if (typeof game !== "string" || typeof count !== "number") return undefined;
    if (!Number.isInteger(count) || count < 1 || count > BOTS_PER_ORDER_MAX) return undefined;
    return { game, count };
  } catch {
    return undefined;
  }
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  send(response, status, "application/json", Buffer.from(JSON.stringify(value)));
}

function end(response: ServerResponse, status: number): void {
  // The rest of a body that was not read would be taken for the next request.
  response.setHeader("connection", "close");
  send(response, status, "text/plain; charset=utf-8", Buffer.from(`${status}\n`));
}

function send(
  response: ServerResponse,
  status: number,
  contentType: string,
  body: Uint8Array,
): void {
  response.writeHead(status, {
    "content-type": contentType,
    "content-length": body.byteLength,
    "content-security-policy": PAGE_CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    // Rebuilt while you work: a kept copy would be of yesterday.
    "cache-control": "no-store",
  });
  response.end(body);
}
