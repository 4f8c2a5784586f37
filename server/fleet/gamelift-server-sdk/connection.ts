import WebSocket from "ws";
import { SDK_LIMITS } from "./limits.ts";
import type { SdkClock } from "./sdk-clock.ts";

/** How a connection ended. 1006 is what WebSocket calls an end without a word. */
export interface ConnectionEnd {
  readonly code: number;
}

export interface ConnectionListener {
  onText(text: string): void;
  /** Called once, unless {@link Connection.discard} came first. */
  onEnd(end: ConnectionEnd): void;
}

/** One open WebSocket. */
export interface Connection {
  /** Whatever comes before a listener is set waits for it. */
  listen(listener: ConnectionListener): void;
  send(text: string): void;
  /** Says goodbye with 1001 and cuts after `closeTimeoutMs`. Nothing is told any more. */
  discard(reason: string): void;
  /** Cuts at once; the listener is told of 1006. */
  cut(): void;
}

/** No connection came about. */
export class ConnectFailure extends Error {
  override readonly name = "ConnectFailure";
  /** HTTP status of a refusal; `undefined` where there was no answer. */
  readonly status: number | undefined;

  constructor(message: string, status: number | undefined) {
    super(message);
    this.status = status;
  }

  /** Wrong parameters or a token that is of no use; 408 and 429 pass. */
  get isFinal(): boolean {
    const { status = 0 } = this;
    return status >= 400 && status < 500 && status !== 408 && status !== 429;
  }
}

/** Connects to an address. @throws ConnectFailure, without the address: it holds the token. */
export type Dial = (url: string, clock: SdkClock) => Promise<Connection>;

export const dialWebSocket: Dial = (url, clock) =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(url, {
      perMessageDeflate: false,
      followRedirects: false,
      maxPayload: SDK_LIMITS.frameBytesMax,
      headers: { "User-Agent": "gamelift-server-sdk-node" },
    });
    const connection = new WebSocketConnection(socket, clock);
    const settle = (failure?: ConnectFailure) => {
      cancel();
      if (failure === undefined) return resolve(connection);
      socket.terminate();
      reject(failure);
    };
    const cancel = clock.after(SDK_LIMITS.connectTimeoutMs, () =>
      settle(
        new ConnectFailure(`no connection within ${SDK_LIMITS.connectTimeoutMs} ms`, undefined),
      ),
    );
    socket.once("open", () => settle());
    socket.once("unexpected-response", (_request, { statusCode }) =>
      settle(new ConnectFailure(`the service answered with ${statusCode}`, statusCode)),
    );
    socket.once("close", () => settle(new ConnectFailure("the connection was closed", undefined)));
    socket.on("error", (error: NodeJS.ErrnoException) =>
      settle(new ConnectFailure(error.code ?? error.message, undefined)),
    );
  });

class WebSocketConnection implements Connection {
  readonly #socket: WebSocket;
  readonly #clock: SdkClock;
  #listener: ConnectionListener | undefined;
  /** What came before the listener. */
  #early: string[] = [];
  #end: ConnectionEnd | undefined;

  constructor(socket: WebSocket, clock: SdkClock) {
    this.#socket = socket;
    this.#clock = clock;
    socket.on("message", (data, isBinary) => {
      // The protocol has text alone.
      if (!isBinary) this.#hear(String(data));
    });
    socket.on("close", (code) => this.#over({ code }));
  }

  listen(listener: ConnectionListener): void {
    this.#listener = listener;
    const early = this.#early;
    this.#early = [];
    for (const text of early) listener.onText(text);
    if (this.#end !== undefined) listener.onEnd(this.#end);
  }

  send(text: string): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(text, () => {});
  }

  discard(reason: string): void {
    this.#listener = { onText: () => {}, onEnd: () => {} };
    this.#socket.close(1001, reason);
    const cancel = this.#clock.after(SDK_LIMITS.closeTimeoutMs, () => this.#socket.terminate());
    this.#socket.once("close", cancel);
  }

  cut(): void {
    this.#socket.terminate();
    this.#over({ code: 1006 });
  }

  #hear(text: string): void {
    if (this.#listener === undefined) this.#early.push(text);
    else this.#listener.onText(text);
  }

  #over(end: ConnectionEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#listener?.onEnd(end);
  }
}
