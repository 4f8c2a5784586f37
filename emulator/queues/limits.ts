/**
 * Every limit of queues, placements and their events. Times are milliseconds unless the name says otherwise.
 * @module
 */
export const QUEUE_LIMITS = {
  queuesMax: 100,
  destinationsPerQueueMax: 100,
  latencyPoliciesPerQueueMax: 20,
  /** How long a request may wait, as documented; the longest is the default as well. */
  timeoutSecondsMin: 10,
  timeoutSecondsMax: 600,
  /** Placements that are PENDING, of all queues together. */
  placementsPendingMax: 1_000,
  /** Ended ones are kept for whoever asks, and their ids taken, until so many newer ones have ended. */
  placementsEndedKeptMax: 1_000,
  /** Of one placement: two hundred players with a hundred locations each. */
  playerLatenciesMax: 20_000,
  /** Waiting placements are looked at so often, for what nothing tells of, such as the end of a fault. */
  lookAgainMs: 1_000,
} as const;

export const PLACEMENT_EVENT_LIMITS = {
  targetsMax: 10,
  /** Events that are on their way to one target; what comes on top is lost and counted. */
  heldPerTargetMax: 1_000,
  postsInFlightPerTargetMax: 8,
  /** Longest wait for a subscriber's answer, as SNS has it. */
  answerTimeoutMs: 15_000,
  /** Rests between the tries of one event; after the last one there is one more try. */
  postRestsMs: [1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000, 20_000, 20_000],
  /** How long the end waits for what is on its way. */
  closeTimeoutMs: 2_000,
} as const;
