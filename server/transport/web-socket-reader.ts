import { isUtf8 } from "node:buffer";
import { TRANSPORT_LIMITS } from "./limits.ts";
import { isCloseCode } from "./web-socket-frame.ts";

/** What {@link WebSocketReader.next} found: by opcode what it is, or by close code what is wrong with the stream. */
export const Heard = {
  /** All that came was read. */
  NOTHING: 0,
  MESSAGE: 2,
  CLOSE: 8,
  PING: 9,
  PONG: 10,
  /** The stream is of no client that keeps to the protocol. */
  MALFORMED: 1002,
  /** A text message: what is spoken here are bytes. */
  TEXT: 1003,
  /** The reason of a close is no UTF-8. */
  NO_UTF8: 1007,
  /** A message has too many bytes, or comes in too many pieces. */
  TOO_LARGE: 1009,
} as const;
export type Heard = (typeof Heard)[keyof typeof Heard];

/** A piece of a message, but the last. */
const PIECE = -1;

const CONTINUATION = 0;
const TEXT = 1;
const BINARY = 2;
const CONTROL_BYTES_MAX = 125;
/** A whole message in one frame. */
const WHOLE_BINARY = 0x82;

const NO_BYTES: Buffer = Buffer.alloc(0);

/**
 * Takes the stream of a WebSocket client apart into messages and control frames, however it was cut into chunks. A frame
 * of a client (RFC 6455, section 5.2):
 *
 *   FIN RSV1 RSV2 RSV3 opcode(4) | MASK length(7)
 *   u16 BE length if that says 126, u64 BE length if it says 127
 *   mask, 4 bytes
 *   payload, each byte XOR mask[its index % 4]
 *
 * Opcodes: 0 continuation, 1 text, 2 binary, 8 close, 9 ping, 10 pong. FIN, RSV bits 0, MASK 1 but in a message's pieces,
 * of which only the last has FIN and only the first an opcode other than 0.
 *
 * Its memory is one message, and nothing is allocated before the bytes are there.
 */
export class WebSocketReader {
  /** What is being read, its end, and how far; nothing between two chunks. */
  #chunk: Buffer = NO_BYTES;
  #end = 0;
  #at = 0;
  /** What was found last. A view of it is made when it is asked for: to keep one here would cost V8 more. */
  #found: Buffer = NO_BYTES;
  #foundAt = 0;
  #foundEnd = 0;
  /** What came of a frame that began in an earlier chunk, header included. */
  #frame: Buffer = NO_BYTES;
  #frameFilled = 0;
  /** What came of a message in pieces. */
  #message: Buffer = NO_BYTES;
  #messageFilled = 0;
  /** Above zero inside such a message. */
  #pieces = 0;

  /**
   * @param chunk - The reader's to write into until it has been read to its end; the one before has been.
   * @param bytes - How many of it came.
   */
  take(chunk: Buffer, bytes = chunk.length): void {
    this.#chunk = chunk;
    this.#end = bytes;
    this.#at = 0;
  }

  /**
   * Of what {@link next} found last, and only until it is asked again: mostly a view of the chunk. A close's is empty, or a
   * code (u16 BE) that may be sent and a reason.
   */
  get payload(): Buffer {
    return this.#found.subarray(this.#foundAt, this.#foundEnd);
  }

  /** Reads on. After a close, or what is wrong, there is nothing more to be read. */
  next(): Heard {
    for (;;) {
      const heard = this.#frameFilled === 0 ? this.#nextWhole() : this.#nextCut();
      if (heard !== PIECE) return heard;
    }
  }

  #nextWhole(): Heard | typeof PIECE {
    const there = this.#end - this.#at;
    if (there === 0) return this.#rest();
    const needed = this.#bytesNeeded(this.#chunk, this.#at, there);
    if (needed < 0) return -needed as Heard;
    if (needed > there) return this.#nextCut();
    const at = this.#at;
    this.#at += needed;
    return this.#open(this.#chunk, at, at + needed);
  }

  #nextCut(): Heard | typeof PIECE {
    for (;;) {
      const needed = this.#bytesNeeded(this.#frame, 0, this.#frameFilled);
      if (needed < 0) return -needed as Heard;
      if (needed === this.#frameFilled) break;
      if (this.#at === this.#end) return this.#rest();
      this.#fillFrame(needed);
    }
    const frame = this.#frame;
    const end = this.#frameFilled;
    this.#frame = NO_BYTES;
    this.#frameFilled = 0;
    return this.#open(frame, 0, end);
  }

  #rest(): Heard {
    // Else a connection that says nothing would keep what it said last.
    this.#chunk = NO_BYTES;
    this.#end = 0;
    this.#at = 0;
    this.#find(NO_BYTES, 0, 0);
    return Heard.NOTHING;
  }

  /**
   * @param there - How many bytes are there from `at` on.
   * @returns How many a whole frame has, or, if that is not known yet, how many would tell more; a close code below
   *   zero if no frame begins so.
   */
  #bytesNeeded(bytes: Buffer, at: number, there: number): number {
    if (there < 2) return 2;
    const first = bytes[at] as number;
    const second = bytes[at + 1] as number;
    const shortLength = second & 0x7f;
    if (first === WHOLE_BINARY && second >= 0x80 && shortLength < 126 && this.#pieces === 0) {
      return 6 + shortLength;
    }
    const wrong = this.#wrongWith(first, second);
    if (wrong !== Heard.NOTHING) return -wrong;
    const lengthBytes = lengthBytesOf(second);
    if (there < 2 + lengthBytes) return 2 + lengthBytes;
    const length =
      lengthBytes === 0
        ? shortLength
        : lengthBytes === 2
          ? bytes.readUInt16BE(at + 2)
          : bytes.readUInt32BE(at + 2) * 2 ** 32 + bytes.readUInt32BE(at + 6);
    const isControl = (first & 0x08) !== 0;
    if (!isControl && this.#messageFilled + length > TRANSPORT_LIMITS.messageBytesMax) {
      return -Heard.TOO_LARGE;
    }
    return 6 + lengthBytes + length;
  }

  /** What the first two bytes of a frame say. */
  #wrongWith(first: number, second: number): Heard {
    const isMasked = second >= 0x80;
    if (!isMasked || (first & 0x70) !== 0) return Heard.MALFORMED;
    const opcode = first & 0x0f;
    switch (opcode) {
      case CONTINUATION:
        if (this.#pieces === 0) return Heard.MALFORMED;
        return this.#pieces < TRANSPORT_LIMITS.fragmentsMax ? Heard.NOTHING : Heard.TOO_LARGE;
      case TEXT:
        return this.#pieces === 0 ? Heard.TEXT : Heard.MALFORMED;
      case BINARY:
        return this.#pieces === 0 ? Heard.NOTHING : Heard.MALFORMED;
      case Heard.CLOSE:
      case Heard.PING:
      case Heard.PONG: {
        const length = second & 0x7f;
        const isGood =
          first >= 0x80 &&
          length <= CONTROL_BYTES_MAX &&
          // Half a code.
          !(opcode === Heard.CLOSE && length === 1);
        return isGood ? Heard.NOTHING : Heard.MALFORMED;
      }
      default:
        return Heard.MALFORMED;
    }
  }

  /** Takes what the frame needs, as far as the chunk has it. */
  #fillFrame(needed: number): void {
    const filled = this.#frameFilled;
    const end = Math.min(this.#end, this.#at + needed - filled);
    this.#frame = grown(this.#frame, filled, filled + end - this.#at, needed);
    this.#frameFilled += this.#chunk.copy(this.#frame, filled, this.#at, end);
    this.#at = end;
  }

  /** Reads the whole frame from `at` to `end`. */
  #open(bytes: Buffer, at: number, end: number): Heard | typeof PIECE {
    const first = bytes[at] as number;
    const maskAt = at + 2 + lengthBytesOf(bytes[at + 1] as number);
    unmask(bytes, maskAt, end);
    this.#find(bytes, maskAt + 4, end);
    if (first === WHOLE_BINARY) return Heard.MESSAGE;
    const opcode = first & 0x0f;
    if (opcode === Heard.CLOSE) return heardClose(this.payload);
    if (opcode > Heard.CLOSE) return opcode as Heard;
    this.#join(this.payload);
    if (first < 0x80) return PIECE;
    this.#find(this.#message, 0, this.#messageFilled);
    this.#message = NO_BYTES;
    this.#messageFilled = 0;
    this.#pieces = 0;
    return Heard.MESSAGE;
  }

  #find(bytes: Buffer, at: number, end: number): void {
    this.#found = bytes;
    this.#foundAt = at;
    this.#foundEnd = end;
  }

  #join(piece: Buffer): void {
    const filled = this.#messageFilled;
    const { messageBytesMax } = TRANSPORT_LIMITS;
    this.#message = grown(this.#message, filled, filled + piece.length, messageBytesMax);
    this.#messageFilled += piece.copy(this.#message, filled);
    this.#pieces++;
  }
}

/** How many bytes tell the length, beside those 7 bits. */
function lengthBytesOf(second: number): 0 | 2 | 8 {
  const shortLength = second & 0x7f;
  return shortLength < 126 ? 0 : shortLength === 126 ? 2 : 8;
}

function unmask(bytes: Buffer, maskAt: number, end: number): void {
  const mask0 = bytes[maskAt] as number;
  const mask1 = bytes[maskAt + 1] as number;
  const mask2 = bytes[maskAt + 2] as number;
  const mask3 = bytes[maskAt + 3] as number;
  let at = maskAt + 4;
  for (; at + 3 < end; at += 4) {
    bytes[at] = (bytes[at] as number) ^ mask0;
    bytes[at + 1] = (bytes[at + 1] as number) ^ mask1;
    bytes[at + 2] = (bytes[at + 2] as number) ^ mask2;
    bytes[at + 3] = (bytes[at + 3] as number) ^ mask3;
  }
  if (at < end) bytes[at] = (bytes[at] as number) ^ mask0;
  if (at + 1 < end) bytes[at + 1] = (bytes[at + 1] as number) ^ mask1;
  if (at + 2 < end) bytes[at + 2] = (bytes[at + 2] as number) ^ mask2;
}

function heardClose(payload: Buffer): Heard {
  if (payload.length === 0) return Heard.CLOSE;
  if (!isCloseCode(payload.readUInt16BE())) return Heard.MALFORMED;
  return isUtf8(payload.subarray(2)) ? Heard.CLOSE : Heard.NO_UTF8;
}

/** Memory for `wanted` bytes, and for up to as many again; what there was is kept. */
function grown(bytes: Buffer, filled: number, wanted: number, most: number): Buffer {
  if (wanted <= bytes.length) return bytes;
  const larger = Buffer.allocUnsafe(Math.min(most, Math.max(wanted, 2 * filled)));
  bytes.copy(larger, 0, 0, filled);
  return larger;
}
