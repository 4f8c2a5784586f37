/**
 * PORT inside the transport: one client's connection, whatever carries its messages. Adapters are `web-socket-wire.ts`
 * and `tcp-wire.ts`; everything above them is the same for both.
 * @module
 */

export interface WireListener {
  /** @param message - At least one byte; the listener's to keep. */
  onMessage(message: Buffer): void;
  /** A frame that is no message came, such as a ping; it costs as much as one. */
  onControlFrame(): void;
  /** The connection is over; called once, and last. @param code - 1006 if the peer went without a word. */
  onClose(code: number): void;
}

export interface Wire {
  /** For telemetry. */
  readonly transport: "websocket" | "tcp";
  /** As of a WebSocket: 1 open, 2 closing, 3 closed. */
  readonly readyState: 0 | 1 | 2 | 3;
  /** Bytes that wait in this process for a peer who does not read. */
  readonly queuedBytes: number;
  /** Who hears of it from now on; the last one given counts. */
  listener: WireListener;
  /** Queues one message; does nothing once the wire closes. @param payload - Copied. */
  send(payload: Uint8Array, sent?: (error?: Error) => void): void;
  /** Asks whether the peer is there; he answers with the same nonce. @param nonce - Unsigned 32-bit. */
  ping(nonce: number): void;
  /** The last answer to a {@link ping}, `undefined` before the first. */
  readonly lastPong: number | undefined;
  /** Ends the connection in good order; a peer that does not answer is cut soon after. */
  close(code: number, reason: string): void;
  /** Cuts the connection. */
  destroy(): void;
}

/** Hears nothing. */
export const deafListener: WireListener = {
  onMessage: () => {},
  onControlFrame: () => {},
  onClose: () => {},
};
