/**
 * Every limit of the reference client. Times are milliseconds, sizes are bytes.
 * @module
 */
export const CONNECTION_LIMITS = {
  /** A lobby may make somebody wait for a free server; milliseconds. */
  lobbyTimeoutMs: 60_000,
  /** A join that has not led to welcome and first state by then counts as unreachable. */
  joinTimeoutMs: 10_000,
  /** One attempt to return, from opening the connection to the room's answer; the fleet is not asked. */
  returnTimeoutMs: 5_000,
  /**
   * Attempts after one drop. With the SDK's doubling pauses (0.2 s up to 5 s) they fill about 21 s, which is the
   * server's reconnection window of 20 s: later ones could only be refused.
   */
  returnsMax: 8,
  /** Drops within the window after which we stop coming back: something ends each connection at once. */
  dropsMax: 6,
  dropWindowMs: 30_000,
  /** A server that does not close the connection of a player who leaves has this long; it cuts at two. */
  leaveTimeoutMs: 3_000,
  /** From a server: a whole state of thousands of entities has less than a tenth of it. */
  messageBytesMax: 16 * 1024 * 1024,
  /** What waits for a network that takes nothing: minutes of commands, which nobody wants any more. */
  sendQueueBytesMax: 64 * 1024,
  /** A server asks every 3 s over TCP whether we are there; one that is silent for three times as long is gone. */
  silenceMs: 10_000,
} as const;
