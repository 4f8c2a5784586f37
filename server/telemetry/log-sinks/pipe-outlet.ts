import { closeSync, constants, openSync, writeSync } from "node:fs";
import { LOG_SINK_LIMITS } from "./limits.ts";
import { codeOf, type Outcome, type Outlet, type OutletFault } from "./outlet.ts";

const { O_APPEND, O_NOCTTY, O_NONBLOCK, O_WRONLY } = constants;
const LINE_END = 10;

/**
 * A pipe, a terminal or a socket that does not block. A write that cannot wait is made on the spot: it costs a tenth of
 * one through Node's threads, and at the end of the process there is none under way whose outcome nobody knows.
 */
export class PipeOutlet implements Outlet {
  readonly #path: string | undefined;
  #fd: number | undefined;

  /**
   * @param source - A path that is opened anew, such as `/proc/self/fd/1`, so that it never blocks, whatever others do
   *   with the descriptor that they share; or a descriptor that does not block, which stays open.
   */
  constructor(source: { readonly path: string } | { readonly fd: number }) {
    this.#path = "path" in source ? source.path : undefined;
    this.#fd = "fd" in source ? source.fd : undefined;
  }

  /** @returns The error's code if it cannot be opened; a FIFO that nobody reads (ENXIO) may be read later. */
  open(): string | undefined {
    if (this.#fd !== undefined || this.#path === undefined) return undefined;
    try {
      this.#fd = openSync(this.#path, O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY);
      return undefined;
    } catch (error) {
      return codeOf(error);
    }
  }

  write(batch: Buffer, done: (outcome: Outcome) => void): void {
    done(this.writeAtOnce(batch));
  }

  writeAtOnce(batch: Buffer): Outcome {
    this.open();
    if (this.#fd === undefined) return { bytes: 0, fault: "gone" };
    let bytes = 0;
    while (bytes < batch.length) {
      try {
        bytes += writeSync(this.#fd, batch, bytes, pieceOf(batch, bytes));
      } catch (error) {
        const code = codeOf(error);
        return { bytes, fault: faultOf(code), code };
      }
    }
    return { bytes };
  }

  settle(): number {
    return 0;
  }

  close(): void {
    if (this.#fd === undefined || this.#path === undefined) return;
    closeSync(this.#fd);
    this.#fd = undefined;
  }
}

/** Bytes from `start` on that the pipe takes whole: as many lines as fit, or one line that is longer. */
function pieceOf(batch: Buffer, start: number): number {
  const end = start + LOG_SINK_LIMITS.pipeBytesMax;
  if (end >= batch.length) return batch.length - start;
  const lineEnd = batch.lastIndexOf(LINE_END, end - 1);
  return (lineEnd >= start ? lineEnd : batch.indexOf(LINE_END, end)) + 1 - start;
}

function faultOf(code: string): OutletFault {
  if (code === "EAGAIN") return "stalled";
  return code === "ENOSPC" ? "disk" : "gone";
}
