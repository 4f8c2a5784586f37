import { TRANSPORT_LIMITS } from "./limits.ts";
import type { UpgradeRequest } from "./web-socket-handshake.ts";

export interface UpgradeHead extends UpgradeRequest {
  /** What of the bytes is the request; the rest is the first that the WebSocket says. */
  readonly headBytes: number;
}

const END = Buffer.from("\r\n\r\n");
/** Targets of this port hold nothing else. */
const REQUEST_LINE = /GET (\/[A-Za-z0-9_/?=&%.~-]*) HTTP\/1\.1\r\n/y;
const HEADER = /([!#$%&'*+.^_`|~0-9A-Za-z-]+): ([!-~](?:[ -~]*[!-~])?)\r\n/y;
const ASKS_FOR_UPGRADE = /^(?:keep-alive, ?)?upgrade$/i;

/** Headers that are read, each at most once, with their place among the values found. */
const READ: ReadonlyMap<string, number> = new Map(
  [
    "upgrade",
    "connection",
    "sec-websocket-key",
    "sec-websocket-version",
    "origin",
    "x-forwarded-for",
    "host",
  ].map((name, place) => [name, place]),
);
/** With these a request has a body, or says more than this reader understands. */
const NOT_OURS: ReadonlySet<string> = new Set([
  "content-length",
  "transfer-encoding",
  "expect",
  "proxy-connection",
  "sec-websocket-protocol",
]);

/**
 * Reads the request of a WebSocket client without Node's HTTP server, which costs several times as much as the rest of
 * the handshake. It knows one way to write it, the one that clients use.
 * @param bytes - The first of a connection.
 * @returns `undefined` for everything that is not whole, or might be read in two ways: that is for Node to judge.
 */
export function upgradeRequest(bytes: Buffer): UpgradeHead | undefined {
  const { headerBytesMax } = TRANSPORT_LIMITS;
  const end = (bytes.length > headerBytesMax ? bytes.subarray(0, headerBytesMax) : bytes).indexOf(
    END,
  );
  if (end === -1) return undefined;
  // Latin-1 keeps every byte one character; one above ASCII is in no pattern.
  const text = bytes.toString("latin1", 0, end + 2);
  REQUEST_LINE.lastIndex = 0;
  const url = REQUEST_LINE.exec(text)?.[1];
  if (url === undefined) return undefined;
  const found = headersFrom(text, REQUEST_LINE.lastIndex);
  if (found === undefined) return undefined;
  const [upgrade, connection, key, version, origin, forwardedFor, host] = found;
  if (upgrade === undefined || !ASKS_FOR_UPGRADE.test(connection ?? "") || host === undefined) {
    return undefined;
  }
  return {
    method: "GET",
    url,
    httpVersion: "1.1",
    headers: {
      upgrade,
      connection,
      "sec-websocket-key": key,
      "sec-websocket-version": version,
      origin,
      "x-forwarded-for": forwardedFor,
      host,
    },
    headBytes: end + END.length,
  };
}

/** @returns The values of {@link READ}, by place. */
function headersFrom(text: string, start: number): (string | undefined)[] | undefined {
  const found = new Array<string | undefined>(READ.size).fill(undefined);
  HEADER.lastIndex = start;
  for (let count = 0, at = start; at < text.length; at = HEADER.lastIndex) {
    const line = HEADER.exec(text);
    if (line === null || ++count > TRANSPORT_LIMITS.headersMax) return undefined;
    const name = (line[1] as string).toLowerCase();
    if (NOT_OURS.has(name)) return undefined;
    const place = READ.get(name);
    if (place === undefined) continue;
    if (found[place] !== undefined) return undefined;
    found[place] = line[2];
  }
  return found;
}
