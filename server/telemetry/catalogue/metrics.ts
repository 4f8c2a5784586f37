/**
 * Every metric of the server: name, kind, unit, meaning, labels, and where it goes beside `/metrics`. The adapters, the
 * CloudWatch agent's configuration, the dashboard, the alarms and `docs/TELEMETRY.md` are made of it.
 *
 * Labels have closed sets of values, each listed here, so that the number of series is known: {@link seriesCount}.
 * @module
 */
import {
  BACKFILL_OUTCOMES,
  CLOSE_CODE_LABELS,
  COMMAND_DROP_REASONS,
  FLEET_CALL_OUTCOMES,
  FLEET_CALLS,
  GAME_SESSION_OUTCOMES,
  GAME_SESSION_STATES,
  GC_KINDS,
  HANDSHAKE_FAILURES,
  HEALTH_PARTS,
  JOIN_OUTCOMES,
  JOIN_TRANSPORTS,
  LOG_LOSSES,
  LOG_SINKS,
  REQUEST_STATUSES,
} from "./labels.ts";
import type { Metric } from "./metric.ts";
import { snapshotMetrics } from "./snapshot-metrics.ts";

const TICK_BUCKETS = [0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.033, 0.066, 0.133, 0.5];
const CALL_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** By topic, in the order of the page. */
export const metrics = {
  fleetroom_tick_duration_seconds: {
    kind: "histogram",
    unit: "Seconds",
    meaning: "How long a step of the match took: commands, rules, replica, patch and snapshots",
    buckets: TICK_BUCKETS,
    cloudwatch: "emf",
    statsd: "server_tick_time",
  },
  fleetroom_tick_lateness_seconds: {
    kind: "histogram",
    unit: "Seconds",
    meaning: "How late a step began",
    buckets: TICK_BUCKETS,
    cloudwatch: "emf",
  },
  fleetroom_ticks_total: {
    kind: "counter",
    unit: "Count",
    meaning: "Steps that the match made",
    cloudwatch: "prometheus",
  },
  fleetroom_ticks_dropped_total: {
    kind: "counter",
    unit: "Count",
    meaning: "Steps that were due and not made, because the loop had fallen too far behind",
    cloudwatch: "prometheus",
  },
  fleetroom_tick_overruns_total: {
    kind: "counter",
    unit: "Count",
    meaning: "Times that the loop fell so far behind",
    cloudwatch: "prometheus",
  },
  fleetroom_tick_rate_target_hertz: {
    kind: "gauge",
    unit: "Count/Second",
    meaning: "Steps per second that the match should make, 0 without one",
    cloudwatch: "prometheus",
  },
  fleetroom_commands_received_total: {
    kind: "counter",
    unit: "Count",
    meaning: "Commands of players that came, the dropped ones included",
    cloudwatch: "prometheus",
  },
  fleetroom_commands_dropped_total: {
    kind: "counter",
    unit: "Count",
    meaning: "Commands that no step used",
    labels: { reason: COMMAND_DROP_REASONS },
    cloudwatch: "prometheus",
  },
  fleetroom_commands_queued: {
    kind: "gauge",
    unit: "Count",
    meaning: "Commands that wait for their step, of all seats",
  },
  fleetroom_joins_total: {
    kind: "counter",
    unit: "Count",
    meaning: "Joins that are over, by what came of them; http is a reservation of the stock SDK",
    labels: { transport: JOIN_TRANSPORTS, outcome: JOIN_OUTCOMES },
    cloudwatch: "prometheus",
    cloudwatchLabel: "outcome",
  },
  fleetroom_join_duration_seconds: {
    kind: "histogram",
    unit: "Seconds",
    meaning: "How long joins took that led to a seat, a return or a reservation",
    labels: { transport: JOIN_TRANSPORTS },
    buckets: CALL_BUCKETS,
    cloudwatch: "emf",
  },
  fleetroom_fleet_calls_total: {
    kind: "counter",
    unit: "Count",
    meaning: "Calls to the fleet's control plane, by how they ended",
    labels: { action: FLEET_CALLS, outcome: FLEET_CALL_OUTCOMES },
    cloudwatch: "prometheus",
    cloudwatchLabel: "outcome",
  },
  fleetroom_fleet_tries_failed_total: {
    kind: "counter",
    unit: "Count",
    meaning: "Tries of calls to the fleet that had no answer, each of those that were repeated",
    labels: { action: FLEET_CALLS },
    cloudwatch: "prometheus",
  },
  fleetroom_validator_duration_seconds: {
    kind: "histogram",
    unit: "Seconds",
    meaning: "How long the fleet took to describe or accept player sessions",
    labels: {
      action: ["accept_player_session", "ask_second_opinion", "describe_player_sessions"],
    },
    buckets: CALL_BUCKETS,
    cloudwatch: "emf",
  },
  fleetroom_fleet_breaker_open: {
    kind: "gauge",
    unit: "None",
    meaning:
      "1 while joins are refused unasked, because the fleet or the second opinion does not answer",
    labels: { source: ["fleet", "second_opinion"] },
    cloudwatch: "prometheus",
    cloudwatchLabel: "source",
  },
  fleetroom_fleet_breaker_openings_total: {
    kind: "counter",
    unit: "Count",
    meaning: "Times that joins began to be refused unasked",
    labels: { source: ["fleet", "second_opinion"] },
  },
  fleetroom_fleet_reachable: {
    kind: "gauge",
    unit: "None",
    meaning: "1 while the fleet can be spoken to, as far as it says itself",
    cloudwatch: "prometheus",
  },
  fleetroom_fleet_reconnects_total: {
    kind: "counter",
    unit: "Count",
    meaning: "Times that the fleet could be spoken to again",
    cloudwatch: "prometheus",
  },
  fleetroom_connections: {
    kind: "gauge",
    unit: "Count",
    meaning: "Open connections of the game port; strangers have no seat",
    labels: { state: ["clients", "strangers"] },
    cloudwatch: "prometheus",
    cloudwatchLabel: "state",
    statsd: "server_connections",
  },
  fleetroom_connections_closed_total: {
    kind: "counter",
    unit: "Count",
    meaning: "Connections that ended, by close code; what clients make up counts as other",
    labels: { code: CLOSE_CODE_LABELS },
    cloudwatch: "prometheus",
    cloudwatchLabel: "code",
  },
  fleetroom_requests_refused_total: {
    kind: "counter",
    unit: "Count",
    meaning: "HTTP requests and upgrades that were refused, by status",
    labels: { status: REQUEST_STATUSES },
  },
  fleetroom_handshakes_failed_total: {
    kind: "counter",
    unit: "Count",
    meaning: "TLS handshakes that led to nothing",
    labels: { reason: HANDSHAKE_FAILURES },
    cloudwatch: "prometheus",
  },
  fleetroom_received_bytes_total: {
    kind: "counter",
    unit: "Bytes",
    meaning: "Bytes that came over the game port's connections, inside TLS",
    cloudwatch: "prometheus",
    statsd: "server_bytes_in",
  },
  fleetroom_received_frames_total: {
    kind: "counter",
    unit: "Count",
    meaning: "Messages that came",
    cloudwatch: "prometheus",
    statsd: "server_packets_in",
  },
  fleetroom_sent_bytes_total: {
    kind: "counter",
    unit: "Bytes",
    meaning: "Bytes that were queued for clients, inside TLS",
    cloudwatch: "prometheus",
    statsd: "server_bytes_out",
  },
  fleetroom_sent_frames_total: {
    kind: "counter",
    unit: "Count",
    meaning: "Frames that were queued for clients",
    cloudwatch: "prometheus",
    statsd: "server_packets_out",
  },
  fleetroom_send_queue_bytes: {
    kind: "gauge",
    unit: "Bytes",
    meaning: "Bytes that wait in this process for all clients together",
    cloudwatch: "prometheus",
  },
  fleetroom_send_queue_largest_bytes: {
    kind: "gauge",
    unit: "Bytes",
    meaning: "Bytes that wait for the one client with the most",
    cloudwatch: "prometheus",
  },
  fleetroom_slow_clients: {
    kind: "gauge",
    unit: "Count",
    meaning: "Clients that get no patches or snapshots for now, because they do not keep up",
    cloudwatch: "prometheus",
  },
  ...snapshotMetrics,
  fleetroom_players: {
    kind: "gauge",
    unit: "Count",
    meaning: "Seats that players hold, connected or on their way back",
    cloudwatch: "prometheus",
    statsd: "server_players",
  },
  fleetroom_seats: {
    kind: "gauge",
    unit: "Count",
    meaning: "Seats that the match has, 0 without one",
    cloudwatch: "prometheus",
    statsd: "server_max_players",
  },
  fleetroom_game_session_state: {
    kind: "gauge",
    unit: "None",
    meaning: "1 for the state that the game session is in; idle without one",
    labels: { state: GAME_SESSION_STATES },
  },
  fleetroom_game_sessions_total: {
    kind: "counter",
    unit: "Count",
    meaning: "Game sessions that are over, by how; failed ones never opened",
    labels: { outcome: GAME_SESSION_OUTCOMES },
  },
  fleetroom_draining: {
    kind: "gauge",
    unit: "None",
    meaning: "1 while the process takes no more players, because it is about to end",
    cloudwatch: "prometheus",
  },
  fleetroom_healthy: {
    kind: "gauge",
    unit: "None",
    meaning: "1 while the process tells its fleet that it is healthy",
    cloudwatch: "prometheus",
  },
  fleetroom_health_part_ok: {
    kind: "gauge",
    unit: "None",
    meaning: "1 while the last look at that part of the process saw no fault",
    labels: { part: HEALTH_PARTS },
    cloudwatch: "prometheus",
    cloudwatchLabel: "part",
  },
  fleetroom_room_faults_total: {
    kind: "counter",
    unit: "Count",
    meaning: "Times that the game's code threw where the match cannot go on",
  },
  fleetroom_client_faults_total: {
    kind: "counter",
    unit: "Count",
    meaning: "Times that the game's code threw over one client, who was closed",
    cloudwatch: "prometheus",
  },
  fleetroom_results_total: {
    kind: "counter",
    unit: "Count",
    meaning: "Match results by sink, delivered or lost",
    labels: { outcome: ["delivered", "lost"] },
  },
  fleetroom_journals_failed_total: {
    kind: "counter",
    unit: "Count",
    meaning: "Journals that could not be written to their end",
  },
  fleetroom_player_session_removals_failed_total: {
    kind: "counter",
    unit: "Count",
    meaning: "Player sessions that could not be given back to the fleet",
  },
  fleetroom_backfills_total: {
    kind: "counter",
    unit: "Count",
    meaning: "Backfill tickets that are over, by how",
    labels: { outcome: BACKFILL_OUTCOMES },
    cloudwatch: "prometheus",
  },
  fleetroom_log_lines_total: {
    kind: "counter",
    unit: "Count",
    meaning: "Log lines that were written",
    labels: { sink: LOG_SINKS },
  },
  fleetroom_log_lines_dropped_total: {
    kind: "counter",
    unit: "Count",
    meaning: "Log lines that were lost: the queue was full, the disk took none, or nobody read",
    labels: { sink: LOG_SINKS, reason: LOG_LOSSES },
    cloudwatch: "prometheus",
  },
  fleetroom_event_loop_delay_seconds: {
    kind: "gauge",
    unit: "Seconds",
    meaning:
      "How late turns of the event loop came since the scrape before, absent without a game session; percentile 100 is the most",
    // A quantile, by convention, is a summary's alone.
    labels: { percentile: ["50", "99", "100"] },
    cloudwatch: "prometheus",
    cloudwatchLabel: "percentile",
  },
  fleetroom_gc_seconds_total: {
    kind: "counter",
    unit: "Seconds",
    meaning:
      "Time that the match's own thread spent on collecting memory, while a game session was here",
    labels: { kind: GC_KINDS },
    cloudwatch: "prometheus",
  },
  process_cpu_seconds_total: {
    kind: "counter",
    unit: "Seconds",
    meaning: "CPU time of all threads of the process",
    cloudwatch: "prometheus",
  },
  process_resident_memory_bytes: {
    kind: "gauge",
    unit: "Bytes",
    meaning: "Memory of the process that is in RAM",
    cloudwatch: "prometheus",
  },
  process_start_time_seconds: {
    kind: "gauge",
    unit: "Seconds",
    meaning: "When the process started, since 1970",
  },
  process_open_fds: {
    kind: "gauge",
    unit: "Count",
    meaning: "Open descriptors; absent where the system does not tell",
  },
  nodejs_heap_size_used_bytes: {
    kind: "gauge",
    unit: "Bytes",
    meaning: "JavaScript's heap in use",
    cloudwatch: "prometheus",
  },
  nodejs_heap_size_total_bytes: {
    kind: "gauge",
    unit: "Bytes",
    meaning: "JavaScript's heap as it is reserved",
  },
  nodejs_external_memory_bytes: {
    kind: "gauge",
    unit: "Bytes",
    meaning: "Memory outside of JavaScript's heap that its objects hold, buffers included",
  },
  fleetroom_build_info: {
    kind: "gauge",
    unit: "None",
    meaning: "1; version is fleetroom's, node is Node's",
    // One value each, known when the process starts.
    labels: { version: ["*"], node: ["*"] },
  },
} as const satisfies Readonly<Record<string, Metric>>;

export type MetricName = keyof typeof metrics;
