/**
 * A whole unfragmented binary message from server to client (RFC 6455, section 5.2):
 *
 *   0x82 | length                      up to 125 bytes
 *   0x82 | 126 | u16 BE length         up to 65,535 bytes
 *   0x82 | 127 | u64 BE length         more
 *   payload, unmasked
 *
 * @param payload - Copied: Colyseus encodes every patch into the same memory, so what waits for a slow socket must
 *   not be a view of it.
 */
export function webSocketFrame(payload: Uint8Array): Buffer {
  const length = payload.byteLength;
  const headerBytes = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(headerBytes + length);
  frame[0] = 0x82;
  if (headerBytes === 2) frame[1] = length;
  else if (headerBytes === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.set(payload, headerBytes);
  return frame;
}

/** A ping with a nonce of four bytes (section 5.5.2); the peer's library answers with the same bytes. */
export function webSocketPing(nonce: number): Buffer {
  const frame = Buffer.allocUnsafe(6);
  frame[0] = 0x89;
  frame[1] = 4;
  frame.writeUInt32LE(nonce, 2);
  return frame;
}

/** The answer to a ping (section 5.5.3). @param payload - That of the ping, at most 125 bytes; copied. */
export function webSocketPong(payload: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(2 + payload.byteLength);
  frame[0] = 0x8a;
  frame[1] = payload.byteLength;
  frame.set(payload, 2);
  return frame;
}

const CLOSE_PAYLOAD_BYTES_MAX = 125;
const encoder = new TextEncoder();

/**
 * Says that the connection ends (section 5.5.1):
 *
 *   0x88 | length | u16 BE code | reason, UTF-8
 *
 * @param code - One that may not be sent is left out, and the reason with it.
 * @param reason - As many whole characters of it go as there is room for.
 */
export function webSocketClose(code: number, reason = ""): Buffer {
  const frame = Buffer.allocUnsafe(2 + CLOSE_PAYLOAD_BYTES_MAX);
  frame[0] = 0x88;
  frame[1] = 0;
  if (isCloseCode(code)) {
    frame.writeUInt16BE(code, 2);
    frame[1] = 2 + encoder.encodeInto(reason, frame.subarray(4)).written;
  }
  return frame.subarray(0, 2 + (frame[1] as number));
}

/** Whether a close frame may hold the code (section 7.4): those between say something about a connection, not in it. */
export function isCloseCode(code: number): boolean {
  if (code >= 3000) return code <= 4999;
  return code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006;
}
