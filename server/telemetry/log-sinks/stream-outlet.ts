import type { Writable } from "node:stream";
import type { Outcome, Outlet } from "./outlet.ts";

/**
 * A socket, or whatever else cannot be opened anew: Node's own stream has it. One batch at a time is in the stream, so
 * a reader that stalls costs no more than that; after an error nothing can come of it any more.
 */
export class StreamOutlet implements Outlet {
  readonly #stream: Writable;
  #bytesUnderWay = 0;
  #isBroken = false;

  /** @param stream - Its errors must have a listener. */
  constructor(stream: Writable) {
    this.#stream = stream;
    stream.on("error", () => {
      this.#isBroken = true;
    });
  }

  write(batch: Buffer, done: (outcome: Outcome) => void): void {
    if (this.#isBroken || this.#stream.destroyed) {
      done({ bytes: 0, fault: "gone" });
      return;
    }
    this.#bytesUnderWay = batch.length;
    this.#stream.write(batch, (error) => {
      this.#bytesUnderWay = 0;
      this.#isBroken ||= error != null;
      done(this.#isBroken ? { bytes: 0, fault: "gone" } : { bytes: batch.length });
    });
  }

  /** What the reader takes goes at once, the rest while the process still lives. */
  writeAtOnce(batch: Buffer): Outcome {
    if (this.#isBroken || this.#stream.destroyed) return { bytes: 0, fault: "gone" };
    this.#stream.write(batch);
    return { bytes: batch.length };
  }

  settle(): number {
    return this.#bytesUnderWay;
  }

  close(): void {
    // The stream is the process's own.
  }
}
