/**
 * Every limit of the AWS API. Times are milliseconds, rates are calls per second.
 * @module
 */
export const API_LIMITS = {
  /** Records in a page when the caller does not say, and the most he gets. */
  pageDefault: 20,
  pageMax: 1_024,
  /** SearchGameSessions has a documented one of its own. */
  searchPageMax: 20,
  locationPageMax: 200,
  /** Characters of a string that has a pattern and no length in the model, such as a player session id. */
  patternCharsMax: 1_024,
  /** Mistakes told at once, and characters of a value that are repeated to its sender. */
  mistakesMax: 10,
  echoCharsMax: 64,
  /** How far the time of a signature may be from the wall clock. */
  signatureSkewMs: 15 * 60_000,
} as const;
