/**
 * Every limit of the second opinion. Times are milliseconds.
 * @module
 */
export const GAMELIFT_API_LIMITS = {
  /** Calls at once, before the rate counts: two descriptions of a game session of 200 players, and a second try. */
  callsBurst: 5,
  /** Calls that may wait for their turn at once; the next one fails. */
  callsWaitingMax: 8,
  /** Longest wait for the whole answer to one call, credentials included. */
  callTimeoutMs: 2_000,
  /** Tries of one call. Each costs the budget. */
  triesMax: 2,
  /** Rest before the second try, by chance from half of it to half as much again. */
  retryRestMs: 200,
  /** Player sessions asked for in one page. The API's model names no maximum; 100 is in common use. */
  pageRecordsMax: 100,
  /** Pages of one description: 1024 player sessions, the most of one game session, and half as many again. */
  pagesMax: 16,
  /** A full page with the longest player data, each character escaped, has 2.5 MB. */
  answerBytesMax: 4 * 1024 * 1024,
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
