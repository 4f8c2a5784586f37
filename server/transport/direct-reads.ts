/**
 * Reads of a socket without Node's stream layer, which takes 64 KB of new memory for each and copies out of it: for a
 * command of 20 bytes that is most of what it costs.
 *
 * Node offers this for sockets that one opens oneself (`onread` of `net.connect`) and not for those that a server
 * accepts. What it does there is set on the socket here, under Node's own names; a Node that does not have them, or is not
 * the one this was written for, goes on emitting data. Pinned by test/server/transport/direct-reads.test.ts.
 * @module
 */
import { Socket } from "node:net";
import type { Duplex } from "node:stream";

const NODE_MAJOR = "24";
const READ_BYTES_MAX = 64 * 1024;
/** Of all sockets: one is read at a time, and nobody keeps a view of it. */
const memory = Buffer.allocUnsafeSlow(READ_BYTES_MAX);

/** How Node names what it keeps of `onread`. */
const NAMES = ["kBuffer", "kBufferCb", "kBufferGen"] as const;
type Name = (typeof NAMES)[number];
type Symbols = Readonly<Record<Name, symbol>>;

interface SocketInternals {
  readonly readableLength: number;
  readonly _handle?: { readonly reading?: boolean; useUserBuffer?(bytes: Uint8Array): void } | null;
  [name: symbol]: unknown;
}

let symbols: Symbols | undefined;

/** Who takes what comes over one socket. */
export interface BytesReader {
  /** @param memory - Of which the first `bytes` came. The next read of any socket overwrites it; it may be written to. */
  take(memory: Buffer, bytes: number): void;
}

/**
 * From the next read on hands a socket's bytes to `reader`, instead of the one before if there was one. Its other events
 * stay what they are.
 * @returns Whether it does. Else the stream goes on emitting data: those of TLS and of tests always, others while they
 *   have something left that was not emitted, or were told to read no more.
 */
export function readDirectly(stream: Duplex, reader: BytesReader): boolean {
  // Those of TLS are read while others are written to, and so perhaps while what was read before is looked at.
  if (stream.constructor !== Socket || process.versions.node.split(".")[0] !== NODE_MAJOR) {
    return false;
  }
  const socket = stream as unknown as SocketInternals;
  symbols ??= symbolsOf(socket);
  const { _handle: handle } = socket;
  if (symbols === undefined || handle?.reading !== true || socket.readableLength > 0) return false;
  const { kBuffer } = symbols;
  if (socket[kBuffer] !== memory) {
    if (socket[kBuffer] !== null || typeof handle.useUserBuffer !== "function") return false;
    handle.useUserBuffer(memory);
    socket[kBuffer] = memory;
  }
  socket[symbols.kBufferCb] = (bytes: number) => {
    reader.take(memory, bytes);
    return true;
  };
  return true;
}

/**
 * Gives back to a stream what was read of it, and lets it emit that and all that comes.
 * @param seen - Copied if it may be overwritten.
 */
export function putBack(stream: Duplex, seen: Buffer): void {
  const socket = stream as unknown as SocketInternals;
  if (symbols === undefined || socket[symbols.kBuffer] !== memory) {
    stream.unshift(seen);
    return;
  }
  // Node has no way back to memory of the stream's own.
  socket[symbols.kBufferCb] = (bytes: number) =>
    stream.push(Buffer.from(memory.subarray(0, bytes)));
  stream.push(Buffer.from(seen));
}

function symbolsOf(socket: object): Symbols | undefined {
  const own = Object.getOwnPropertySymbols(socket);
  const found = NAMES.map((name) => [name, own.find((each) => each.description === name)] as const);
  return found.every(([, symbol]) => symbol !== undefined)
    ? (Object.fromEntries(found) as unknown as Symbols)
    : undefined;
}
