import type { Duplex } from "node:stream";

/** Up to here frames are copied into one buffer for one client; beyond, the copy costs more than it saves. */
const COPIED_BYTES_MAX = 4 * 1024;
/** Up to here they are copied once for many. */
const JOINED_BYTES_MAX = 64 * 1024;

let waiting: Outbox[] = [];

/** One write per client for all that a turn of the event loop sends it: a system call costs more than a small frame. */
export class Outbox {
  readonly #stream: Duplex;
  /** Most turns send one frame; a list is made for more. */
  #first: Uint8Array | undefined;
  #more: Uint8Array[] | undefined;
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
    this.#bytes += frame.byteLength;
    if (this.#first === undefined) {
      this.#first = frame;
      return;
    }
    this.#more ??= [];
    this.#more.push(frame);
  }

  /** Writes what is queued, now. */
  flush(): void {
    this.#isWaiting = false;
    const first = this.#first;
    if (first === undefined) return;
    const more = this.#more;
    const bytes = this.#bytes;
    const told = this.#told;
    this.#first = undefined;
    this.#more = undefined;
    this.#bytes = 0;
    this.#told = undefined;
    const stream = this.#stream;
    if (!stream.writable) return;
    const done = told && ((error?: Error | null) => tell(told, error));
    const frames = more === undefined ? undefined : [first, ...more];
    const whole = frames === undefined ? first : joined(frames, bytes);
    if (whole !== undefined) {
      stream.write(whole, done);
      return;
    }
    stream.cork();
    for (const frame of frames ?? [])
      stream.write(frame, frame === frames?.at(-1) ? done : undefined);
    stream.uncork();
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
    lastFrames = frames;
    lastJoined = undefined;
  }
  if (bytes <= (isSame ? JOINED_BYTES_MAX : COPIED_BYTES_MAX)) {
    lastJoined ??= Buffer.concat(frames);
  }
  return lastJoined;
}
