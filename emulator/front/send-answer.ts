import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { HttpAnswer } from "./http-exchange.ts";

/** What every answer has unless its handler says otherwise. */
const HEADERS = {
  "Cache-Control": "no-store",
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
};

/** @throws TypeError or RangeError when status or headers are none that HTTP allows. */
export async function sendAnswer(
  { status, headers = {}, body = "" }: HttpAnswer,
  { method }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const stream = body instanceof Readable ? body : undefined;
  // A source that fails outside the pipeline concerns nobody: its answer is given up in any case.
  stream?.on("error", () => {});
  try {
    for (const [name, value] of Object.entries({ ...HEADERS, ...headers })) {
      response.setHeader(name, value);
    }
    if (typeof body === "string" || Buffer.isBuffer(body)) {
      response.setHeader("Content-Length", Buffer.byteLength(body));
    }
    response.writeHead(status);
    if (method === "HEAD" || stream === undefined) {
      response.end(method === "HEAD" ? "" : body);
      return;
    }
    // At once: a stream of events may have nothing to say for long.
    response.flushHeaders();
    // A reader that went away, or a source that failed, has destroyed both ends.
    await pipeline(stream, response).catch(() => {});
  } finally {
    stream?.destroy();
  }
}

/** In words, as JSON. */
export function refuseUpgrade(socket: Socket, status: number, words: string): void {
  const body = `${JSON.stringify({ error: words })}\n`;
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
  ];
  socket.write(`${lines.join("\r\n")}\r\n\r\n${body}`);
  // The peer need not agree: an end alone would leave the socket to him.
  socket.destroySoon();
}
