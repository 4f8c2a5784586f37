import { CloseCode } from "../../protocol/close-codes.ts";
import { CONNECTION_LIMITS } from "../limits.ts";
import { deafListener, type Wire, WireEnd, type WireListener } from "./wire.ts";

/** The WebSocket of a browser, or of Node. */
export class WebSocketWire implements Wire {
  #listener: WireListener;
  #socket: WebSocket | undefined;

  constructor(url: string, listener: WireListener) {
    this.#listener = listener;
    try {
      this.#socket = this.#open(url);
    } catch {
      // A page that came over https may open no plain WebSocket, and an address may be none of the browser's.
      queueMicrotask(() => this.#end(WireEnd.ABNORMAL));
    }
  }

  send(message: Uint8Array): void {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    if (this.#socket.bufferedAmount > CONNECTION_LIMITS.sendQueueBytesMax) {
      this.#socket.close(CloseCode.MAY_TRY_RECONNECT);
      this.#end(WireEnd.ABNORMAL);
      return;
    }
    this.#socket.send(message as Uint8Array<ArrayBuffer>);
  }

  close(code: number): void {
    this.#listener = deafListener;
    this.#socket?.close(code);
  }

  #open(url: string): WebSocket {
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.#listener.onOpen();
    socket.onmessage = ({ data }) => this.#hear(data);
    socket.onclose = ({ code }) => this.#end(code);
    return socket;
  }

  #hear(data: unknown): void {
    const isReadable =
      data instanceof ArrayBuffer &&
      data.byteLength > 0 &&
      data.byteLength <= CONNECTION_LIMITS.messageBytesMax;
    if (isReadable) {
      this.#listener.onMessage(new Uint8Array(data));
      return;
    }
    this.#socket?.close(CloseCode.MALFORMED);
    this.#end(WireEnd.UNREADABLE);
  }

  #end(code: number): void {
    const listener = this.#listener;
    this.#listener = deafListener;
    listener.onClose(code);
  }
}
