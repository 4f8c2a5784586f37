/**
 * Every limit of the log's sinks. Times are milliseconds.
 * @module
 */
export const LOG_SINK_LIMITS = {
  /** Bytes that may wait to be written; what comes on top is dropped and counted. */
  waitingBytesMax: 1_048_576,
  /** The part of them that precious lines have to themselves. */
  reservedBytes: 262_144,
  /** Bytes written in one go, unless one line is longer. */
  batchBytesMax: 65_536,
  /** What a pipe takes whole or not at all (PIPE_BUF on Linux): lines of several writers are not mixed. */
  pipeBytesMax: 4_096,
  /** Lines that are not precious and come so close together are written in one go. */
  gatherMs: 20,
  /** Rest before the next try: while a reader is stalled, and while a disk fails. It doubles up to the other. */
  stalledRetryMs: 10,
  stalledRetryMsMax: 320,
  diskRetryMs: 1_000,
  diskRetryMsMax: 5_000,
  /** Rest before the next try while nobody is there to read. */
  goneRetryMs: 1_000,
  /** Lines that say how many were dropped come no closer together. */
  reportMs: 1_000,
  /** How often a file is looked at, whether it is still the one that its path names. */
  lookMs: 1_000,
  /** Bytes kept since the last look; if the file turns out to have been removed, they are written again. */
  unseenBytesMax: 262_144,
  /** The longest that closing blocks: so many rests, each so long. */
  closeRests: 20,
  closeRestMs: 5,
} as const;
