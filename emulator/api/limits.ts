/**
 * Every limit of the AWS API. Sizes are characters or records, times are milliseconds.
 * @module
 */
export const API_LIMITS = {
  /** Records in a page when the caller does not say, and the most he gets. */
  pageDefault: 20,
  pageMax: 100,
} as const;
