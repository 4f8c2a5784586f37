/**
 * PORT: what the server tells about itself, one method per event. Implementations never throw and never wait.
 * Ids of players and sessions are for logs only, never for metric labels; player session ids and tokens never come here:
 * callers pass `playerSessionHash`, the first 8 hex digits of their SHA-256.
 * @module
 */
import type { EndReason, MatchOutcome } from "../results/results.ts";

/** Why a join got no seat. A closed set: it is a metric label. */
export const RefusalReason = {
  MALFORMED: "malformed",
  UNKNOWN: "unknown",
  CONTRADICTED: "contradicted",
  FOREIGN: "foreign",
  EXPIRED: "expired",
  USED: "used",
  IN_USE: "in_use",
  BAD_TOKEN: "bad_token",
  NO_RESERVATION: "no_reservation",
  FULL: "full",
  CLOSED: "closed",
  FLEET_REFUSED: "fleet_refused",
  FLEET_UNAVAILABLE: "fleet_unavailable",
  ROOM_REFUSED: "room_refused",
  ABANDONED: "abandoned",
  BUSY: "busy",
  RATE_LIMITED: "rate_limited",
  TOO_MANY_RETURNS: "too_many_returns",
  OUTDATED: "outdated",
  /** No match is open here now. */
  NO_MATCH: "no_match",
} as const;
export type RefusalReason = (typeof RefusalReason)[keyof typeof RefusalReason];

/** How somebody asks for a seat. A closed set: it is a metric label. `http` is the stock SDK's request for a reservation. */
export type JoinTransport = "tcp" | "websocket" | "http";

/** What came of a join, or of one of its two steps. A closed set: it is a metric label. */
export type JoinOutcome = "joined" | "returned" | "reserved" | RefusalReason;

/** A fleet call's end: `refused` is an answer, `failed` is none. A closed set: it is a metric label. */
export type FleetCallOutcome = "ok" | "refused" | "failed";

/** Who describes player sessions: the fleet itself, or whoever must agree with it. */
export type RosterSource = "fleet" | "second_opinion";

/** What this process asks of its fleet, for logs and labels. */
export type FleetCall =
  | "activate_game_session"
  | "accept_player_session"
  /** The second opinion's description of player sessions. */
  | "ask_second_opinion"
  | "connect"
  | "describe_player_sessions"
  | "game_session_ended"
  | "heartbeat"
  | "process_ending"
  | "process_ready"
  | "remove_player_session"
  | "set_open_to_players"
  | "start_match_backfill"
  | "stop_match_backfill";

/**
 * How a backfill ticket ended. A closed set: it is a metric label. `stopped` by this process; `abandoned`: it could not
 * be stopped, and the next ticket takes its place.
 */
export type BackfillOutcome =
  | "matched"
  | "failed"
  | "timed_out"
  | "cancelled"
  | "stopped"
  | "abandoned";

/** Why the process was called unwell, or that it is well again. A closed set: it is a metric label. */
export type HealthChange =
  | "ticks_behind"
  | "ticks_stalled"
  | "event_loop_slow"
  | "match_opening_stuck"
  | "match_closing_stuck"
  | "recovered";

/** What the last look at this process's health saw. Closed sets. */
export interface HealthParts {
  /** `none` while nothing should tick. */
  readonly ticks: "none" | "ok" | "behind" | "stalled";
  readonly eventLoop: "ok" | "slow";
  readonly match: "none" | "ok" | "opening_stuck" | "closing_stuck";
}

/** Where a game session is in its life, as `server/session/game-session-states.ts` draws it. A closed set. */
export type GameSessionState =
  | "opening"
  | "activating"
  | "active"
  | "vacant"
  | "over"
  | "closing"
  | "ended";

/** Why players never could come into a game session. A closed set: it is a metric label. */
export type ActivationFailure =
  | "room_failed"
  | "room_timed_out"
  | "fleet_refused"
  | "fleet_unreachable";

/** Why a client's message was dropped. A closed set: it is a metric label. */
export type CommandDropReason = "malformed" | "too_long" | "queue_full" | "late";

/** Why a TLS handshake led to nothing. A closed set: it is a metric label. */
export type HandshakeFailure =
  | "over_budget"
  | "over_share"
  | "unfinished"
  | "too_old"
  | "nothing_in_common"
  | "refused_by_client"
  | "malformed";

interface SeatEvent {
  /** Of the connection that speaks for the seat, see {@link Telemetry.connectionClosed}. */
  readonly connectionId: number;
  readonly playerId: string;
  readonly playerSessionHash: string;
  readonly seat: number;
}

export interface Telemetry {
  serverListening(info: {
    port: number;
    adminPort: number;
    room: string;
    fleet: string;
    tls: "off" | "optional" | "required";
  }): void;
  healthChanged(info: { isHealthy: boolean; reason: HealthChange }): void;
  serverStopping(info: { reason: "signal" | "fleet" | "fault"; deadlineMs: number }): void;
  serverStopped(info: { exitCode: number }): void;
  gameSessionStateChanged(info: {
    gameSessionId: string;
    from: GameSessionState | "idle";
    to: GameSessionState;
  }): void;
  /**
   * The fleet placed a game session here. Ids are `""` where there is none.
   * @param info - `placementId` is the last part of the game session's id: the placement's where a queue placed it.
   *   `traceParent` is the game property of that name, if it is W3C's `traceparent`: a span of the game session may begin.
   */
  gameSessionPlaced(info: {
    gameSessionId: string;
    gameSessionName: string;
    placementId: string;
    matchId: string;
    ticketId: string;
    traceParent: string;
  }): void;
  gameSessionStarted(info: { gameSessionId: string; room: string; seatsMax: number }): void;
  gameSessionFailed(info: { gameSessionId: string; reason: ActivationFailure }): void;
  gameSessionEnded(info: {
    gameSessionId: string;
    outcome: MatchOutcome;
    why: EndReason;
    resultId: string;
    ticks: number;
  }): void;
  joinRefused(info: {
    reason: RefusalReason;
    connectionId: number;
    remoteAddress: string;
    playerSessionHash: string;
  }): void;
  /**
   * A join is over, whatever came of it; the end of its span.
   * @param info - `durationMs` since its whole request was here; `traceParent` is what the client brought, or `""`.
   */
  joinEnded(info: {
    connectionId: number;
    transport: JoinTransport;
    outcome: JoinOutcome;
    durationMs: number;
    traceParent: string;
  }): void;
  playerJoined(info: SeatEvent & { isTakeover: boolean }): void;
  playerDropped(info: SeatEvent & { closeCode: number }): void;
  playerReconnected(info: SeatEvent): void;
  playerLeft(info: Omit<SeatEvent, "connectionId">): void;
  playerSessionRemoveFailed(info: { playerSessionHash: string; cause: unknown }): void;
  /** @param info - `connectionId` counts the connections of this process, from 1; `0` is none. */
  connectionClosed(info: { connectionId: number; closeCode: number }): void;
  requestRefused(info: { status: number }): void;
  handshakeFailed(info: { reason: HandshakeFailure }): void;
  certificateLoaded(info: { fingerprint: string; names: string; validUntil: string }): void;
  certificateRejected(info: { problem: string }): void;
  commandDropped(info: { reason: CommandDropReason }): void;
  /**
   * The match made a step. Told every time: nobody may spend more than a microsecond or two on it.
   * @param info - Milliseconds: how long it took, how late it began, how long ago the one before began (`0` for the first).
   *   `commands` came since the one before.
   */
  tickRan(info: { durationMs: number; lateMs: number; intervalMs: number; commands: number }): void;
  stepOverran(info: { lateMs: number; droppedTicks: number }): void;
  /** @param info - `seat` is whose message led to it, if one did. */
  roomFault(info: { where: string; cause: unknown; seat?: number }): void;
  clientFault(info: { where: string; playerId: string; cause: unknown }): void;
  resultDelivered(info: { resultId: string; attempts: number }): void;
  resultNotDelivered(info: { resultId: string; attempts: number; cause: unknown }): void;
  journalTruncated(info: { bytes: number }): void;
  journalFailed(info: { cause: unknown }): void;
  fleetCallFailed(info: { action: FleetCall; cause: unknown }): void;
  fleetCallEnded(info: { action: FleetCall; outcome: FleetCallOutcome; durationMs: number }): void;
  fleetReachable(info: { isReachable: boolean }): void;
  fleetLost(info: { cause: unknown }): void;
  fleetBreakerTurned(info: { isOpen: boolean; source: RosterSource }): void;
  /** @param info - `players` are present; `seatsFree` is how many more are wanted. */
  backfillStarted(info: {
    gameSessionId: string;
    ticketId: string;
    players: number;
    seatsFree: number;
  }): void;
  backfillEnded(info: { gameSessionId: string; ticketId: string; outcome: BackfillOutcome }): void;
  backfillGivenUp(info: { gameSessionId: string; tries: number }): void;
  localSessionFileRejected(info: { problems: readonly string[] }): void;
  /** Anything a vendor library says that we have no event for. */
  vendorMessage(info: { level: "debug" | "info" | "warn" | "error"; message: string }): void;
}
