/**
 * How messages are told apart on a byte stream (TCP, or TLS over it). A WebSocket does that by itself.
 *
 *   client to server, first of all   C5 46 4C 52                 (the magic "\xC5FLR")
 *   then, both ways                  u32 LE length | payload     length 1 or more
 *
 * From a client a payload has at most 4,096 bytes. The first byte of a payload says what it is: below 10 a control
 * message (`control.ts`), from 10 on a message of Colyseus, exactly as a WebSocket carries it.
 * @module
 */

/** Opens a connection. Its first byte begins neither an HTTP request nor a TLS handshake. */
export const PREAMBLE: readonly number[] = [0xc5, 0x46, 0x4c, 0x52];

const FRAME_HEADER_BYTES = 4;

/**
 * @returns Header and payload.
 * @param payload - Copied; 1 byte or more.
 * @param allocate - Where to: every byte of it is written.
 */
export function frameOf(
  payload: Uint8Array,
  allocate: (bytes: number) => Uint8Array = newBytes,
): Uint8Array {
  const length = payload.byteLength;
  const frame = allocate(FRAME_HEADER_BYTES + length);
  frame[0] = length;
  frame[1] = length >>> 8;
  frame[2] = length >>> 16;
  frame[3] = length >>> 24;
  frame.set(payload, FRAME_HEADER_BYTES);
  return frame;
}

function newBytes(bytes: number): Uint8Array {
  return new Uint8Array(bytes);
}

const NOTHING = new Uint8Array(0);

/** A length that no frame may have. */
export interface BadFrame {
  /** What the header announced, bytes. */
  readonly announcedBytes: number;
}

/**
 * Takes a stream apart into payloads, however it was cut into chunks. Its memory is at most one payload, and nothing is
 * allocated before the bytes are there: a header's word costs nothing.
 */
export class FrameReader {
  readonly #payloadBytesMax: number;
  #headerFilled = 0;
  /** What came of a header, as the number that it is, at most 2^32 - 1. */
  #headerWord = 0;
  #payloadBytes = 0;
  /** What came of a payload that is not whole yet. */
  #kept = NOTHING;
  #filled = 0;

  constructor(payloadBytesMax: number) {
    this.#payloadBytesMax = payloadBytesMax;
  }

  /** Whether the stream stopped inside a frame. */
  get isInsideFrame(): boolean {
    return this.#headerFilled > 0;
  }

  /**
   * @param chunk - Borrowed until `onPayload` was called for the last time.
   * @param onPayload - Gets each whole payload, in order: a view of `chunk` or of memory that the next payload overwrites.
   *   `false` ends the reading of this chunk, and what is left of it is lost.
   * @returns What is wrong; the stream cannot be read any further then.
   */
  push(chunk: Uint8Array, onPayload: (payload: Uint8Array) => boolean): BadFrame | undefined {
    let at = 0;
    while (at < chunk.byteLength) {
      if (this.#headerFilled === 0 && at + FRAME_HEADER_BYTES < chunk.byteLength) {
        // Most frames lie in one chunk, and have less than 256 bytes.
        const length = chunk[at] ?? 0;
        const isShort = chunk[at + 1] === 0 && chunk[at + 2] === 0 && chunk[at + 3] === 0;
        const end = at + FRAME_HEADER_BYTES + length;
        if (isShort && length > 0 && length <= this.#payloadBytesMax && end <= chunk.byteLength) {
          const payload = chunk.subarray(at + FRAME_HEADER_BYTES, end);
          at = end;
          if (!onPayload(payload)) return undefined;
          continue;
        }
      }
      if (this.#headerFilled < FRAME_HEADER_BYTES) {
        // Not by shifts: those would make the highest bit a sign.
        this.#headerWord += (chunk[at++] ?? 0) * 256 ** this.#headerFilled++;
        if (this.#headerFilled < FRAME_HEADER_BYTES) continue;
        const announcedBytes = this.#headerWord;
        this.#headerWord = 0;
        if (announcedBytes === 0 || announcedBytes > this.#payloadBytesMax)
          return { announcedBytes };
        this.#payloadBytes = announcedBytes;
        this.#filled = 0;
        continue;
      }
      const missing = this.#payloadBytes - this.#filled;
      const piece = chunk.subarray(at, at + missing);
      at += piece.byteLength;
      const isWhole = this.#filled === 0 && piece.byteLength === missing;
      if (!isWhole) this.#keep(piece);
      if (piece.byteLength < missing) return undefined;
      this.#headerFilled = 0;
      if (!onPayload(isWhole ? piece : this.#kept.subarray(0, this.#filled))) return undefined;
    }
    return undefined;
  }

  #keep(piece: Uint8Array): void {
    const filled = this.#filled + piece.byteLength;
    if (filled > this.#kept.byteLength) {
      const grown = new Uint8Array(
        Math.min(this.#payloadBytes, Math.max(filled, 2 * this.#filled)),
      );
      grown.set(this.#kept.subarray(0, this.#filled));
      this.#kept = grown;
    }
    this.#kept.set(piece, this.#filled);
    this.#filled = filled;
  }
}
