import type { Duplex } from "node:stream";
import type { CancelTimer, Clock } from "../clock.ts";
import { TRANSPORT_LIMITS } from "./limits.ts";
import { Outbox } from "./outbox.ts";
import { sharingFrames, sharingPings } from "./shared-frame.ts";
import {
  webSocketClose,
  webSocketFrame,
  webSocketPing,
  webSocketPong,
} from "./web-socket-frame.ts";
import { Heard, WebSocketReader } from "./web-socket-reader.ts";
import { deafListener, type Wire, type WireListener } from "./wire.ts";

const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;
/** What stands for the code where the peer's close has none, and where there was no close (RFC 6455, section 7.1.5). */
const NO_STATUS = 1005;
const ABNORMAL = 1006;

const frameOf = sharingFrames(webSocketFrame);
const pingOf = sharingPings(webSocketPing);

/** A byte stream, TCP or TLS over it, whose handshake is done, as a wire of WebSocket frames. */
export class WebSocketWire implements Wire {
  readonly transport = "websocket";
  listener: WireListener = deafListener;
  readonly #stream: Duplex;
  readonly #outbox: Outbox;
  readonly #clock: Clock;
  readonly #reader = new WebSocketReader();
  #readyState: 1 | 2 | 3 = OPEN;
  #closeCode = ABNORMAL;
  #messagesReceived = 0;
  #messagesSent = 0;
  #lastPong: number | undefined;
  #cancelCut: CancelTimer | undefined;

  constructor(stream: Duplex, clock: Clock) {
    this.#stream = stream;
    this.#outbox = new Outbox(stream);
    this.#clock = clock;
    stream.on("data", (chunk: Buffer) => this.#read(chunk));
    // A peer that ends its side has left; nothing of ours reaches a game that way.
    stream.on("end", () => this.#end());
    stream.on("error", () => stream.destroy());
    stream.on("close", () => this.#closed());
  }

  get readyState(): 1 | 2 | 3 {
    return this.#readyState;
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
    if (this.#readyState !== OPEN) return;
    this.#messagesSent++;
    this.#outbox.push(frameOf(payload), sent);
  }

  sendNext(payload: Uint8Array): void {
    if (this.#readyState !== OPEN) return;
    this.#messagesSent++;
    this.#outbox.keep(frameOf(payload));
  }

  flush(): void {
    this.#outbox.flush();
  }

  ping(nonce: number, rides: boolean): void {
    if (this.#readyState !== OPEN) return;
    if (rides) this.#outbox.keep(pingOf(nonce));
    else this.#outbox.push(pingOf(nonce));
  }

  close(code: number, reason: string): void {
    if (this.#readyState !== OPEN) return;
    this.#readyState = CLOSING;
    this.#outbox.keep(webSocketClose(code, reason));
    this.#outbox.flush();
    this.#cutLater();
  }

  destroy(): void {
    if (this.#readyState === OPEN) this.#readyState = CLOSING;
    this.#stream.destroy();
  }

  #read(chunk: Buffer): void {
    // What comes after the peer's close, or after what cannot be read, is read no more.
    if (this.#stream.writableEnded) return;
    const reader = this.#reader;
    reader.take(chunk);
    for (let heard = reader.next(); heard !== Heard.NOTHING; heard = reader.next()) {
      if (heard === Heard.CLOSE) return void this.#part(reader.payload);
      if (heard >= Heard.MALFORMED) return void this.#refuse(heard);
      // After our own close only the peer's counts.
      if (this.#readyState === OPEN) this.#hear(heard, reader.payload);
    }
  }

  #hear(heard: Heard, payload: Buffer): void {
    if (heard === Heard.MESSAGE) {
      this.#messagesReceived++;
      this.listener.onMessage(payload);
      return;
    }
    if (heard === Heard.PONG && payload.length === 4) this.#lastPong = payload.readUInt32LE();
    this.listener.onControlFrame();
    if (heard === Heard.PING && this.#readyState === OPEN)
      this.#outbox.push(webSocketPong(payload));
  }

  /** The peer closes, by itself or as an answer. */
  #part(payload: Buffer): void {
    this.#closeCode = payload.length === 0 ? NO_STATUS : payload.readUInt16BE();
    if (this.#readyState === OPEN) this.#outbox.keep(webSocketClose(this.#closeCode));
    this.#end();
  }

  /** The stream cannot be read any further. */
  #refuse(code: number): void {
    if (this.#readyState === OPEN) this.#outbox.keep(webSocketClose(code));
    this.#end();
  }

  /** Says no more, and waits until the peer does so, too. */
  #end(): void {
    if (this.#readyState === OPEN) this.#readyState = CLOSING;
    this.#outbox.flush();
    this.#stream.end();
    this.#cutLater();
  }

  #cutLater(): void {
    this.#cancelCut?.();
    this.#cancelCut = this.#clock.after(TRANSPORT_LIMITS.closeTimeoutMs, () => this.destroy());
  }

  #closed(): void {
    this.#cancelCut?.();
    this.#readyState = CLOSED;
    this.listener.onClose(this.#closeCode);
    this.listener = deafListener;
  }
}
