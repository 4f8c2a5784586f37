/**
 * Every limit of this SDK. Times are milliseconds, sizes are bytes.
 * @module
 */
export const SDK_LIMITS = {
  /** Longest wait for an answer, as all official SDKs have it. */
  requestTimeoutMs: 20_000,
  /** Requests that wait for an answer or for a connection; the next one fails at once. */
  requestsInFlightMax: 2_048,
  /** Requests without an answer in a row, and no frame between them, after which the connection counts as dead. */
  timeoutsUntilDead: 2,
  /** Longest wait for the TCP connection, TLS and the upgrade together. */
  connectTimeoutMs: 10_000,
  /** Rests between the tries of the first connection; after the last one there is one more try. */
  connectRestsMs: [4_000, 8_000, 16_000, 32_000, 32_000, 32_000],
  /**
   * Rests between the tries to come back, the last one again and again: a match goes on meanwhile, and the service ends
   * a process of which it hears nothing for three minutes.
   */
  reconnectRestsMs: [0, 500, 1_000, 2_000, 4_000, 8_000],
  /** A rest is shortened by up to this share at random, so that all processes of a fleet do not come back at once. */
  restJitterShare: 0.25,
  /** Longest wait for the answers on a connection that was replaced, and for a peer that does not answer a close. */
  replacedMsMax: 20_000,
  closeTimeoutMs: 2_000,
  /** One frame of the service: 1,024 player sessions with all their data have about 3 MB. */
  frameBytesMax: 8 * 1024 * 1024,
  /** Pushes that came before the process was ready. */
  pushesHeldMax: 16,
  heartbeatMs: 60_000,
  /** A heartbeat comes up to this much earlier or later. */
  heartbeatJitterMs: 10_000,
  /**
   * Longest wait for the answer to a heartbeat, the next one comes at once then: two without an answer and nothing else
   * show that a connection is dead, and the service ends a process of which it hears nothing for three minutes.
   */
  heartbeatTimeoutMs: 10_000,
  /** Rest after a heartbeat that the service did not take. */
  heartbeatRetryMs: 10_000,
  /** Longest wait for the health callback; then the process counts as unhealthy. */
  healthTimeoutMs: 50_000,
  /** Role credentials are fetched anew when they would not last this much longer. */
  credentialsLeftMs: 15 * 60_000,
  /** Longest wait for one of the container's own HTTP endpoints, and the most they may answer. */
  containerTimeoutMs: 5_000,
  containerAnswerCharsMax: 256 * 1024,
} as const;
