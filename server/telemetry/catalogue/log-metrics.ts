/**
 * CloudWatch metrics that are counted from log lines. A process hosts one game session and ends: what it counts in its
 * last seconds nobody scrapes any more, but its log is collected to the end.
 * @module
 */
import type { EventName } from "../every-event.ts";

export interface LogMetric {
  readonly event: EventName;
  /** What a line must say as well. */
  readonly where?: Readonly<Record<string, string | boolean>>;
  /** A field of the line that is a dimension beside FleetId. It has a closed set of values. */
  readonly dimension?: string;
  /** One line, without its name, without an end stop. */
  readonly meaning: string;
}

/** All count lines. None of these events is ever sampled. */
export const logMetrics = {
  game_sessions_ended: {
    event: "gameSessionEnded",
    dimension: "outcome",
    meaning: "Game sessions that are over, by outcome",
  },
  game_sessions_failed: {
    event: "gameSessionFailed",
    meaning: "Game sessions that players never could come into",
  },
  room_faults: {
    event: "roomFault",
    meaning: "Times that the game's code threw where the match cannot go on",
  },
  results_lost: {
    event: "resultNotDelivered",
    meaning: "Match results that a sink did not get",
  },
  journals_failed: {
    event: "journalFailed",
    meaning: "Journals that could not be written to their end",
  },
  player_session_removals_failed: {
    event: "playerSessionRemoveFailed",
    meaning: "Player sessions that could not be given back to the fleet",
  },
  fleets_lost: {
    event: "fleetLost",
    meaning: "Times that the fleet ended its connection to a process for good",
  },
  certificates_rejected: {
    event: "certificateRejected",
    meaning: "Certificates that came and cannot be used",
  },
} as const satisfies Readonly<Record<string, LogMetric>>;

export type LogMetricName = keyof typeof logMetrics;
