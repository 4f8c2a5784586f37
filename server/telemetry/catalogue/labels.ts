/**
 * The values that each label of a metric can have. A union of the port that is missing a value here does not compile.
 * @module
 */
import { CLOSE_CODES } from "../../../protocol/close-codes.ts";
import type { MatchOutcome } from "../../results/results.ts";
import type { LogReading } from "../readings.ts";
import {
  type BackfillOutcome,
  type CommandDropReason,
  type FleetCall,
  type FleetCallOutcome,
  type GameSessionState,
  type HandshakeFailure,
  type HealthParts,
  type JoinOutcome,
  type JoinTransport,
  RefusalReason,
} from "../telemetry.ts";

/** All values of a union, each named once. */
function all<Value extends string>(values: Readonly<Record<Value, true>>): readonly Value[] {
  return Object.keys(values) as Value[];
}

export const JOIN_TRANSPORTS = all<JoinTransport>({ tcp: true, websocket: true, http: true });

export const JOIN_OUTCOMES: readonly JoinOutcome[] = [
  "joined",
  "returned",
  "reserved",
  ...Object.values(RefusalReason),
];

export const COMMAND_DROP_REASONS = all<CommandDropReason>({
  malformed: true,
  too_long: true,
  queue_full: true,
  late: true,
});

export const FLEET_CALLS = all<FleetCall>({
  accept_player_session: true,
  activate_game_session: true,
  ask_second_opinion: true,
  connect: true,
  describe_player_sessions: true,
  game_session_ended: true,
  heartbeat: true,
  process_ending: true,
  process_ready: true,
  remove_player_session: true,
  set_open_to_players: true,
  start_match_backfill: true,
  stop_match_backfill: true,
});

export const FLEET_CALL_OUTCOMES = all<FleetCallOutcome>({ ok: true, refused: true, failed: true });

export const GAME_SESSION_STATES = all<GameSessionState | "idle">({
  idle: true,
  opening: true,
  activating: true,
  active: true,
  vacant: true,
  over: true,
  closing: true,
  ended: true,
});

/** `failed` never opened; it counts beside its `aborted`. */
export const GAME_SESSION_OUTCOMES = all<MatchOutcome | "failed">({
  completed: true,
  aborted: true,
  drained: true,
  failed: true,
});

export const BACKFILL_OUTCOMES = all<BackfillOutcome>({
  matched: true,
  failed: true,
  timed_out: true,
  cancelled: true,
  stopped: true,
  abandoned: true,
});

export const HANDSHAKE_FAILURES = all<HandshakeFailure>({
  over_budget: true,
  over_share: true,
  unfinished: true,
  too_old: true,
  nothing_in_common: true,
  refused_by_client: true,
  malformed: true,
});

export const HEALTH_PARTS = all<keyof HealthParts>({ ticks: true, eventLoop: true, match: true });

export const LOG_SINKS = all<LogReading["sink"]>({ file: true, stdout: true });
export const LOG_LOSSES = all<keyof LogReading["dropped"]>({ full: true, disk: true, gone: true });

/** What Node calls its kinds of garbage collection. */
export const GC_KINDS = ["minor", "major", "incremental", "weakcb"] as const;

/** Where nothing more precise is listed. */
export const OTHER = "other";

/** Close codes of ours, of Colyseus, and those of WebSocket that browsers and networks make. */
export const CLOSE_CODE_LABELS: readonly string[] = [
  ...["1000", "1001", "1002", "1005", "1006", "1009"],
  ...Object.keys(CLOSE_CODES),
  OTHER,
];

/** What the game port answers to requests that it refuses. */
export const REQUEST_STATUSES: readonly string[] = [
  ...[
    "400",
    "403",
    "404",
    "409",
    "410",
    "413",
    "426",
    "431",
    "500",
    "503",
    "520",
    "522",
    "524",
    "525",
  ],
  OTHER,
];
