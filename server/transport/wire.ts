/**
 * PORT inside the transport: one client's connection, whatever carries its messages. Adapters are `web-socket-wire.ts`
 * and `tcp-wire.ts`; everything above them is the same for both.
 * @module
 */

export interface WireListener {
  /** @param message - Overwritten once this returns; of a WebSocket perhaps without a byte. */
  onMessage(message: Buffer): void;
  /** A frame that is no message came, such as a ping; it costs as much as one. */
  onControlFrame(): void;
  /** How far the peer's answers lag, told a few times a second while the connection lasts. */
  onPulse(pulse: Pulse): void;
  /** The connection is over; called once, and last. @param code - 1006 if the peer went without a word. */
  onClose(code: number): void;
}

/** What the {@link Wire.ping}s of a connection say about its peer. */
export interface Pulse {
  /** Age of the oldest ping that he has not answered; `0` without one. */
  readonly lagMs: number;
  /** When the last ping was sent that he has answered: he has read all that was sent before. */
  readonly readUpToMs: number;
}

export interface Wire {
  /** For telemetry. */
  readonly transport: "websocket" | "tcp";
  /** As of a WebSocket: 1 open, 2 closing, 3 closed. */
  readonly readyState: 0 | 1 | 2 | 3;
  /** Bytes that wait in this process, for the end of the turn or for a peer who does not read. */
  readonly queuedBytes: number;
  /** Never less than that, and free to ask. */
  readonly queuedBytesAtMost: number;
  /** @returns `queuedBytes`, from which `queuedBytesAtMost` goes on. */
  countQueuedBytes(): number;
  /** Messages that came and that went, by count; pings and answers are none. */
  readonly messagesReceived: number;
  readonly messagesSent: number;
  /** Who hears of it from now on; the last one given counts. */
  listener: WireListener;
  /**
   * Queues one message; does nothing once the wire closes. All that one turn of the event loop sends goes out in one
   * write at its end, or with {@link flush}.
   * @param payload - Copied.
   * @param sent - Called once it was taken; never, if it will not be.
   */
  send(payload: Uint8Array, sent?: (error?: Error) => void): void;
  /** As {@link send}, of memory that nobody writes to any more: for many clients it is framed once, unread. */
  sendFinal(payload: Uint8Array): void;
  /** Queues one message that goes with the next one. @param payload - Copied. */
  sendNext(payload: Uint8Array): void;
  /** Writes what is queued, now. */
  flush(): void;
  /**
   * Asks whether the peer is there; he answers with the same nonce.
   * @param nonce - Unsigned 32-bit.
   * @param rides - It may wait for the next message, which saves a write.
   */
  ping(nonce: number, rides: boolean): void;
  /** The last answer to a {@link ping}, `undefined` before the first. */
  readonly lastPong: number | undefined;
  /** What the {@link ping}s took to be answered, whole milliseconds, 0 to 1000; `undefined` before the first answer. */
  readonly roundTripMs: number | undefined;
  /** Ends the connection in good order; a peer that does not answer is cut soon after. */
  close(code: number, reason: string): void;
  /** Cuts the connection. */
  destroy(): void;
}

/** Hears nothing. */
export const deafListener: WireListener = {
  onMessage: () => {},
  onControlFrame: () => {},
  onPulse: () => {},
  onClose: () => {},
};
