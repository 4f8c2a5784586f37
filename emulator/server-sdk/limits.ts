/** Every bound of the Server SDK's service. */
export const SERVICE_LIMITS = {
  /** Open WebSockets in all; the next upgrade is refused with 503. */
  connectionsMax: 4_096,
  /** Open WebSockets of one process: not every SDK closes the one it moved from. The oldest makes room. */
  connectionsPerProcessMax: 4,
  /** Upgrades of one process that are known again by their IdempotencyTokens. */
  upgradesKnownMax: 16,
  /** One frame from a server process, bytes and characters. The real service's gateway takes an eighth of it. */
  frameBytesMax: 1_048_576,
  /** What waits for a process to read it before its connection is cut, bytes: twice the largest answer. */
  unreadBytesMax: 8 * 1_048_576,
  /** Answers of one process that are given again to the same RequestId: how many, how long, and characters in all. */
  answersKeptMax: 4_096,
  answersKeptMs: 300_000,
  answersKeptCharsMax: 1_048_576,
  /** Of a RequestId, and of an Action as it is given back, characters. */
  requestIdCharsMax: 128,
  actionCharsMax: 128,
  /** Of a pID, characters: the SDKs set no bound. */
  processIdCharsMax: 1_024,
  /** Of sdkVersion, sdkLanguage and IdempotencyToken, characters. */
  parameterCharsMax: 128,
  /** Of an Authorization and of what a signature consists of, characters: session tokens are long. */
  authorizationCharsMax: 8_192,
  /** Players that one process's rates tell apart. */
  rateBucketsMax: 2_048,
  logPathsMax: 64,
  logPathCharsMax: 4_096,
  /** Players of one backfill: the largest match less one. */
  backfillPlayersMax: 199,
  attributesMax: 10,
  attributeCharsMax: 100,
  attributeListMax: 100,
  attributeMapMax: 10,
  /** Regions with a latency, of one player. */
  latenciesMax: 100,
  /** Lines printed at once, and then in a second; the others are counted. */
  noticesBurst: 50,
  noticesPerSecond: 5,
  /** Answers and pushes that a fault holds back, in all; the next one goes out at once. */
  lateMessagesMax: 2_000,
  /** From the service's own close to the end of a connection whose other side does not close. */
  closeMs: 500,
} as const;
