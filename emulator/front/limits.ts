/** What the one port bounds; every caller is on this machine. */
export interface FrontLimits {
  /** All headers of a request together. A signed upgrade brings a session token of up to 4 KB in its URL. */
  readonly headerBytesMax: number;
  /** A request body. The largest member of the API has 262,144 characters, which JSON may write with six bytes each. */
  readonly bodyBytesMax: number;
  /** Bodies that are being read, together. */
  readonly bodiesBytesMax: number;
  /** Read and thrown away of a body that was refused, so that its sender lives to read why. */
  readonly discardedBytesMax: number;
  /** For all headers of a request, or the handshake of a TLS connection. */
  readonly headersTimeoutMs: number;
  /** For a whole request. */
  readonly requestTimeoutMs: number;
  /** An idle connection is kept for so long; longer than AWS SDKs pause in a poll, so that they find it open. */
  readonly keepAliveTimeoutMs: number;
  /** How often the three above are looked at. */
  readonly checkIntervalMs: number;
  /** At once, WebSockets included: more than the Server SDK's service takes, so that it can say so. */
  readonly connectionsMax: number;
  /** Characters of a path; a game session's ARN fits, percent-encoded. */
  readonly pathCharactersMax: number;
}

export const FRONT_LIMITS: FrontLimits = {
  headerBytesMax: 16_384,
  bodyBytesMax: 2 * 1024 * 1024,
  bodiesBytesMax: 64 * 1024 * 1024,
  discardedBytesMax: 16 * 1024 * 1024,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  keepAliveTimeoutMs: 60_000,
  checkIntervalMs: 1_000,
  connectionsMax: 5_000,
  pathCharactersMax: 4_096,
};
