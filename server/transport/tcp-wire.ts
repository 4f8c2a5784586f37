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
import type { Clock } from "../clock.ts";
import { TRANSPORT_LIMITS } from "./limits.ts";
import { SharedFrames } from "./shared-frame.ts";
import { ABNORMAL, CLOSING, OPEN, StreamWire } from "./stream-wire.ts";
import { Traffic } from "./traffic.ts";
import { deafListener } from "./wire.ts";

const FRAMES = new SharedFrames(
  // Small frames come out of memory that is there already.
  (payload) => frameOf(payload, Buffer.allocUnsafe),
  (nonce) => frameOf(encodeNonce(Control.PING, nonce)),
);

/** A byte stream as a wire of length-prefixed frames; what comes before the first frame has been read. */
export class TcpWire extends StreamWire {
  readonly transport = "tcp";
  readonly #reader = new FrameReader(TRANSPORT_LIMITS.messageBytesMax);

  constructor(stream: Duplex, clock: Clock, traffic = new Traffic()) {
    super(stream, clock, FRAMES, traffic);
  }

  close(code: number, reason: string): void {
    if (this.readyState !== OPEN) return;
    this.readyState = CLOSING;
    this.closeCode = code;
    this.keep(frameOf(encodeClose(code, printable(reason))));
    this.endStream();
  }

  protected read(memory: Buffer, bytes: number): void {
    if (this.readyState !== OPEN) return;
    const bad = this.#reader.push(memory.subarray(0, bytes), this.#onPayload);
    if (bad !== undefined) this.#refuse();
  }

  readonly #onPayload = (payload: Uint8Array): boolean => {
    this.#hear(payload);
    return this.readyState === OPEN;
  };

  #hear(payload: Uint8Array): void {
    switch (payload[0]) {
      case Control.PONG:
        this.hearPong(decodeNonce(Control.PONG, payload));
        this.listener.onControlFrame();
        return;
      case Control.CLOSE:
        this.closeCode = decodeClose(payload)?.code ?? ABNORMAL;
        this.endStream();
        return;
      default:
        this.countMessage();
        this.listener.onMessage(asBuffer(payload));
    }
  }

  /** The stream cannot be read any further. */
  #refuse(): void {
    this.close(CloseCode.MALFORMED, "malformed");
    this.listener.onClose(CloseCode.MALFORMED);
    this.listener = deafListener;
  }
}

/** The same memory: a view of what came is a Buffer already, one of the reader's own is not. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
}

/** A room's words in what a CLOSE may hold. */
function printable(words: string): string {
  return words.replaceAll(/[^\x20-\x7e]/g, "?");
}
