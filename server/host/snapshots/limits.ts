/**
 * Every limit of who is sent which snapshot.
 * @module
 */
export const SNAPSHOT_LIMITS = {
  /** What a client may be sent at once beyond its rate, and how long a stream is silent at most. */
  burstSeconds: 0.25,
} as const;
