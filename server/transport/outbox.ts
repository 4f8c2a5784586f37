import type { Duplex } from "node:stream";

/** Up to here frames are copied into one buffer for one client; beyond, the copy costs more than it saves. */
const COPIED_BYTES_MAX = 4 * 1024;
/** Up to here they are copied once for many. */
const JOINED_BYTES_MAX = 64 * 1024;

let waiting: Outbox[] = [];

/** One write per client for all that a turn of the event loop sends it: a system call costs more than a small frame. */
export class Outbox {
  readonly #stream: Duplex;
  readonly #frames: Uint8Array[] = [];
  #bytes = 0;
  #told: ((error?: Error) => void)[] | undefined;
  #isWaiting = false;

  constructor(stream: Duplex) {
    this.#stream = stream;
  }

  /** Bytes that have not been taken by the kernel. */
  get bytes(): number {
    return this.#bytes + this.#stream.writableLength;
  }

  /** Queues a frame for the end of this turn. @param sent - Called once it was taken; never, if it will not be. */
  push(frame: Uint8Array, sent?: (error?: Error) => void): void {
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
  keep(frame: Uint8Array): void {
    this.#frames.push(frame);
    this.#bytes += frame.byteLength;
  }

  /** Writes what is queued, now. */
  flush(): void {
    this.#isWaiting = false;
    const told = this.#told;
    const frames = this.#frames;
    const [first] = frames;
    if (first === undefined) return;
    const stream = this.#stream;
    if (stream.writable) {
      const done = told && ((error?: Error | null) => tell(told, error));
      const whole = frames.length === 1 ? first : joined(frames, this.#bytes);
      if (whole !== undefined) stream.write(whole, done);
      else {
        stream.cork();
        for (let at = 0; at < frames.length; at++) {
          stream.write(frames[at], at === frames.length - 1 ? done : undefined);
        }
        stream.uncork();
      }
    }
    frames.length = 0;
    this.#bytes = 0;
    this.#told = undefined;
  }
}

function flushWaiting(): void {
  const due = waiting;
  waiting = [];
  for (const outbox of due) outbox.flush();
}

function tell(told: readonly ((error?: Error) => void)[], error?: Error | null): void {
  for (const sent of told) sent(error ?? undefined);
}

let lastFrames: readonly Uint8Array[] = [];
let lastJoined: Uint8Array | undefined;

/**
 * The frames one after the other; copied once for all clients that get the very same ones.
 * @returns `undefined` where it is cheaper to write them as they are: many bytes, that nobody else gets as far as is known.
 */
function joined(frames: readonly Uint8Array[], bytes: number): Uint8Array | undefined {
  const isSame =
    frames.length === lastFrames.length && frames.every((frame, at) => frame === lastFrames[at]);
  if (!isSame) {
    lastFrames = frames.slice();
    lastJoined = undefined;
  }
  if (bytes <= (isSame ? JOINED_BYTES_MAX : COPIED_BYTES_MAX)) {
    lastJoined ??= Buffer.concat(frames);
  }
  return lastJoined;
}
