/** Where a game port is, and what is spoken there. */
export type Address =
  | { readonly transport: "websocket"; readonly url: string }
  | {
      readonly transport: "tcp";
      readonly host: string;
      readonly port: number;
      readonly isSecure: boolean;
    };

const WEB_SOCKET_SCHEME: Readonly<Record<string, string>> = {
  "http:": "ws:",
  "https:": "wss:",
  "ws:": "ws:",
  "wss:": "wss:",
};

/** Where a server takes a HELLO over WebSocket; what stands before it in an address is a proxy's. */
const PLAY_PATH = "/play";

/**
 * Reads `ws://`, `wss://`, `http://` and `https://` as a WebSocket, `tcp://host:port` and `tls://host:port` as a byte
 * stream.
 * @returns `undefined` for anything else.
 */
export function readAddress(text: string): Address | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const scheme = WEB_SOCKET_SCHEME[url.protocol];
  if (scheme !== undefined) {
    const path = url.pathname.replace(/\/+$/, "");
    const playPath = path.endsWith(PLAY_PATH) ? path : `${path}${PLAY_PATH}`;
    return { transport: "websocket", url: `${scheme}//${url.host}${playPath}` };
  }
  if (url.protocol !== "tcp:" && url.protocol !== "tls:") return undefined;
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  // A byte stream has no port that goes without saying.
  if (host === "" || url.port === "") return undefined;
  return { transport: "tcp", host, port: Number(url.port), isSecure: url.protocol === "tls:" };
}
