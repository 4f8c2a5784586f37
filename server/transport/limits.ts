/**
 * Every limit of the transport. Times are milliseconds, sizes are bytes.
 * @module
 */
export const TRANSPORT_LIMITS = {
  /** Sockets on the game port in all; more are dropped by Node before they cost anything. */
  connectionsMax: 4096,
  /** Connections that have not said what they want; beyond them each new one ends the oldest. */
  waitingMax: 3072,
  /** Networks whose failed joins are remembered, and for how long. */
  networksMax: 10_000,
  joinWindowMs: 10_000,
  /** A reset flood overflows Node's default of 511. */
  backlog: 1024,
  /** From its first moment a connection has this long to say a request, or a HELLO, whole. */
  helloTimeoutMs: 5_000,
  /** A budget of TLS handshakes may be spent this far ahead at once: a full match that joins together. */
  handshakeBurstSeconds: 2,
  /** Handshakes that begin in one turn of the event loop: two milliseconds of cryptography before a step that is due. */
  handshakesPerTurn: 2,
  /** How long a TLS session can be resumed for a cheaper handshake: a match, and the next one. */
  tlsSessionSeconds: 3_600,
  /** The certificate is looked at this often; a look reads a few KB that lie in memory. */
  certificateLookMs: 1_000,
  /** A long chain has 10 KB. */
  certificateFileBytesMax: 64 * 1024,
  headerBytesMax: 8 * 1024,
  headersMax: 64,
  bodyBytesMax: 4 * 1024,
  /** One inbound WebSocket message, as Colyseus and Nakama have it. */
  messageBytesMax: 4 * 1024,
  /** Messages of one client in a second, pings and acknowledgements included: three a step at the highest tick rate. */
  messagesPerSecondMax: 400,
  /** Fragments of one message and chunks that wait to be parsed: a message is small. */
  fragmentsMax: 64,
  chunksMax: 256,
  /** A peer that does not answer a close frame is cut after this. */
  closeTimeoutMs: 2_000,
  /** A client must acknowledge its join, else what is sent to it would queue without end. */
  acknowledgeTimeoutMs: 10_000,
  /** Bytes that wait for one slow client before another frame is sent to it; then it is closed. */
  sendQueueBytesMax: 256 * 1024,
  /** Every client is asked this often whether it is there. */
  pingIntervalMs: 3_000,
  /** Pings without an answer before a connection counts as dead. */
  pingsUnansweredMax: 2,
  /** What is left of open sockets when the port closes. */
  shutdownMs: 1_000,
} as const;
