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

export interface Quota {
  readonly perSecond: number;
  /** Calls that may come at once after a rest; as many as in a second unless given. */
  readonly burst?: number;
}

/** Request quotas of one account in one Region, as documented. Operations without one have the account's alone. */
export const OPERATION_QUOTAS: Readonly<Record<string, Quota>> = {
  CreateGameSession: { perSecond: 50 },
  DescribeGameSessions: { perSecond: 20 },
  DescribeGameSessionDetails: { perSecond: 20 },
  SearchGameSessions: { perSecond: 30 },
  TerminateGameSession: { perSecond: 20 },
  GetGameSessionLogUrl: { perSecond: 4, burst: 1 },
  CreatePlayerSession: { perSecond: 200 },
  CreatePlayerSessions: { perSecond: 200 },
  DescribePlayerSessions: { perSecond: 200 },
  StartGameSessionPlacement: { perSecond: 75 },
  DescribeGameSessionPlacement: { perSecond: 75 },
  StopGameSessionPlacement: { perSecond: 75 },
  RegisterCompute: { perSecond: 20 },
  GetComputeAuthToken: { perSecond: 10, burst: 5 },
};

export const ACCOUNT_QUOTA: Quota = { perSecond: 500 };
