import { get, type IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import type { Clock } from "../clock.ts";
import type { Happenings } from "../plane/happenings.ts";
import type { AdminPorts, ProcessIdentity } from "./admin-ports.ts";
import { CONSOLE_LIMITS } from "./limits.ts";

export interface LiveRelaysOptions {
  readonly admin: AdminPorts;
  readonly clock: Clock;
  readonly happenings: Happenings;
}

export type LiveRelay =
  | { readonly stream: Readable }
  | { readonly status: number; readonly error: string };

/**
 * Passes on what a server streams at `GET /live` of its admin port. A reader who does not keep up holds the server's
 * stream back, and the server then cuts it: nothing is gathered here.
 */
export class LiveRelays {
  readonly #options: LiveRelaysOptions;
  /** Those that are being opened included. */
  #open = 0;

  constructor(options: LiveRelaysOptions) {
    this.#options = options;
  }

  /**
   * @param authorization - For the server, as it was given; `undefined` for none.
   * @returns A stream that ends with the process, or why there is none.
   */
  async open(process: ProcessIdentity, authorization: string | undefined): Promise<LiveRelay> {
    if (this.#open >= CONSOLE_LIMITS.liveRelaysMax) {
      const error = `${CONSOLE_LIMITS.liveRelaysMax} live views are open, which is the most; close one`;
      return { status: 429, error };
    }
    this.#open++;
    const ended = new AbortController();
    const stopListening = this.#whenEnded(process, () => ended.abort());
    const done = () => {
      this.#open--;
      stopListening();
    };
    const relay = await this.#connect(process, authorization).catch((fault: unknown) => {
      done();
      throw fault;
    });
    if (!("stream" in relay)) {
      done();
      return relay;
    }
    const { stream } = relay;
    stream.once("close", done);
    if (ended.signal.aborted) stream.destroy();
    // Should its port outlive it.
    else ended.signal.addEventListener("abort", () => stream.destroy());
    return relay;
  }

  async #connect(process: ProcessIdentity, authorization: string | undefined): Promise<LiveRelay> {
    const port = await this.#options.admin.portOf(process);
    if (port === undefined) {
      return { status: 404, error: "no living process of that name answers at an admin port" };
    }
    const response = await askForLive(port, authorization, this.#options.clock);
    if (response === undefined) {
      return { status: 504, error: "the server's admin port does not answer" };
    }
    const { statusCode = 0, headers } = response;
    if (statusCode === 200 && headers["content-type"] === "text/event-stream") {
      return { stream: response };
    }
    response.destroy();
    return refusalFor(statusCode);
  }

  #whenEnded(process: ProcessIdentity, tell: () => void): () => void {
    const { fleetId, computeName, processId } = process;
    return this.#options.happenings.listen((happening) => {
      const isIt =
        happening.kind === "process-ended" &&
        happening.processId === processId &&
        happening.computeName === computeName &&
        happening.fleetId === fleetId;
      if (isIt) tell();
    });
  }
}

/** @returns `undefined` when nothing answers in time. */
function askForLive(
  port: number,
  authorization: string | undefined,
  clock: Clock,
): Promise<IncomingMessage | undefined> {
  return new Promise((resolve) => {
    const headers = authorization === undefined ? {} : { authorization };
    const options = { host: "127.0.0.1", port, path: "/live", agent: false, headers };
    const request = get(options, (response) => {
      cancel();
      // A connection that breaks ends the stream; that is all there is to tell.
      response.on("error", () => {});
      resolve(response);
    });
    const cancel = clock.after(CONSOLE_LIMITS.adminTimeoutMs, () => request.destroy());
    request.on("error", () => {});
    request.on("close", () => {
      cancel();
      resolve(undefined);
    });
  });
}

function refusalFor(status: number): LiveRelay {
  switch (status) {
    case 401:
      return {
        status,
        error: "this needs the server's admin token, as Authorization: Bearer TOKEN",
      };
    case 404:
      return { status, error: "this server has no live view" };
    case 503:
      return { status, error: "the server shows itself to as many readers as it may already" };
    default:
      return { status: 502, error: `the server's admin port answered with status ${status}` };
  }
}
