import type { Duplex } from "node:stream";
import type { Clock } from "../clock.ts";
import { SharedFrames } from "./shared-frame.ts";
import { CLOSING, OPEN, StreamWire } from "./stream-wire.ts";
import { Traffic } from "./traffic.ts";
import {
  webSocketClose,
  webSocketFrame,
  webSocketPing,
  webSocketPong,
} from "./web-socket-frame.ts";
import { Heard, WebSocketReader } from "./web-socket-reader.ts";

/** What stands for the code where the peer's close has none (RFC 6455, section 7.1.5). */
const NO_STATUS = 1005;

const FRAMES = new SharedFrames(webSocketFrame, webSocketPing);

/** A byte stream whose handshake is done, as a wire of WebSocket frames. */
export class WebSocketWire extends StreamWire {
  readonly transport = "websocket";
  readonly #reader = new WebSocketReader();

  constructor(stream: Duplex, clock: Clock, traffic = new Traffic()) {
    super(stream, clock, FRAMES, traffic);
  }

  close(code: number, reason: string): void {
    if (this.readyState !== OPEN) return;
    this.readyState = CLOSING;
    this.keep(webSocketClose(code, reason));
    this.flush();
    this.cutLater();
  }

  protected read(memory: Buffer, bytes: number): void {
    // What comes after the peer's close, or after what cannot be read, is read no more.
    if (this.stream.writableEnded) return;
    const reader = this.#reader;
    reader.take(memory, bytes);
    for (let heard = reader.next(); heard !== Heard.NOTHING; heard = reader.next()) {
      if (heard === Heard.CLOSE) return void this.#part(reader.payload);
      if (heard >= Heard.MALFORMED) return void this.#refuse(heard);
      // After our own close only the peer's counts.
      if (this.readyState === OPEN) this.#hear(heard, reader.payload);
    }
  }

  #hear(heard: Heard, payload: Buffer): void {
    if (heard === Heard.MESSAGE) {
      this.countMessage();
      this.listener.onMessage(payload);
      return;
    }
    if (heard === Heard.PONG && payload.length === 4) this.hearPong(payload.readUInt32LE());
    this.listener.onControlFrame();
    if (heard === Heard.PING && this.readyState === OPEN) this.push(webSocketPong(payload));
  }

  /** The peer closes, by itself or as an answer. */
  #part(payload: Buffer): void {
    this.closeCode = payload.length === 0 ? NO_STATUS : payload.readUInt16BE();
    if (this.readyState === OPEN) this.keep(webSocketClose(this.closeCode));
    this.endStream();
  }

  /** The stream cannot be read any further. */
  #refuse(code: number): void {
    if (this.readyState === OPEN) this.keep(webSocketClose(code));
    this.endStream();
  }
}
