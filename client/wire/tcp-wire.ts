import { CloseCode } from "../../protocol/close-codes.ts";
import {
  Control,
  decodeClose,
  decodeNonce,
  encodeClose,
  encodeNonce,
} from "../../protocol/control.ts";
import { FrameReader, frameOf, PREAMBLE } from "../../protocol/frame.ts";
import { CONNECTION_LIMITS } from "../limits.ts";
import type { Address } from "./address.ts";
import { deafListener, type Wire, WireEnd, type WireListener } from "./wire.ts";

/** How long a server may take to end its side after ours is ended. */
const CLOSE_TIMEOUT_MS = 2_000;

/** What of Node's sockets is used here. */
interface NodeSocket {
  readonly writableLength: number;
  /** Why a certificate was not trusted; TLS only. */
  readonly authorizationError?: unknown;
  write(bytes: Uint8Array): boolean;
  end(): void;
  destroy(): void;
  setNoDelay(): void;
  setTimeout(ms: number, late: () => void): void;
  on(event: "data", listener: (chunk: Uint8Array) => void): void;
  on(event: "connect" | "secureConnect" | "end" | "error" | "close", listener: () => void): void;
}

interface NodeSockets {
  connect(options: { host: string; port: number; ca?: string; servername?: string }): NodeSocket;
  isIP(host: string): number;
}

/** Asked of the engine, not imported: a bundler for browsers need not know that this exists. */
function nodeModule(name: "node:net" | "node:tls"): NodeSockets | undefined {
  const engine = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  return engine.process?.getBuiltinModule?.(name) as NodeSockets | undefined;
}

/** Whether this engine has byte streams at all: Node has, a browser has not. */
export function hasTcp(): boolean {
  return nodeModule("node:net") !== undefined;
}

/** A byte stream, TCP or TLS over it. */
export class TcpWire implements Wire {
  readonly #socket: NodeSocket;
  readonly #reader = new FrameReader(CONNECTION_LIMITS.messageBytesMax);
  #listener: WireListener;
  #silence: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param trusted - Certificates in PEM that are trusted instead of the engine's own; TLS only.
   * @throws Error where there are no byte streams; ask {@link hasTcp} first.
   */
  constructor(
    address: Address & { transport: "tcp" },
    trusted: string | undefined,
    listener: WireListener,
  ) {
    this.#listener = listener;
    const socket = connect(address, trusted);
    this.#socket = socket;
    socket.setNoDelay();
    socket.on(address.isSecure ? "secureConnect" : "connect", () => {
      socket.write(Uint8Array.from(PREAMBLE));
      this.#listener.onOpen();
    });
    socket.on("data", (chunk) => this.#read(chunk));
    socket.on("end", () => {
      if (this.#listener !== deafListener) this.#lose();
    });
    // "close" follows.
    socket.on("error", () => {});
    socket.on("close", () => {
      const isUntrusted = (socket.authorizationError ?? null) !== null;
      this.#end(isUntrusted ? WireEnd.UNTRUSTED : WireEnd.ABNORMAL);
    });
    this.#expectBytes();
  }

  send(message: Uint8Array): void {
    if (this.#listener === deafListener) return;
    if (this.#socket.writableLength > CONNECTION_LIMITS.sendQueueBytesMax) this.#lose();
    else this.#socket.write(frameOf(message));
  }

  close(code: number): void {
    if (this.#listener === deafListener) return;
    this.#listener = deafListener;
    this.#finish(code);
  }

  #read(chunk: Uint8Array): void {
    if (this.#listener === deafListener) return;
    this.#expectBytes();
    const bad = this.#reader.push(chunk, (payload) => {
      this.#hear(payload);
      return this.#listener !== deafListener;
    });
    if (bad !== undefined) this.#refuse();
  }

  #hear(payload: Uint8Array): void {
    switch (payload[0]) {
      case Control.PING: {
        const nonce = decodeNonce(Control.PING, payload);
        if (nonce === undefined) this.#refuse();
        else this.send(encodeNonce(Control.PONG, nonce));
        return;
      }
      case Control.CLOSE: {
        const close = decodeClose(payload);
        if (close === undefined || close.code < 1000 || close.code > 4999) {
          this.#refuse();
          return;
        }
        this.#finish(undefined);
        this.#end(close.code);
        return;
      }
      default:
        // The reader's memory is not the listener's to keep; a Buffer's own slice would be a view of it.
        this.#listener.onMessage(new Uint8Array(payload));
    }
  }

  /** The stream cannot be read any further. */
  #refuse(): void {
    if (this.#listener === deafListener) return;
    this.#finish(CloseCode.MALFORMED);
    this.#end(WireEnd.UNREADABLE);
  }

  #lose(): void {
    this.#socket.destroy();
    this.#end(WireEnd.ABNORMAL);
  }

  #expectBytes(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#lose(), CONNECTION_LIMITS.silenceMs);
  }

  #finish(code: number | undefined): void {
    clearTimeout(this.#silence);
    if (code !== undefined) this.#socket.write(frameOf(encodeClose(code, "")));
    this.#socket.end();
    this.#socket.setTimeout(CLOSE_TIMEOUT_MS, () => this.#socket.destroy());
  }

  #end(code: number): void {
    clearTimeout(this.#silence);
    const listener = this.#listener;
    this.#listener = deafListener;
    listener.onClose(code);
  }
}

function connect(
  { host, port, isSecure }: Address & { transport: "tcp" },
  trusted: string | undefined,
): NodeSocket {
  const net = nodeModule("node:net");
  const sockets = isSecure ? nodeModule("node:tls") : net;
  if (net === undefined || sockets === undefined) throw new Error("no byte streams here");
  if (!isSecure) return sockets.connect({ host, port });
  // A name goes into the handshake, an address does not (RFC 6066, section 3).
  const named = net.isIP(host) === 0 ? { servername: host } : {};
  return sockets.connect({ host, port, ...named, ...(trusted !== undefined && { ca: trusted }) });
}
