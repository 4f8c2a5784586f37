/**
 * PORT inside the client: one connection to a server, whatever carries its messages. Adapters are `web-socket-wire.ts`
 * and `tcp-wire.ts`.
 * @module
 */

export interface WireListener {
  /** The first message may be sent. Never called before the wire was returned to its opener. */
  onOpen(): void;
  /** @param message - At least one byte, in memory of its own. */
  onMessage(message: Uint8Array): void;
  /** The connection is over; called at most once, and last. @param code - As of a WebSocket, or of `WireEnd`. */
  onClose(code: number): void;
}

/** Ends of a wire that no server sends as a code: the numbers WebSocket has for them. */
export const WireEnd = {
  /** The server sent what cannot be read. */
  UNREADABLE: 1002,
  /** Without a word. */
  ABNORMAL: 1006,
  /** The server's certificate is not trusted. */
  UNTRUSTED: 1015,
} as const;

export interface Wire {
  /** Sends one message; does nothing once the wire is over. @param message - Borrowed for the call. */
  send(message: Uint8Array): void;
  /** Ends the connection in good order. The listener hears no more. @param code - 4000 or more. */
  close(code: number): void;
}

/** Hears nothing. */
export const deafListener: WireListener = {
  onOpen: () => {},
  onMessage: () => {},
  onClose: () => {},
};
