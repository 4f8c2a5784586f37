/**
 * Every limit of the reference client. Times are milliseconds, sizes are bytes.
 * @module
 */
export const CONNECTION_LIMITS = {
  /** A lobby may make somebody wait for a free server; milliseconds. */
  lobbyTimeoutMs: 60_000,
  /** A join that has not led to welcome and first state by then counts as unreachable. */
  joinTimeoutMs: 10_000,
  /** One attempt to return, from opening the connection to the room's answer; the fleet is not asked. */
  returnTimeoutMs: 5_000,
  /**
   * Attempts after one drop. With the SDK's doubling pauses (0.2 s up to 5 s) they fill about 21 s, which is the
   * server's reconnection window of 20 s: later ones could only be refused.
   */
  returnsMax: 8,
  /** Drops within the window after which we stop coming back: something ends each connection at once. */
  dropsMax: 6,
  dropWindowMs: 30_000,
  /** A server that does not close the connection of a player who leaves has this long; it cuts at two. */
  leaveTimeoutMs: 3_000,
  /** From a server: a whole state of thousands of entities has less than a tenth of it. */
  messageBytesMax: 16 * 1024 * 1024,
  /** What waits for a network that takes nothing: minutes of commands, which nobody wants any more. */
  sendQueueBytesMax: 64 * 1024,
  /** Snapshots that wait for whoever shows them: half a second at the highest tick rate. */
  snapshotsWaitingMax: 64,
  /** A server asks every 3 s over TCP whether we are there; one that is silent for three times as long is gone. */
  silenceMs: 10_000,
} as const;

/** How time is kept and how the past is shown. */
export const TIMING_LIMITS = {
  /** Arrivals from which the jitter is learnt; at the highest tick rate so many come in that time. */
  arrivalWindowMs: 4_000,
  arrivalsMax: 512,
  /** Share of arrivals that are waited for. Later ones are bridged by what is known of each ship's motion. */
  onTimeShare: 0.97,
  /** Where ticks arrive farther apart than this, motion in between is bridged, not waited for. */
  spacingTicksMax: 4,
  /** An arrival that is later than this was held back by a stall; as much as the server winds back at most. */
  stallMs: 250,
  /** What comes so soon after it was held back by the same stall. */
  burstMs: 10,
  /** Lateness that stays for so long is no stall: the way has become longer. */
  relearnMs: 1_000,
  /** Others are shown at least and at most so far in the past; a server winds back by little more. */
  delayMsMin: 20,
  delayMsMax: 120,
  /** What is shown runs by this share faster or slower at most. */
  slewShare: 0.05,
  /** An error of the clock is made good over about this long. */
  slewMs: 400,
  /** An error beyond this is not made good but ended: a tab that slept, another network. */
  stepMs: 500,
  /** Without news others go on as they last moved for so long, then they stand. */
  extrapolateMs: 250,
  /** Round trips and corrections are told of the last so long; at the highest tick rate so many are corrected. */
  measuredMs: 10_000,
  measuredMax: 1_280,
} as const;
