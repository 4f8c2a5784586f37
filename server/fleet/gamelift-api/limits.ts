/**
 * Every limit of the second opinion. Times are milliseconds.
 * @module
 */
export const GAMELIFT_API_LIMITS = {
  /** Calls at once, before the rate counts: for the moment in which a match's players come, and for second tries. */
  callsBurst: 5,
  /** Calls that may wait for their turn at once; the next one fails. */
  callsWaitingMax: 8,
  /** Longest wait for the whole answer to one call, credentials included. */
  callTimeoutMs: 2_000,
  /** Tries of one call. Each costs the budget. */
  triesMax: 2,
  /** Rest before the second try, by chance from half of it to half as much again. */
  retryRestMs: 200,
  /** Player sessions asked for in one page: as many as AWS lets a game session have, so that one call is enough. */
  pageRecordsMax: 200,
  /** Pages of one description; the port's 1024 player sessions take six. */
  pagesMax: 8,
  /** A full page with the longest player data, each character two escapes of six bytes, has 5.2 MB. */
  answerBytesMax: 8 * 1024 * 1024,
  /** The API's own limits of text. */
  nextTokenCharsMax: 1024,
  playerIdCharsMax: 1024,
  playerDataCharsMax: 2048,
  /** Our own, as admission has it; the API names none. */
  playerSessionIdCharsMax: 256,
  /** How long credentials of a file are good at most, whatever the file says. */
  credentialsAgeMs: 300_000,
  /** Longest wait for a credentials file at first: GameLift may write it after the process has started. */
  credentialsWaitMs: 10_000,
  /** Longest wait for one that was there before and is being rewritten. */
  credentialsReturnMs: 1_000,
  /** Time between two looks at a file that is not there. */
  credentialsLookMs: 250,
  /** Longest try to prove access at the start, a first wait for credentials and a second call included. */
  proofTryMs: 15_000,
  /** No further try begins after so long; rest between two. */
  proofMs: 10_000,
  proofRestMs: 1_000,
} as const;
