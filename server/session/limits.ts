/**
 * Every limit of the session layer. Times are milliseconds.
 * @module
 */
export const SESSION_LIMITS = {
  /** How long a reserved seat waits for its WebSocket. Far below the 60 s of the fleet's own reservation. */
  reservationMs: 5_000,
  /** A description of all player sessions answers for so long; a match's players come together, so most need no other. */
  rosterFreshMs: 1_000,
  /** Descriptions that may begin at once, but for one when the fleet hints at a change; how many a second, it says. */
  describeBurst: 1,
  /** Longest wait for a description. */
  describeTimeoutMs: 2_000,
  /** Descriptions that one join may wait for: one that failed is a read, so it may be asked for once more. */
  describeTriesMax: 2,
  /** Rest after a description that failed, for all who ask: a fleet that throttles is not asked again at once. */
  describeRetryMs: 200,
  /** Longest wait of one join for all its tries, within the time that its request over HTTP has in all. */
  rosterWaitMs: 4_000,
  /** Calls to the fleet that fail in a row before no more are made, and the time between two tries from then on. */
  breakerFailuresMax: 5,
  breakerTryMs: 2_000,
  /** Joins that may wait for the roster at once; the next one is told to try again. */
  rosterWaitersMax: 256,
  /** Accept calls in flight at once; the next one is told to try again. */
  acceptsInFlightMax: 64,
  /** Player session ids are at most 256 characters by the fleet's own rule. */
  playerSessionIdCharsMax: 256,
  /** Calls to give a player session back that wait for an answer at once; the others wait for their turn. */
  removesInFlightMax: 16,
  /** Rest before the second try to give one back; doubles each time, and is never longer than the other. */
  removeRetryMs: 500,
  removeRetryMsMax: 5_000,
  /** Times a fleet is asked who is still to come into an empty match, and the rest between two that had no answer. */
  vacancyTriesMax: 5,
  vacancyRetryMs: 5_000,
  /** How long matched players have to come: the 60 s of the fleet's own reservation, and what its news may be late. */
  arrivalMs: 65_000,
  /** Wait before a backfill ticket is started, for others may leave in the same moment. */
  backfillSettleMs: 2_000,
  /** Rest after a ticket that came to nothing; doubles each time, up to the latter. */
  backfillRestMs: 2_000,
  backfillRestMsMax: 60_000,
  /** Tickets in a row that come to nothing; the next is started when another player has left. */
  backfillTriesMax: 10,
  /** Longer than the Server SDK waits itself, 20 s: an answer that nobody waits for is a ticket that nobody knows. */
  backfillStartTimeoutMs: 25_000,
  backfillStopTimeoutMs: 5_000,
  /** Tries to stop one ticket, and the wait before the second; doubles. */
  backfillStopTriesMax: 3,
  backfillStopRetryMs: 1_000,
  /** Starts and stops together, at once and a second: what GameLift allows a process for either of them. */
  backfillBurst: 3,
  backfillsPerSecond: 1,
  /** Players one ticket may name, by the fleet's own rule. */
  backfillPlayersMax: 199,
  /** Rest after an aborted match before the local fleet may place the next, so that a broken room cannot spin. */
  abortRestMs: 250,
  /** Longest wait for a room to close its connections and dispose itself. */
  roomCloseMs: 2_000,
  /** Rest before a fleet that could not be reached is told again that a room is open; doubles up to the other. */
  activateRetryMs: 1_000,
  activateRetryMsMax: 5_000,
  /** Longest that closing can take with every wait at its end; beyond it the process is called unhealthy. */
  closingMsMax: 30_000,
  /** How often the process looks at its own health. */
  healthLookMs: 10_000,
  /**
   * Looks in a row that a fault must be seen in: a minute from the first to the last, which is one interval of the
   * fleet's heartbeat. Three bad heartbeats end the process with its players.
   */
  healthBadLooksMin: 7,
  /** Share of the steps due between two looks that were dropped, from which on a match is behind. */
  droppedShareMax: 0.5,
  /** Median lateness of the event loop's turns between two looks, from which on it is slow. */
  loopDelayMsMax: 500,
  /** Longest wait for the fleet to take note of an end; `tellMsMin` even when a drain has no time left. */
  tellMsMax: 5_000,
  tellMsMin: 150,
  /** Longest wait for results and removals after a match that nobody hurries. */
  settleMs: 10_000,
  /** Most of a drain's time that is kept for the end of a match; of a short one a quarter. */
  drainClosingMs: 10_000,
  /**
   * How much earlier than a drain's deadline everything is over, whoever still does not answer: so long, or that share
   * of a short one. A fleet ends a process whose time is up, and calls it crashed.
   */
  earlyMs: 2_500,
  earlyShare: 0.125,
  /** What a process takes to end when nothing holds it any more; kept free at the end of a drain. */
  exitMs: 250,
  /** What is left for the end once a second signal came. */
  hurryMs: 700,
} as const;

/** When a game session ends by itself: what the operator chose, milliseconds; `0` means never but for the first. */
export interface SessionTimeouts {
  /** Its room is not open yet, or the fleet does not know it. A fleet has a limit of its own, up to 600 s. */
  readonly activationMs: number;
  /** Nobody has played yet. A fleet's reservation lasts 60 s, so that it should be longer. */
  readonly nobodyCameMs: number;
  /** Everybody has left for good. */
  readonly emptyMs: number;
  /** The game is still played. */
  readonly matchMsMax: number;
}
