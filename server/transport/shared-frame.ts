/**
 * Frames a payload once for all clients that it goes to at the same time.
 * @param frameOf - Copies the payload to the end of a new buffer, behind its header.
 */
export function sharingFrames(
  frameOf: (payload: Uint8Array) => Uint8Array,
): (payload: Uint8Array) => Uint8Array {
  let lastPayload: Uint8Array | undefined;
  let lastFrame: Uint8Array = new Uint8Array(0);
  let lastBody = Buffer.alloc(0);
  return (payload) => {
    // Memory may be encoded into again at any moment, so a payload is known by what it holds, too; to compare costs
    // less than another frame.
    if (payload === lastPayload && lastBody.equals(payload)) return lastFrame;
    lastPayload = payload;
    lastFrame = frameOf(payload);
    const { buffer, byteOffset, byteLength } = lastFrame;
    lastBody = Buffer.from(
      buffer as ArrayBuffer,
      byteOffset + byteLength - payload.byteLength,
      payload.byteLength,
    );
    return lastFrame;
  };
}
