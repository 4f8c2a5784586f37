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
