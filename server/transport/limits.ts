/**
 * Every limit of the transport. Times are milliseconds, sizes are bytes.
 * @module
 */
export const TRANSPORT_LIMITS = {
  /** Sockets on the game port in all; more are dropped by Node before they cost anything. */
  connectionsMax: 4096,
  /** Where the system allows fewer descriptors: what stays free of them for all that is no connection, and the least. */
  filesKept: 96,
  connectionsMin: 32,
  /** Share of them that have not said what they want; beyond it each new one ends the oldest. */
  waitingShare: 0.75,
  /** Networks whose failed joins, or whose handshakes, are remembered; and for how long the former. */
  networksMax: 10_000,
  joinWindowMs: 10_000,
  /** What a proxy may say of who is behind it; an address has 45 characters, and proxies in a row are few. */
  forwardedCharsMax: 1024,
  /** A reset flood overflows Node's default of 511. */
  backlog: 1024,
  /** From its first moment a connection has this long to say a request, or a HELLO, whole. */
  helloTimeoutMs: 5_000,
  /**
   * After a connection was accepted the thread does not rest for so long: of those that wait for it Node accepts one in each
   * turn of its event loop, and with rests between them a crowd that says nothing would keep players out.
   */
  acceptedMs: 50,
  /**
   * From its first byte on a stranger is awaited for so long: the thread does not rest, so that no message of his join
   * waits for it. A join takes a few round trips, and who stays longer for nothing costs no more than that.
   */
  awaitedMs: 1_000,
  /** A budget of TLS handshakes may be spent this far ahead at once: a full match that joins together. */
  handshakeBurstSeconds: 2,
  /**
   * What one network may have of that budget: half of what may be at once, for 40 players of one address need 80 with
   * the stock SDK, and then a quarter. Two are the least, since a join of the stock SDK takes two.
   */
  handshakeBurstShare: 0.5,
  handshakeShare: 0.25,
  handshakeShareMin: 2,
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
  /** Requests on one connection; more in one breath would be as many joins for the price of one connection. */
  requestsPerConnectionMax: 1,
  /** One inbound WebSocket message, as Colyseus and Nakama have it. */
  messageBytesMax: 4 * 1024,
  /** A client's budget of messages, and that of bytes, may be spent this far ahead at once. */
  messageBurstSeconds: 1,
  byteBurstSeconds: 2,
  /** Pieces of one inbound WebSocket message: it is small. */
  fragmentsMax: 64,
  /** A peer that does not answer a close frame is cut after this. */
  closeTimeoutMs: 2_000,
  /** Turns of the event loop that a newcomer waits for others at most, so that a whole match that joins sees one state. */
  welcomeTurnsMax: 8,
  /** A client must acknowledge its join, else what is sent to it would queue without end. */
  acknowledgeTimeoutMs: 10_000,
  /**
   * So long more than the soft limit of the settings may wait for a client: the kernel has taken megabytes before, so it
   * is seconds behind already.
   */
  sendQueueSoftMs: 5_000,
  /** How often all clients are looked at. A client that stops reading is cut within 10 s, a ping and a look. */
  pulseMs: 500,
  /** Who has joined is asked so soon, at the next look, for the first time. */
  firstPingMs: 250,
  /** A client to which something was sent is asked this often whether it has read it, else the lag is known too late. */
  pingIntervalSendingMs: 1_500,
  /** Every client is asked this often whether it is there. */
  pingIntervalMs: 3_000,
  /** Pings of one client that are remembered: as many as lie within `tooSlowAfterMs`, and some. */
  pingsOpenMax: 16,
  /** Answers of which a client's round trip is the median: at 1.5 s each, a change of the way is noticed within 5 s. */
  roundTripsKept: 5,
  /** A longer round trip counts as this one. */
  roundTripMsMax: 1_000,
  /** A connection without a message and without a right answer for so long counts as dead: three pings. */
  deadAfterMs: 9_000,
  /** A client whose answers lag by more gets no patches until it has caught up, and then one full state. */
  slowAfterMs: 2_000,
  /** A client whose answers lag by so much is closed. */
  tooSlowAfterMs: 10_000,
  /** A full state costs more than the patches it stands for: who needs many is too slow for this game. */
  resyncIntervalMs: 2_000,
  resyncsPerMinuteMax: 20,
  /** A return costs a join of the room and a full state: a network that drops more often than every 3 s is of no use. */
  returnsPerMinuteMax: 20,
  /** What is left of open sockets when the port closes. */
  shutdownMs: 1_000,
} as const;
