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
 */
export function sharingFrames(
  frameOf: (payload: Uint8Array) => Uint8Array,
): (payload: Uint8Array) => Uint8Array {
  const known = new WeakMap<Uint8Array, Framed>();
  let lastPayload: Uint8Array | undefined;
  let last: Framed | undefined;
  return (payload) => {
    const framed = payload === lastPayload ? last : known.get(payload);
    lastPayload = payload;
    // Memory may be encoded into again at any moment, so a payload is known by what it holds, too; to compare costs
    // less than another frame.
    if (framed?.body.equals(payload)) {
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
