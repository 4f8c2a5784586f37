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
  readonly _handle?: { useUserBuffer?(bytes: Uint8Array): void } | null;
  [name: symbol]: unknown;
}

let symbols: Symbols | undefined;

/** Who takes what comes over one socket. */
export interface BytesReader {
  /** @param memory - Of which the first `bytes` came. The next read of any socket overwrites it; it may be written to. */
  take(memory: Buffer, bytes: number): void;
}

/**
 * From the next read on hands a socket's bytes to `reader`. Its other events stay what they are.
 * @param stream - Flowing, and with nothing left that it has read and not emitted.
 * @returns Whether it does; else the stream goes on emitting data, as those of TLS and of tests do.
 */
export function readDirectly(stream: Duplex, reader: BytesReader): boolean {
  // Those of TLS are read while others are written to, and so perhaps while what was read before is looked at.
  if (stream.constructor !== Socket || process.versions.node.split(".")[0] !== NODE_MAJOR) {
    return false;
  }
  const socket = stream as unknown as SocketInternals;
  symbols ??= symbolsOf(socket);
  const { _handle: handle } = socket;
  if (symbols === undefined || socket[symbols.kBuffer] !== null) return false;
  if (typeof handle?.useUserBuffer !== "function") return false;
  handle.useUserBuffer(memory);
  socket[symbols.kBuffer] = memory;
  socket[symbols.kBufferCb] = (bytes: number) => {
    reader.take(memory, bytes);
    return true;
  };
  return true;
}

function symbolsOf(socket: object): Symbols | undefined {
  const own = Object.getOwnPropertySymbols(socket);
  const found = NAMES.map((name) => [name, own.find((each) => each.description === name)] as const);
  return found.every(([, symbol]) => symbol !== undefined)
    ? (Object.fromEntries(found) as unknown as Symbols)
    : undefined;
}
