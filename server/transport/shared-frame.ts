/** Up to here frames are copied into one buffer for one client; beyond, the copy costs more than it saves. */
const COPIED_BYTES_MAX = 4 * 1024;
/** Up to here they are copied once for many. */
const JOINED_BYTES_MAX = 64 * 1024;

interface Framed {
  readonly frame: Uint8Array;
  /** The payload's copy within the frame. */
  readonly body: Buffer;
}

/** How a protocol frames what goes to many clients: once, also where other payloads come in between. */
export class SharedFrames {
  readonly #frameOf: (payload: Uint8Array) => Uint8Array;
  readonly #pingOf: (nonce: number) => Uint8Array;
  readonly #known = new WeakMap<Uint8Array, Framed>();
  #lastPayload: Uint8Array | undefined;
  #last: Framed | undefined;
  #lastNonce: number | undefined;
  #lastPing: Uint8Array | undefined;

  /** @param frameOf - Copies the payload to the end of a new buffer, behind its header. */
  constructor(frameOf: (payload: Uint8Array) => Uint8Array, pingOf: (nonce: number) => Uint8Array) {
    this.#frameOf = frameOf;
    this.#pingOf = pingOf;
  }

  /** @param isFinal - Nobody writes to the payload's memory any more. */
  of(payload: Uint8Array, isFinal: boolean): Uint8Array {
    if (payload !== this.#lastPayload) {
      this.#lastPayload = payload;
      this.#last = this.#known.get(payload);
    }
    // Memory that may be encoded into again at any moment is known by what it holds, too; to compare costs less than
    // another frame.
    if (this.#last === undefined || !(isFinal || this.#last.body.equals(payload))) {
      this.#last = this.#frame(payload);
    }
    return this.#last.frame;
  }

  /** The same for all who are asked with the same nonce. */
  ping(nonce: number): Uint8Array {
    if (this.#lastPing === undefined || nonce !== this.#lastNonce) {
      this.#lastNonce = nonce;
      this.#lastPing = this.#pingOf(nonce);
    }
    return this.#lastPing;
  }

  #frame(payload: Uint8Array): Framed {
    const frame = this.#frameOf(payload);
    const bodyStart = frame.byteOffset + frame.byteLength - payload.byteLength;
    const body = Buffer.from(frame.buffer as ArrayBuffer, bodyStart, payload.byteLength);
    const framed = { frame, body };
    this.#known.set(payload, framed);
    return framed;
  }
}

interface Joined {
  readonly frames: readonly Uint8Array[];
  bytes: Uint8Array | undefined;
}

/** By the last frame: clients of one group come between those of others, and what ends alike is mostly all alike. */
const joinedByLast = new WeakMap<Uint8Array, Joined>();

/**
 * The frames one after the other; copied once for all clients that get the very same ones.
 * @param frames - Two at least; kept.
 * @returns `undefined` where it is cheaper to write them as they are: many bytes, that nobody else gets as far as is known.
 */
export function joinedFrames(frames: readonly Uint8Array[], bytes: number): Uint8Array | undefined {
  const last = frames.at(-1) as Uint8Array;
  const known = joinedByLast.get(last);
  const isSame = known !== undefined && isEqual(frames, known.frames);
  const joined = isSame ? known : { frames, bytes: undefined };
  if (!isSame) joinedByLast.set(last, joined);
  if (bytes <= (isSame ? JOINED_BYTES_MAX : COPIED_BYTES_MAX)) {
    joined.bytes ??= Buffer.concat(frames);
  }
  return joined.bytes;
}

function isEqual(some: readonly Uint8Array[], others: readonly Uint8Array[]): boolean {
  return some.length === others.length && some.every((frame, at) => frame === others[at]);
}
