import { hash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { DirectWriter } from "./direct-writes.ts";

/** A request to go on as a WebSocket, as Node reads it; header names in small letters. */
export type UpgradeRequest = Pick<IncomingMessage, "method" | "url" | "httpVersion" | "headers">;

/** Why a request opens no WebSocket, as it is answered. */
export interface HandshakeFault {
  readonly status: 400 | 405;
  readonly message: string;
  /** A further header, as a line. */
  readonly header?: string;
}

const METHOD: HandshakeFault = { status: 405, message: "Invalid HTTP method" };
const HTTP_VERSION: HandshakeFault = { status: 400, message: "Invalid HTTP version" };
const UPGRADE: HandshakeFault = { status: 400, message: "Invalid Upgrade header" };
const CONNECTION: HandshakeFault = { status: 400, message: "Invalid Connection header" };
const KEY: HandshakeFault = {
  status: 400,
  message: "Missing or invalid Sec-WebSocket-Key header",
};
const VERSION: HandshakeFault = {
  status: 400,
  message: "Missing or invalid Sec-WebSocket-Version header",
  header: "Sec-WebSocket-Version: 13\r\n",
};

const REASON = { 400: "Bad Request", 405: "Method Not Allowed" } as const;

/** 16 bytes in base64. */
const SIXTEEN_BYTES = /^[+/0-9A-Za-z]{22}==$/;
const NAMES_UPGRADE = /(?:^|,)[ \t]*upgrade[ \t]*(?:,|$)/i;

/** What is wrong with a handshake (RFC 6455, section 4.2.1). */
export function handshakeFault(request: UpgradeRequest): HandshakeFault | undefined {
  const { headers } = request;
  if (request.method !== "GET") return METHOD;
  if (request.httpVersion !== "1.1") return HTTP_VERSION;
  if (headers.upgrade?.toLowerCase() !== "websocket") return UPGRADE;
  if (!NAMES_UPGRADE.test(headers.connection ?? "")) return CONNECTION;
  if (!SIXTEEN_BYTES.test(headers["sec-websocket-key"] ?? "")) return KEY;
  return headers["sec-websocket-version"] === "13" ? undefined : VERSION;
}

export function refuseHandshake(stream: Duplex, fault: HandshakeFault): void {
  const { status, message, header = "" } = fault;
  stream.end(
    `HTTP/1.1 ${status} ${REASON[status]}\r\nConnection: close\r\nContent-Type: text/html\r\n` +
      `Content-Length: ${message.length}\r\n${header}\r\n${message}`,
    () => stream.destroy(),
  );
}

/** Of section 1.3: no server answers with it by chance. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/**
 * Answers a handshake without fault. No extension and no subprotocol is ever taken.
 * @returns Whether the stream is a WebSocket now; it was cut if the peer has left already.
 */
export function acceptHandshake(request: UpgradeRequest, stream: Duplex): boolean {
  if (!stream.readable || !stream.writable) {
    stream.destroy();
    return false;
  }
  const accept = hash("sha1", `${request.headers["sec-websocket-key"]}${GUID}`, "base64");
  const answer = Buffer.from(
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      `Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
    "latin1",
  );
  if (DirectWriter.of(stream)?.write(answer) !== true) stream.write(answer);
  return true;
}
