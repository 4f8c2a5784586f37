/** Bounds of the scripts. Times are milliseconds. */
export const FLEETS_LIMITS = {
  /** What one PUT to Amazon S3 may have. */
  zipBytesMax: 5 * 1024 ** 3,
  zipEntriesMax: 50_000,
  /** Of a text in the zip that is read. */
  textBytesMax: 4 * 1024 * 1024,
  uploadTries: 3,
  uploadRetryMs: 2_000,
  /** From the end of the upload to READY. */
  buildReadyMs: 30 * 60_000,
  /** Without news a wait says every so often that it goes on. */
  stillWaitingMs: 30_000,
  /** Between two lines of one upload. */
  uploadLineMs: 2_000,
  /** Of a list that is read to its end. */
  pagesMax: 100,
  /** Fleets of one build that are looked through: the size of one DescribeFleetAttributes. */
  fleetsOfBuildMax: 100,
  /** Characters of others' words that are repeated. */
  wordsCharactersMax: 500,
} as const;
