import type { Duplex } from "node:stream";
import type { CancelTimer, Clock } from "../clock.ts";
import { type BytesReader, readDirectly } from "./direct-reads.ts";
import { DirectWriter } from "./direct-writes.ts";
import { TRANSPORT_LIMITS } from "./limits.ts";
import { RoundTrip } from "./round-trip.ts";
import { joinedFrames, type SharedFrames } from "./shared-frame.ts";
import type { Traffic } from "./traffic.ts";
import { deafListener, type Wire, type WireListener } from "./wire.ts";

export const OPEN = 1;
export const CLOSING = 2;
const CLOSED = 3;
/** What WebSocket calls a connection that ended without a word. */
export const ABNORMAL = 1006;

type Sent = (error?: Error) => void;

let waiting: StreamWire[] = [];

/**
 * A wire over a byte stream, TCP or TLS over it. It writes once for all that a turn of the event loop sends: a system
 * call costs more than a small frame.
 *
 * One object, with plain fields: what a patch touches of each of many clients is seldom in the processor's cache.
 */
export abstract class StreamWire implements Wire, BytesReader {
  abstract readonly transport: Wire["transport"];
  // What every patch reads and writes lies together.
  readyState: 1 | 2 | 3 = OPEN;
  messagesSent = 0;
  queuedBytesAtMost = 0;
  readonly #frames: SharedFrames;
  /** Most turns send one frame; a list is made for more. */
  #first: Uint8Array | undefined;
  #more: Uint8Array[] | undefined;
  /** Of those frames. */
  #bytes = 0;
  #told: Sent[] | undefined;
  /** For the end of this turn. */
  #isWaiting = false;
  /** Among the frames is one whose writing is timed. */
  #hasPing = false;
  /** The stream takes nothing more. */
  #isOver = false;
  protected readonly stream: Duplex;
  readonly #writer: DirectWriter | undefined;
  listener: WireListener = deafListener;
  messagesReceived = 0;
  lastPong: number | undefined = undefined;
  readonly #roundTrip = new RoundTrip();
  /** As that has it, for whoever asks with each command. */
  roundTripMs: number | undefined = undefined;
  protected closeCode = ABNORMAL;
  readonly #traffic: Traffic;
  readonly #clock: Clock;
  #cancelCut: CancelTimer | undefined;

  constructor(stream: Duplex, clock: Clock, frames: SharedFrames, traffic: Traffic) {
    this.stream = stream;
    this.#writer = DirectWriter.of(stream);
    this.#traffic = traffic;
    this.#clock = clock;
    this.#frames = frames;
    if (!readDirectly(stream, this)) this.#readStream();
    // A peer that ends its side has left; nothing of ours reaches a game that way.
    stream.on("end", () => this.endStream());
    stream.on("error", () => this.destroy());
    stream.on("close", () => this.#closed());
  }

  get queuedBytes(): number {
    return this.#bytes + this.stream.writableLength + (this.#writer?.pendingBytes ?? 0);
  }

  countQueuedBytes(): number {
    this.queuedBytesAtMost = this.queuedBytes;
    return this.queuedBytesAtMost;
  }

  send(payload: Uint8Array, sent?: Sent): void {
    if (this.readyState !== OPEN) return;
    this.messagesSent++;
    this.push(this.#frames.of(payload, false), sent);
  }

  sendFinal(payload: Uint8Array): void {
    if (this.readyState !== OPEN) return;
    this.messagesSent++;
    this.push(this.#frames.of(payload, true));
  }

  sendNext(payload: Uint8Array): void {
    if (this.readyState !== OPEN) return;
    this.messagesSent++;
    this.keep(this.#frames.of(payload, false));
  }

  ping(nonce: number, rides: boolean): void {
    if (this.readyState !== OPEN) return;
    const frame = this.#frames.ping(nonce);
    this.#hasPing = true;
    this.#roundTrip.asked(nonce);
    if (rides) this.keep(frame);
    else this.push(frame);
  }

  flush(): void {
    this.#isWaiting = false;
    const first = this.#first;
    if (first === undefined) return;
    this.#first = undefined;
    if (this.#hasPing) {
      this.#hasPing = false;
      this.#roundTrip.written(this.#clock.nowMs());
    }
    if (this.#more !== undefined || this.#told !== undefined) {
      this.#writeAll(first);
      return;
    }
    this.#bytes = 0;
    if (!this.#isOver) this.#write(first);
  }

  abstract close(code: number, reason: string): void;

  destroy(): void {
    if (this.readyState === OPEN) this.readyState = CLOSING;
    this.#isOver = true;
    this.stream.destroy();
  }

  /** Also for what was read before this was made; then its listener hears it at once. */
  take(memory: Buffer, bytes: number): void {
    this.#traffic.receivedBytes += bytes;
    this.read(memory, bytes);
  }

  /** The first `bytes` of `memory` came, while the stream lasts. It may be written to, and is overwritten after. */
  protected abstract read(memory: Buffer, bytes: number): void;

  /** A message came. */
  protected countMessage(): void {
    this.messagesReceived++;
    this.#traffic.receivedFrames++;
  }

  /** An answer to a ping came. @param nonce - `undefined` if it has none of ours. */
  protected hearPong(nonce: number | undefined): void {
    this.lastPong = nonce;
    this.#roundTrip.answered(nonce, this.#clock.nowMs());
    this.roundTripMs = this.#roundTrip.medianMs;
  }

  /** Queues a frame for the end of this turn. @param sent - Called once it was taken; never, if it will not be. */
  protected push(frame: Uint8Array, sent?: Sent): void {
    this.keep(frame);
    if (sent !== undefined) {
      this.#told ??= [];
      this.#told.push(sent);
    }
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    if (waiting.push(this) === 1) setImmediate(flushWaiting);
  }

  /** Queues a frame that goes with the next one, or with the next {@link flush}. */
  protected keep(frame: Uint8Array): void {
    const bytes = frame.byteLength;
    this.#traffic.sentBytes += bytes;
    this.#traffic.sentFrames++;
    this.#bytes += bytes;
    this.queuedBytesAtMost += bytes;
    if (this.#first === undefined) {
      this.#first = frame;
      return;
    }
    this.#more ??= [];
    this.#more.push(frame);
  }

  /** Says no more than what is queued, and waits until the peer does so, too. */
  protected endStream(): void {
    if (this.readyState === OPEN) this.readyState = CLOSING;
    this.flush();
    this.#isOver = true;
    this.stream.end();
    this.cutLater();
  }

  /** Gives the peer some time to part. */
  protected cutLater(): void {
    this.#cancelCut?.();
    this.#cancelCut = this.#clock.after(TRANSPORT_LIMITS.closeTimeoutMs, () => this.destroy());
  }

  /** By its events, at least until what was read before, or put back, has come that way. */
  #readStream(): void {
    let mayReadDirectly = true;
    this.stream.on("data", (chunk: Buffer) => {
      this.take(chunk, chunk.length);
      if (mayReadDirectly && this.stream.readableLength === 0) {
        mayReadDirectly = false;
        readDirectly(this.stream, this);
      }
    });
  }

  #closed(): void {
    this.#cancelCut?.();
    this.#isOver = true;
    this.readyState = CLOSED;
    this.listener.onClose(this.closeCode);
    this.listener = deafListener;
  }

  #write(frame: Uint8Array): void {
    if (this.#writer?.write(frame) !== true) this.stream.write(frame);
  }

  #writeAll(first: Uint8Array): void {
    const frames = [first, ...(this.#more ?? [])];
    const bytes = this.#bytes;
    const told = this.#told;
    this.#more = undefined;
    this.#bytes = 0;
    this.#told = undefined;
    if (this.#isOver) return;
    const { stream } = this;
    const done = told && ((error?: Error | null) => tell(told, error));
    const whole = frames.length === 1 ? first : joinedFrames(frames, bytes);
    if (whole !== undefined) {
      if (this.#writer?.write(whole, done) !== true) stream.write(whole, done);
      return;
    }
    this.#writer?.useStream();
    stream.cork();
    for (const frame of frames) stream.write(frame, frame === frames.at(-1) ? done : undefined);
    stream.uncork();
  }
}

function flushWaiting(): void {
  const due = waiting;
  waiting = [];
  for (const wire of due) wire.flush();
}

function tell(told: readonly Sent[], error?: Error | null): void {
  for (const sent of told) sent(error ?? undefined);
}
