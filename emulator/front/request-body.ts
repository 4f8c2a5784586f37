import type { IncomingMessage } from "node:http";
import type { FrontLimits } from "./limits.ts";

/** Reads request bodies whole, so much of each and so much of all. */
export class BodyReader {
  readonly #limits: FrontLimits;
  /** Bytes of all bodies that are being read. */
  #heldBytes = 0;

  constructor(limits: FrontLimits) {
    this.#limits = limits;
  }

  /** @returns `too-large` as soon as that is known; `gone` when the client went away before the end. */
  async read(request: IncomingMessage): Promise<Buffer | "too-large" | "gone"> {
    const { bodyBytesMax, bodiesBytesMax } = this.#limits;
    if (Number(request.headers["content-length"] ?? 0) > bodyBytesMax) return "too-large";
    const chunks: Buffer[] = [];
    let bytes = 0;
    return await new Promise((resolve) => {
      const take = (chunk: Buffer) => {
        bytes += chunk.length;
        this.#heldBytes += chunk.length;
        chunks.push(chunk);
        if (bytes > bodyBytesMax || this.#heldBytes > bodiesBytesMax) settle("too-large");
      };
      const whole = () => settle(Buffer.concat(chunks));
      const gone = () => settle("gone");
      const settle = (result: Buffer | "too-large" | "gone") => {
        request.off("data", take).off("end", whole).off("close", gone);
        this.#heldBytes -= bytes;
        resolve(result);
      };
      request.on("data", take).once("end", whole).once("close", gone);
    });
  }

  /**
   * Lets the rest of a body pass that nobody reads. A connection that is closed while its client still writes loses the
   * answer; one that goes on for ever is cut.
   */
  discard(request: IncomingMessage): void {
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > this.#limits.discardedBytesMax) request.destroy();
    });
    request.resume();
  }
}
