import { write, writeSync } from "node:fs";
import { LOG_SINK_LIMITS } from "./limits.ts";
import { codeOf, type Outcome, type Outlet, rest } from "./outlet.ts";

/**
 * A regular file that somebody else opened and may write to as well (`2>&1`), so its position is shared and stays
 * where the descriptor has it. Lines go through Node's threads, for a disk may be slow.
 */
export class DescriptorOutlet implements Outlet {
  readonly #fd: number;
  #bytesUnderWay = 0;

  constructor(fd: number) {
    this.#fd = fd;
  }

  write(batch: Buffer, done: (outcome: Outcome) => void): void {
    this.#bytesUnderWay = batch.length;
    write(this.#fd, batch, 0, batch.length, null, (error, bytes) => {
      this.#bytesUnderWay = 0;
      // A short write has no error; the next one tells why.
      done(error === null ? { bytes } : { bytes: 0, fault: "disk", code: codeOf(error) });
    });
  }

  writeAtOnce(batch: Buffer): Outcome {
    try {
      return { bytes: writeSync(this.#fd, batch) };
    } catch (error) {
      return { bytes: 0, fault: "disk", code: codeOf(error) };
    }
  }

  /** A thread has the write; by the time that the rest is over it has done it, or the disk is beyond help. */
  settle(): number {
    const bytes = this.#bytesUnderWay;
    if (bytes > 0) rest(LOG_SINK_LIMITS.closeRestMs);
    return bytes;
  }

  close(): void {
    // The descriptor is not ours.
  }
}
