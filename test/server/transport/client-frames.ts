/** Frames as a WebSocket client writes them, and as none should. */

export const Opcode = {
  CONTINUATION: 0,
  TEXT: 1,
  BINARY: 2,
  CLOSE: 8,
  PING: 9,
  PONG: 10,
} as const;

export interface ClientFrame {
  readonly opcode: number;
  readonly payload: Uint8Array;
  /** Unless given, a good client's. */
  readonly fin?: boolean;
  /** The three reserved bits, as a number below 8. */
  readonly rsv?: number;
  readonly isMasked?: boolean;
  readonly mask?: readonly number[];
  /** Bytes of the length beside the seven bits; the fewest unless given. */
  readonly lengthBytes?: 0 | 2 | 8;
  /** What the header says, where that is not so. */
  readonly announced?: bigint;
}

export function clientFrame(frame: ClientFrame): Buffer {
  const {
    opcode,
    payload,
    fin = true,
    rsv = 0,
    isMasked = true,
    mask = [0x37, 0, 0xfa, 1],
  } = frame;
  const announced = frame.announced ?? BigInt(payload.length);
  const fewest = announced < 126n ? 0 : announced < 65_536n ? 2 : 8;
  const lengthBytes = frame.lengthBytes ?? fewest;
  const header = Buffer.alloc(2 + lengthBytes);
  header[0] = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  const short = lengthBytes === 0 ? Number(announced) : lengthBytes === 2 ? 126 : 127;
  header[1] = (isMasked ? 0x80 : 0) | short;
  if (lengthBytes === 2) header.writeUInt16BE(Number(announced), 2);
  if (lengthBytes === 8) header.writeBigUInt64BE(announced, 2);
  if (!isMasked) return Buffer.concat([header, payload]);
  const masked = payload.map((byte, at) => byte ^ (mask[at % 4] as number));
  return Buffer.concat([header, Uint8Array.from(mask), masked]);
}

export function closePayload(code: number, reason: string | Uint8Array = ""): Buffer {
  return Buffer.concat([Buffer.of(code >> 8, code & 255), Buffer.from(reason as string)]);
}

/** The bytes in pieces of their own memory, cut at `cuts` (any numbers). */
export function cutAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places]
    .map((place, at) => Buffer.from(bytes.subarray(place, places[at] ?? bytes.length)))
    .filter(({ length }) => length > 0);
}
