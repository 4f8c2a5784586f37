import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import type { RawData, WebSocket } from "ws";
import type { Line, LineListener } from "./line.ts";

/** A close frame has room for 123 bytes, and a character may take three. */
const REASON_CHARS_MAX = 41;

/** A line over a WebSocket that was taken; the upgrade's listener must be set in the same turn. */
export class WebSocketLine implements Line {
  readonly #socket: WebSocket;
  readonly #carrier: Duplex;
  #isDead = false;

  /** @param carrier - What the WebSocket is spoken over. */
  constructor(socket: WebSocket, carrier: Duplex) {
    this.#socket = socket;
    this.#carrier = carrier;
    // Its close follows and says what there is to say: a frame too large, bytes that are no WebSocket.
    socket.on("error", () => {});
  }

  get unreadBytes(): number {
    return this.#socket.bufferedAmount;
  }

  listen(listener: LineListener): void {
    this.#socket.on("message", (data: RawData, isBinary: boolean) => {
      if (isBinary) listener.onBinary();
      else listener.onText(data.toString());
    });
    this.#socket.on("close", (code, reason) => listener.onClose(code, reason.toString()));
  }

  send(text: string): void {
    if (!this.#isDead && this.#socket.readyState === this.#socket.OPEN) {
      this.#socket.send(text, () => {});
    }
  }

  close(code: number, reason: string): void {
    if (this.#isDead) this.terminate();
    else this.#socket.close(code, reason.slice(0, REASON_CHARS_MAX));
  }

  terminate(): void {
    reset(this.#carrier);
  }

  goDead(): void {
    this.#isDead = true;
    // What still comes is taken and lost, so that the end of the connection is seen.
    this.#carrier.removeAllListeners("data");
    this.#carrier.on("data", () => {});
    this.#carrier.resume();
  }
}

/** Ends a connection at once: by TCP RST where the stream is a plain one. */
export function reset(carrier: Duplex): void {
  if (carrier instanceof Socket && !(carrier instanceof TLSSocket)) carrier.resetAndDestroy();
  else carrier.destroy();
}
