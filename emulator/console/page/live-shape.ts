/**
 * What a server's `GET /live` sends each second, as JSON: a copy of the server's own type, which a test compares with it.
 * @module
 */

type GameSessionState =
  | "opening"
  | "activating"
  | "active"
  | "vacant"
  | "over"
  | "closing"
  | "ended";

interface HealthParts {
  readonly ticks: "none" | "ok" | "behind" | "stalled";
  readonly eventLoop: "ok" | "slow";
  readonly match: "none" | "ok" | "opening_stuck" | "closing_stuck";
}

export type JoinOutcome =
  | "joined"
  | "returned"
  | "reserved"
  | "malformed"
  | "unknown"
  | "contradicted"
  | "foreign"
  | "expired"
  | "used"
  | "in_use"
  | "bad_token"
  | "no_reservation"
  | "full"
  | "closed"
  | "fleet_refused"
  | "fleet_unavailable"
  | "room_refused"
  | "abandoned"
  | "busy"
  | "rate_limited"
  | "too_many_returns"
  | "outdated"
  | "no_match";

/**
 * Whether the match keeps up. `idle`: nothing should tick. `starting`: too few whole seconds to say. `near_limit`: no
 * step was lost, but steps take most of their period, or begin a period late. `behind`: steps were lost.
 */
export type TickVerdict = "idle" | "starting" | "keeps_up" | "near_limit" | "behind" | "stalled";

interface LiveTicks {
  readonly verdict: TickVerdict;
  /** Steps per second: those that should be, and those of the last seconds that the verdict looked at. */
  readonly targetHz: number;
  readonly rateHz: number;
  /** Milliseconds, over the last minute: how long a step took, and how late one began. */
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly lateMs: number;
  /** Since the match began. */
  readonly ranTicks: number;
  readonly droppedTicks: number;
  readonly commandsQueued: number;
}

/** Whole seconds, the oldest first; milliseconds have one decimal below 100 and none above. */
export interface LiveSeconds {
  readonly ran: readonly number[];
  readonly dropped: readonly number[];
  readonly meanMs: readonly number[];
  readonly maxMs: readonly number[];
  readonly lateMs: readonly number[];
}

/** Joins that ended so, since the start and in the last minute. */
type LiveJoin = readonly [outcome: JoinOutcome, total: number, lastMinute: number];

/** A warning or an error: seconds since it came last, its name, what the server says of it, and how often it came. */
type LiveNotice = readonly [
  level: "warn" | "error",
  agoSeconds: number,
  event: string,
  what: string,
  count: number,
];

export interface LiveSnapshot {
  readonly version: 1;
  /** Wall-clock milliseconds since 1970. */
  readonly atMs: number;
  readonly upSeconds: number;
  /** `null` until the ports are open. */
  readonly server: {
    readonly room: string;
    readonly fleet: string;
    readonly tls: string;
    readonly port: number;
  } | null;
  readonly phase: "idle" | "draining" | GameSessionState;
  readonly isHealthy: boolean;
  readonly health: HealthParts;
  readonly gameSession: {
    /** The last part of its id. */
    readonly name: string;
    readonly seatsHeld: number;
    /** `null` for a room that sets no limit. */
    readonly seatsMax: number | null;
  } | null;
  /** `null` without a match, and for a hosted Colyseus room. */
  readonly ticks: LiveTicks | null;
  readonly seconds: LiveSeconds;
  /** Those outcomes that there were, the most frequent first. */
  readonly joins: readonly LiveJoin[];
  readonly connections: { readonly strangers: number; readonly clients: number };
  /** Since the start. */
  readonly traffic: {
    readonly receivedBytes: number;
    readonly receivedFrames: number;
    readonly sentBytes: number;
    readonly sentFrames: number;
  };
  readonly sendQueue: {
    readonly bytes: number;
    readonly largestBytes: number;
    readonly slowClients: number;
  };
  /** The newest first; as many as fit. */
  readonly notices: readonly LiveNotice[];
}
