import type { Duplex } from "node:stream";
import { CloseCode } from "../../protocol/close-codes.ts";
import {
  Control,
  decodeClose,
  decodeNonce,
  encodeClose,
  encodeNonce,
} from "../../protocol/control.ts";
import { FrameReader, frameOf } from "../../protocol/frame.ts";
import type { CancelTimer, Clock } from "../clock.ts";
import { TRANSPORT_LIMITS } from "./limits.ts";
import { Outbox } from "./outbox.ts";
import { sharingFrames, sharingPings } from "./shared-frame.ts";
import { deafListener, type Wire, type WireListener } from "./wire.ts";

const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;
/** What WebSocket calls a connection that ended without a word. */
const ABNORMAL = 1006;

// Small frames come out of memory that is there already.
const sharedFrameOf = sharingFrames((payload) => frameOf(payload, Buffer.allocUnsafe));
const pingOf = sharingPings((nonce) => frameOf(encodeNonce(Control.PING, nonce)));

/** A byte stream, TCP or TLS over it, as a wire; what comes before the first frame has been read. */
export class TcpWire implements Wire {
  readonly transport = "tcp";
  listener: WireListener = deafListener;
  readonly #stream: Duplex;
  readonly #outbox: Outbox;
  readonly #clock: Clock;
  readonly #reader = new FrameReader(TRANSPORT_LIMITS.messageBytesMax);
  /** What is being read now. */
  #chunk: Buffer | undefined;
  #readyState: 1 | 2 | 3 = OPEN;
  #closeCode = ABNORMAL;
  #messagesReceived = 0;
  #messagesSent = 0;
  #lastPong: number | undefined;
  #cancelCut: CancelTimer = () => {};

  constructor(stream: Duplex, clock: Clock) {
    this.#stream = stream;
    this.#outbox = new Outbox(stream);
    this.#clock = clock;
    stream.on("data", (chunk: Buffer) => this.#read(chunk));
    // A peer that ends its side has left; nothing of ours reaches a game that way.
    stream.on("end", () => this.#cut());
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
    this.#outbox.push(sharedFrameOf(payload), sent);
  }

  sendNext(payload: Uint8Array): void {
    if (this.#readyState !== OPEN) return;
    this.#messagesSent++;
    this.#outbox.keep(sharedFrameOf(payload));
  }

  flush(): void {
    this.#outbox.flush();
  }

  ping(nonce: number, rides: boolean): void {
    if (this.#readyState !== OPEN) return;
    const frame = pingOf(nonce);
    if (rides) this.#outbox.keep(frame);
    else this.#outbox.push(frame);
  }

  close(code: number, reason: string): void {
    if (this.#readyState !== OPEN) return;
    this.#readyState = CLOSING;
    this.#closeCode = code;
    this.#outbox.keep(frameOf(encodeClose(code, printable(reason))));
    this.#outbox.flush();
    this.#stream.end();
    this.#cancelCut = this.#clock.after(TRANSPORT_LIMITS.closeTimeoutMs, () => this.destroy());
  }

  destroy(): void {
    this.#stream.destroy();
  }

  #read(chunk: Buffer): void {
    if (this.#readyState !== OPEN) return;
    this.#chunk = chunk;
    const bad = this.#reader.push(chunk, this.#onPayload);
    this.#chunk = undefined;
    if (bad !== undefined) this.#refuse();
  }

  readonly #onPayload = (payload: Uint8Array): boolean => {
    this.#hear(payload);
    return this.#readyState === OPEN;
  };

  #hear(payload: Uint8Array): void {
    switch (payload[0]) {
      case Control.PONG:
        this.#lastPong = decodeNonce(Control.PONG, payload);
        this.listener.onControlFrame();
        return;
      case Control.CLOSE:
        this.#closeCode = decodeClose(payload)?.code ?? ABNORMAL;
        this.#cut();
        return;
      default:
        this.#messagesReceived++;
        // A chunk is nobody else's; the reader's memory is not the room's to keep.
        this.listener.onMessage(
          payload.buffer === this.#chunk?.buffer ? (payload as Buffer) : Buffer.from(payload),
        );
    }
  }

  /** The stream cannot be read any further. */
  #refuse(): void {
    this.close(CloseCode.MALFORMED, "malformed");
    this.listener.onClose(CloseCode.MALFORMED);
    this.listener = deafListener;
  }

  #cut(): void {
    if (this.#readyState === OPEN) this.#readyState = CLOSING;
    this.#outbox.flush();
    this.#stream.end();
    this.#cancelCut();
    this.#cancelCut = this.#clock.after(TRANSPORT_LIMITS.closeTimeoutMs, () => this.destroy());
  }

  #closed(): void {
    this.#cancelCut();
    this.#readyState = CLOSED;
    this.listener.onClose(this.#closeCode);
    this.listener = deafListener;
  }
}

/** A room's words in what a CLOSE may hold. */
function printable(words: string): string {
  return words.replaceAll(/[^\x20-\x7e]/g, "?");
}
