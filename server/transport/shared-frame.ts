/** Up to here frames are copied into one buffer for one client; beyond, the copy costs more than it saves. */
const COPIED_BYTES_MAX = 4 * 1024;
/** Up to here they are copied once for many. */
const JOINED_BYTES_MAX = 64 * 1024;

/** Frames a ping once for all who are asked with the same nonce. */
export function sharingPings(pingOf: (nonce: number) => Uint8Array): (nonce: number) => Uint8Array {
  let last: { readonly nonce: number; readonly frame: Uint8Array } | undefined;
  return (nonce) => {
    if (last?.nonce !== nonce) last = { nonce, frame: pingOf(nonce) };
    return last.frame;
  };
}

interface Framed {
  readonly frame: Uint8Array;
  /** The payload's copy within the frame. */
  readonly body: Buffer;
}

/**
 * Frames a payload once for all clients that it goes to, also where other payloads come in between, as in a room whose
 * clients have views of their own.
 * @param frameOf - Copies the payload to the end of a new buffer, behind its header.
 * @returns What frames a payload. It is told whether nobody writes to that payload's memory any more.
 */
export function sharingFrames(
  frameOf: (payload: Uint8Array) => Uint8Array,
): (payload: Uint8Array, isFinal: boolean) => Uint8Array {
  const known = new WeakMap<Uint8Array, Framed>();
  let lastPayload: Uint8Array | undefined;
  let last: Framed | undefined;
  return (payload, isFinal) => {
    const framed = payload === lastPayload ? last : known.get(payload);
    lastPayload = payload;
    // Memory that may be encoded into again at any moment is known by what it holds, too; to compare costs less than
    // another frame.
    if (framed !== undefined && (isFinal || framed.body.equals(payload))) {
      last = framed;
      return framed.frame;
    }
    const frame = frameOf(payload);
    const bodyStart = frame.byteOffset + frame.byteLength - payload.byteLength;
    const body = Buffer.from(frame.buffer as ArrayBuffer, bodyStart, payload.byteLength);
    last = { frame, body };
    known.set(payload, last);
    return frame;
  };
}

let lastFrames: readonly Uint8Array[] = [];
let lastJoined: Uint8Array | undefined;

/**
 * The frames one after the other; copied once for all clients that get the very same ones.
 * @returns `undefined` where it is cheaper to write them as they are: many bytes, that nobody else gets as far as is known.
 */
export function joinedFrames(frames: readonly Uint8Array[], bytes: number): Uint8Array | undefined {
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
