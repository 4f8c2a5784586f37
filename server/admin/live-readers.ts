import type { IncomingMessage, ServerResponse } from "node:http";
import type { CancelTimer, Clock } from "../clock.ts";
import { HEADERS, refusal, send } from "./answer.ts";
import { ADMIN_LIMITS } from "./limits.ts";

/**
 * Sends a picture of the server each second to whoever watches, as server-sent events. While nobody does, there is no
 * timer and no picture is made.
 */
export class LiveReaders {
  readonly #clock: Clock;
  readonly #picture: () => object;
  readonly #open = new Set<ServerResponse>();
  #last: { readonly event: string; readonly atMs: number } | undefined;
  #cancel: CancelTimer = () => {};

  constructor(clock: Clock, picture: () => object) {
    this.#clock = clock;
    this.#picture = picture;
  }

  /**
   * Sends the picture of now, and one each second until the reader goes away or stops reading; or says why not.
   * @throws Whatever the making of the picture throws; nothing was sent then.
   */
  answer(request: IncomingMessage, response: ServerResponse): void {
    const isFull = this.#open.size >= ADMIN_LIMITS.liveReadersMax;
    // It waits behind an answer on the same connection, maybe another endless one.
    const isQueued = response.socket === null;
    if (isFull || isQueued) {
      send(request, response, isFull ? TOO_MANY : PIPELINED);
      return;
    }
    const event = this.#event();
    response.writeHead(200, { ...HEADERS, "Content-Type": "text/event-stream" });
    response.write(`retry: 1000\n\n${event}`);
    this.#open.add(response);
    response.once("close", () => {
      this.#open.delete(response);
      if (this.#open.size === 0) this.#cancel();
    });
    if (this.#open.size === 1) this.#arm();
  }

  #arm(): void {
    this.#cancel();
    this.#cancel = this.#clock.after(ADMIN_LIMITS.liveIntervalMs, () => {
      this.#arm();
      this.#tell();
    });
  }

  #tell(): void {
    let event: string;
    try {
      event = this.#event();
    } catch {
      // A picture that cannot be made is left out: its readers notice the silence and ask anew, and are told with 500.
      return;
    }
    for (const response of this.#open) {
      response.write(event);
      if (response.writableLength > ADMIN_LIMITS.liveWaitingBytesMax) response.destroy();
    }
  }

  /** JSON has no line feeds of its own. */
  #event(): string {
    const nowMs = this.#clock.nowMs();
    // Whoever opens and closes views without end has no more pictures made than anybody else.
    if (this.#last === undefined || nowMs - this.#last.atMs >= ADMIN_LIMITS.renewMs) {
      this.#last = { event: `data: ${JSON.stringify(this.#picture())}\n\n`, atMs: nowMs };
    }
    return this.#last.event;
  }
}

const TOO_MANY = refusal(
  503,
  `${ADMIN_LIMITS.liveReadersMax} live views of this server are open, which is the most; close one`,
);

const PIPELINED = refusal(400, "a live view needs a connection of its own");
