/**
 * Writes to a socket without Node's stream layer, which for each keeps a state, a request and a turn of the event loop for
 * the case that the system does not take everything at once. It nearly always does: that case alone is kept here.
 *
 * Node offers this to nobody but itself. What `net.Socket` does for a write is done here, under Node's own names; where they
 * are not there, or the Node is not the one this was written for, there is no such writer. Pinned by
 * test/server/transport/direct-writes.test.ts.
 * @module
 */
import { Socket } from "node:net";
import type { Duplex } from "node:stream";

const NODE_MAJOR = "24";

interface WriteRequest {
  oncomplete?: (status: number) => void;
  /** Keeps the bytes in memory until they are written. */
  buffer?: Uint8Array;
}

interface WritableHandle {
  /** @returns Below 0 if the system refuses, `undefined` once it is closed, and then nothing was written. */
  writeBuffer(request: WriteRequest, bytes: Uint8Array): number | undefined;
}

interface StreamBinding {
  readonly WriteWrap: new () => WriteRequest;
  /** What the last write of any stream came to. */
  readonly streamBaseState: Int32Array;
  readonly kLastWriteWasAsync: number;
}

interface SocketInternals extends Socket {
  readonly _handle?: Partial<WritableHandle> | null;
}

const stream = streamBinding();
/** Of no socket: it serves for all writes that the system takes at once, which do not look at it. */
let request = stream && new stream.WriteWrap();

/**
 * Writes to one socket past its stream, as long as nothing waits in either. Has all it needs for that beside each other: what
 * a write to each of many sockets touches is seldom in the processor's cache.
 */
export class DirectWriter {
  /** Once the socket is closed it takes nothing, and says so. */
  readonly #handle: WritableHandle;
  /** Bytes of a write that the system has not taken wholly yet; none can be written here meanwhile. */
  pendingBytes = 0;
  /** Something may wait in the stream, and what is written here would overtake it. */
  #isStreamUsed = true;
  readonly #socket: SocketInternals;

  private constructor(socket: SocketInternals, handle: WritableHandle) {
    this.#socket = socket;
    this.#handle = handle;
  }

  /** @returns `undefined` for a stream that is no socket of the system, and on another Node. */
  static of(duplex: Duplex): DirectWriter | undefined {
    // Those of TLS write what they have made of it.
    if (stream === undefined || duplex.constructor !== Socket) return undefined;
    const socket = duplex as SocketInternals;
    const { _handle: handle } = socket;
    return typeof handle?.writeBuffer === "function"
      ? new DirectWriter(socket, handle as WritableHandle)
      : undefined;
  }

  /**
   * @param bytes - Not to be written to until they are sent.
   * @param taken - Called when the system has all of them, perhaps at once; never if it will not have them.
   * @returns `false` if it did not: then they go by the stream, which also finds out what is wrong with the socket.
   */
  write(bytes: Uint8Array, taken?: () => void): boolean {
    if (this.#isStreamUsed) this.#isStreamUsed = this.#socket.writableLength > 0;
    // Whoever is told may write by the stream at once: that says nothing of these bytes.
    if (!this.#isStreamUsed && this.#isTaken(bytes, taken)) return true;
    this.#isStreamUsed = true;
    return false;
  }

  /** To be called before something goes by the stream that {@link write} was not asked for. */
  useStream(): void {
    this.#isStreamUsed = true;
  }

  #isTaken(bytes: Uint8Array, taken?: () => void): boolean {
    const sent = request;
    if (this.pendingBytes > 0 || stream === undefined || sent === undefined) return false;
    if ((this.#handle.writeBuffer(sent, bytes) ?? -1) < 0) return false;
    if (stream.streamBaseState[stream.kLastWriteWasAsync] === 0) taken?.();
    else this.#await(sent, bytes, taken);
    return true;
  }

  /** The system has taken a part, and libuv writes the rest when it takes more. */
  #await(sent: WriteRequest, bytes: Uint8Array, taken?: () => void): void {
    request = stream && new stream.WriteWrap();
    sent.buffer = bytes;
    this.pendingBytes = bytes.byteLength;
    sent.oncomplete = (status) => {
      this.pendingBytes = 0;
      if (status < 0) this.#socket.destroy();
      else taken?.();
    };
  }
}

function streamBinding(): StreamBinding | undefined {
  if (process.versions.node.split(".")[0] !== NODE_MAJOR) return undefined;
  const { binding } = process as unknown as { binding?: (name: string) => Partial<StreamBinding> };
  try {
    const found = binding?.call(process, "stream_wrap");
    const isWhole =
      typeof found?.WriteWrap === "function" &&
      found.streamBaseState instanceof Int32Array &&
      typeof found.kLastWriteWasAsync === "number";
    return isWhole ? (found as StreamBinding) : undefined;
  } catch {
    return undefined;
  }
}
