import { Readable } from "node:stream";
import type { Clock } from "../clock.ts";
import type { Happening, Happenings } from "../plane/happenings.ts";
import { FAULT_LIMITS } from "./limits.ts";

/** Happenings as server-sent events, to a bounded number of readers. The sequence number is the event's id. */
export class HappeningStreams {
  readonly #happenings: Happenings;
  readonly #clock: Clock;
  readonly #open = new Set<Readable>();

  constructor(happenings: Happenings, clock: Clock) {
    this.#happenings = happenings;
    this.#clock = clock;
  }

  /**
   * A stream of what came after `since` and is still known, and of all that comes. A reader who falls too far behind is
   * cut off; he comes back with the last id he has.
   * @returns `undefined` when too many are open.
   */
  open(since: number): Readable | undefined {
    if (this.#open.size >= FAULT_LIMITS.streamsMax) return undefined;
    const stream = new Readable({ read() {} });
    const send = (text: string) => {
      stream.push(text);
      if (stream.readableLength > FAULT_LIMITS.streamBytesMax) stream.destroy();
    };
    // A line at once, so that the reader knows that he is connected.
    send("retry: 1000\n\n");
    for (const happening of this.#happenings.since(since)) send(eventOf(happening));
    const endListening = this.#happenings.listen((happening) => send(eventOf(happening)));
    const endBeating = this.#beat(() => send(": still here\n\n"));
    this.#open.add(stream);
    stream.once("close", () => {
      endListening();
      endBeating();
      this.#open.delete(stream);
    });
    return stream;
  }

  /** Ends every stream. */
  close(): void {
    for (const stream of this.#open) stream.destroy();
  }

  #beat(send: () => void): () => void {
    let cancel = () => {};
    const next = () => {
      cancel = this.#clock.after(FAULT_LIMITS.streamBeatMs, () => {
        send();
        next();
      });
    };
    next();
    return () => cancel();
  }
}

/** JSON has no line feeds of its own. */
function eventOf(happening: Happening): string {
  return `id: ${happening.sequence}\ndata: ${JSON.stringify(happening)}\n\n`;
}
