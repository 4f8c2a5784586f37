/**
 * A request for a game session, and what came of it:
 *
 *     PENDING ── the game session is ACTIVE, its players have seats ──> FULFILLED
 *        ├── StopGameSessionPlacement, no game session yet ──────────> CANCELLED
 *        ├── the queue's time is over ───────────────────────────────> TIMED_OUT
 *        └── queue deleted, game session terminated or full ─────────> FAILED
 *
 * While it is PENDING it may have a game session that is ACTIVATING; when that fails it looks for another one.
 * @module
 */
import type { PlayerToReserve } from "../plane/player-sessions.ts";
import type { GameProperty } from "../plane/records.ts";

export type PlacementEnd = "FULFILLED" | "CANCELLED" | "TIMED_OUT" | "FAILED";
type PlacementStatus = "PENDING" | PlacementEnd;

export interface PlayerLatency {
  readonly playerId: string;
  readonly location: string;
  readonly latencyMs: number;
}

/** Which locations one request wants, the preferred first, and whether it takes others when those are full. */
export interface PriorityOverride {
  readonly locationOrder: readonly string[];
  readonly fallback: "DEFAULT_AFTER_SINGLE_PASS" | "NONE";
}

export interface PlacementRequest {
  /** The caller's, never used before. */
  readonly placementId: string;
  readonly maximumPlayerSessionCount: number;
  readonly gameProperties: readonly GameProperty[];
  /** `""` for none. */
  readonly gameSessionName: string;
  /** `""` for none. */
  readonly gameSessionData: string;
  readonly playerLatencies: readonly PlayerLatency[];
  /** Who gets a seat once it is FULFILLED. */
  readonly desiredPlayerSessions: readonly PlayerToReserve[];
  readonly priorityOverride: PriorityOverride | undefined;
}

interface PlacedPlayerSession {
  readonly playerId: string;
  readonly playerSessionId: string;
}

/** Times are wall-clock milliseconds since 1970. */
export interface Placement extends PlacementRequest {
  readonly queueName: string;
  readonly queueArn: string;
  readonly status: PlacementStatus;
  readonly startedAtMs: number;
  readonly endedAtMs: number | undefined;
  /** Its game session while one is ACTIVATING for it, and once it is FULFILLED. */
  readonly gameSessionId: string | undefined;
  /** A custom location is no Region: then it is the home Region. `""` without a game session. */
  readonly gameSessionRegion: string;
  /** Where to connect, once it is FULFILLED; `""` and 0 before. */
  readonly ipAddress: string;
  readonly dnsName: string;
  readonly port: number;
  readonly placedPlayerSessions: readonly PlacedPlayerSession[];
}

export type EndedPlacement = Placement & {
  readonly status: PlacementEnd;
  readonly endedAtMs: number;
};
