/** Every bound of the admin port. */
export const ADMIN_LIMITS = {
  /** Of a request body; no route reads one, so this is room for what browsers add. */
  bodyBytesMax: 4_096,
  /** Of all headers of a request together. */
  headerBytesMax: 8_192,
  /** How often requests that are overdue are looked for, milliseconds; the timer runs in an idle process, too. */
  overdueLookMs: 10_000,
  /** For a request to arrive, milliseconds: callers are on this machine or beside it. */
  requestTimeoutMs: 5_000,
  /** An idle connection is kept for so long. */
  keepAliveTimeoutMs: 1_000,
  /** A connection on which nothing moves is cut, such as one whose reader takes no more of an answer. */
  stalledTimeoutMs: 10_000,
  /** At once. */
  connectionsMax: 64,
  /** Connections that wait to be taken, or cut: what overflows here would hang until it tries again. */
  backlog: 1_024,
  /** Live views open at once; the next one is refused. */
  liveReadersMax: 8,
  /** Bytes that wait for one of them before it is cut. */
  liveWaitingBytesMax: 65_536,
  /** Between two pictures, milliseconds. */
  liveIntervalMs: 1_000,
  /** Between the end of one text and the making of the next, milliseconds; meanwhile the last one is good. */
  renewMs: 100,
} as const;
