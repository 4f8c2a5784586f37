import type { Duplex } from "node:stream";
import type { RawData, WebSocket } from "ws";
import { Outbox } from "./outbox.ts";
import { sharingFrames, sharingPings } from "./shared-frame.ts";
import { webSocketFrame, webSocketPing } from "./web-socket-frame.ts";
import { deafListener, type Wire, type WireListener } from "./wire.ts";

const OPEN = 1;
/** What a close frame has room for (RFC 6455, section 5.5), less the code. */
const REASON_BYTES_MAX = 123;

const frameOf = sharingFrames(webSocketFrame);
const pingOf = sharingPings(webSocketPing);

/** A WebSocket as a wire. Takes the handshake, the reading and the closing from `ws`, and writes frames of its own. */
export class WebSocketWire implements Wire {
  readonly transport = "websocket";
  listener: WireListener = deafListener;
  readonly #socket: WebSocket;
  readonly #outbox: Outbox;
  #messagesReceived = 0;
  #messagesSent = 0;
  #lastPong: number | undefined;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    this.#outbox = new Outbox(streamOf(socket));
    socket.on("message", (data: RawData) => {
      this.#messagesReceived++;
      this.listener.onMessage(data as Buffer);
    });
    // The socket answers a ping by itself; it costs no less than a message.
    socket.on("ping", () => this.listener.onControlFrame());
    socket.on("pong", (data: Buffer) => {
      if (data.length === 4) this.#lastPong = data.readUInt32LE();
      this.listener.onControlFrame();
    });
    socket.on("close", (code: number) => this.listener.onClose(code));
    // "close" follows, with the code that says what it was.
    socket.on("error", () => {});
  }

  get readyState(): 0 | 1 | 2 | 3 {
    return this.#socket.readyState;
  }

  get queuedBytes(): number {
    return this.#outbox.bytes;
  }

  get messagesReceived(): number {
    return this.#messagesReceived;
  }

  get messagesSent(): number {
    return this.#messagesSent;
  }

  get lastPong(): number | undefined {
    return this.#lastPong;
  }

  send(payload: Uint8Array, sent?: (error?: Error) => void): void {
    if (this.#socket.readyState !== OPEN) return;
    this.#messagesSent++;
    this.#outbox.push(frameOf(payload), sent);
  }

  sendNext(payload: Uint8Array): void {
    if (this.#socket.readyState !== OPEN) return;
    this.#messagesSent++;
    this.#outbox.keep(frameOf(payload));
  }

  flush(): void {
    this.#outbox.flush();
  }

  ping(nonce: number, rides: boolean): void {
    if (this.#socket.readyState !== OPEN) return;
    if (rides) this.#outbox.keep(pingOf(nonce));
    else this.#outbox.push(pingOf(nonce));
  }

  close(code: number, reason: string): void {
    if (this.#socket.readyState !== OPEN) return;
    // ws writes its close frame itself, at once.
    this.#outbox.flush();
    this.#socket.close(code, closeReason(reason));
  }

  destroy(): void {
    this.#socket.terminate();
  }
}

/** Whole characters of a room's words, as many as a close frame takes; ws throws on more. */
function closeReason(words: string): Buffer {
  const bytes = Buffer.alloc(REASON_BYTES_MAX);
  return bytes.subarray(0, new TextEncoder().encodeInto(words, bytes).written);
}

/** The stream under a WebSocket. ws keeps it private, and without compression writes to it in the order of the calls. */
function streamOf(socket: WebSocket): Duplex {
  return (socket as unknown as { _socket: Duplex })._socket;
}
