/**
 * What the dashboard shows: a row for each question that somebody asks at two in the morning.
 * @module
 */
import {
  gamelift,
  host,
  log,
  server,
  type Term,
} from "../../server/telemetry/catalogue/cloudwatch-terms.ts";
import { CLOSE_CODE_LABELS, JOIN_OUTCOMES } from "../../server/telemetry/catalogue/labels.ts";
import type { MetricName } from "../../server/telemetry/catalogue/metrics.ts";

export interface Graph {
  readonly title: string;
  readonly isStacked?: boolean;
  /** By what the legend calls it. `isTotal`: a gauge, of all processes together. */
  readonly lines: Readonly<Record<string, Term & { readonly isTotal?: boolean }>>;
}

/** Lines of CloudWatch Logs Insights. */
export interface LogTable {
  readonly title: string;
  /** Commands, after the one that chooses the fleet. */
  readonly query: readonly string[];
}

export interface Row {
  readonly question: string;
  /** Side by side: one, two, three or four. */
  readonly graphs: readonly (Graph | LogTable)[];
}

const sum = (metric: MetricName, value?: string) => server(metric, "Sum", value);
const total = (metric: MetricName, value?: string) => ({ ...sum(metric, value), isTotal: true });
const most = (metric: MetricName, value?: string) => server(metric, "Maximum", value);
const least = (metric: MetricName, value?: string) => server(metric, "Minimum", value);

/** A line for each value of a label. */
function each(values: readonly string[], term: (value: string) => Term): Graph["lines"] {
  return Object.fromEntries(values.map((value) => [value, term(value)]));
}

const SEATED = ["joined", "returned", "reserved"];

export const rows: readonly Row[] = [
  {
    question: "Does the simulation keep up?",
    graphs: [
      {
        title: "A step takes, seconds",
        lines: {
          median: server("fleetroom_tick_duration_seconds", "p50"),
          p99: server("fleetroom_tick_duration_seconds", "p99"),
        },
      },
      {
        title: "A step begins late by, seconds",
        lines: {
          median: server("fleetroom_tick_lateness_seconds", "p50"),
          p99: server("fleetroom_tick_lateness_seconds", "p99"),
        },
      },
      {
        title: "Steps a minute",
        lines: {
          made: sum("fleetroom_ticks_total"),
          dropped: sum("fleetroom_ticks_dropped_total"),
          overruns: sum("fleetroom_tick_overruns_total"),
        },
      },
      {
        title: "Event loop late, seconds",
        lines: each(["50", "99", "100"], (percentile) =>
          most("fleetroom_event_loop_delay_seconds", percentile),
        ),
      },
    ],
  },
  {
    question: "Who cannot join, and why?",
    graphs: [
      {
        title: "Joins that led to a seat",
        isStacked: true,
        lines: each(SEATED, (outcome) => sum("fleetroom_joins_total", outcome)),
      },
      {
        title: "Joins that did not, by reason",
        isStacked: true,
        lines: each(
          JOIN_OUTCOMES.filter((outcome) => !SEATED.includes(outcome)),
          (outcome) => sum("fleetroom_joins_total", outcome),
        ),
      },
      {
        title: "A join takes, seconds",
        lines: {
          median: server("fleetroom_join_duration_seconds", "p50"),
          p99: server("fleetroom_join_duration_seconds", "p99"),
        },
      },
      {
        title: "Refused joins of the last hours",
        query: [
          'filter event = "join_refused"',
          "stats sum(coalesce(count, 1)) as joins by reason, remoteAddress",
          "sort joins desc",
          "limit 50",
        ],
      },
    ],
  },
  {
    question: "Which match crashed?",
    graphs: [
      {
        title: "Game sessions that are over",
        lines: {
          ...each(["completed", "aborted", "drained"], (outcome) =>
            log("game_sessions_ended", outcome),
          ),
          failed: log("game_sessions_failed"),
        },
      },
      {
        title: "Faults",
        lines: {
          rooms: log("room_faults"),
          clients: sum("fleetroom_client_faults_total"),
          "processes, as GameLift saw": gamelift("ServerProcessAbnormalTerminations", "Sum"),
        },
      },
      {
        title: "Matches that ended badly",
        query: [
          'filter event in ["room_fault", "game_session_failed", "fleet_lost"] or (event = "game_session_ended" and outcome = "aborted")',
          "fields @timestamp, event, gameSessionId, outcome, why, reason, where, `cause.message`",
          "sort @timestamp desc",
          "limit 50",
        ],
      },
    ],
  },
  {
    question: "Players and connections",
    graphs: [
      {
        title: "Players",
        lines: {
          players: total("fleetroom_players"),
          seats: total("fleetroom_seats"),
          "player sessions, as GameLift sees": gamelift("CurrentPlayerSessions", "Sum"),
        },
      },
      {
        title: "Connections",
        lines: each(["clients", "strangers"], (state) => total("fleetroom_connections", state)),
      },
      {
        title: "Closes, by code",
        isStacked: true,
        lines: each(CLOSE_CODE_LABELS, (code) => sum("fleetroom_connections_closed_total", code)),
      },
      {
        title: "TLS handshakes failed",
        lines: { failed: sum("fleetroom_handshakes_failed_total") },
      },
    ],
  },
  {
    question: "Traffic and queues",
    graphs: [
      {
        title: "Bytes a minute",
        lines: {
          sent: sum("fleetroom_sent_bytes_total"),
          received: sum("fleetroom_received_bytes_total"),
        },
      },
      {
        title: "Frames a minute",
        lines: {
          sent: sum("fleetroom_sent_frames_total"),
          received: sum("fleetroom_received_frames_total"),
        },
      },
      {
        title: "Send queue, bytes",
        lines: {
          "of a process, at most": most("fleetroom_send_queue_bytes"),
          "of a client, at most": most("fleetroom_send_queue_largest_bytes"),
        },
      },
      {
        title: "Slow clients, commands dropped",
        lines: {
          "slow clients": total("fleetroom_slow_clients"),
          commands: sum("fleetroom_commands_dropped_total"),
        },
      },
    ],
  },
  {
    question: "The fleet's control plane",
    graphs: [
      {
        title: "Calls, by how they ended",
        lines: {
          ...each(["ok", "refused", "failed"], (outcome) =>
            sum("fleetroom_fleet_calls_total", outcome),
          ),
          "tries without an answer": sum("fleetroom_fleet_tries_failed_total"),
        },
      },
      {
        title: "Describing or accepting players takes, seconds",
        lines: {
          median: server("fleetroom_validator_duration_seconds", "p50"),
          p99: server("fleetroom_validator_duration_seconds", "p99"),
        },
      },
      {
        title: "Out of reach",
        lines: {
          "reachable everywhere": least("fleetroom_fleet_reachable"),
          "breaker of the fleet": most("fleetroom_fleet_breaker_open", "fleet"),
          "breaker of the second opinion": most("fleetroom_fleet_breaker_open", "second_opinion"),
          reconnects: sum("fleetroom_fleet_reconnects_total"),
        },
      },
      {
        title: "Given back, backfilled",
        lines: {
          "not given back": log("player_session_removals_failed"),
          "backfill tickets": sum("fleetroom_backfills_total"),
        },
      },
    ],
  },
  {
    question: "Are the processes well?",
    graphs: [
      {
        title: "Health, 1 is well everywhere",
        lines: {
          healthy: least("fleetroom_healthy"),
          ...each(["ticks", "eventLoop", "match"], (part) =>
            least("fleetroom_health_part_ok", part),
          ),
        },
      },
      {
        title: "Memory of a process, at most, bytes",
        lines: {
          resident: most("process_resident_memory_bytes"),
          heap: most("nodejs_heap_size_used_bytes"),
        },
      },
      {
        title: "CPU seconds a minute, all processes",
        lines: {
          all: sum("process_cpu_seconds_total"),
          "garbage collection": sum("fleetroom_gc_seconds_total"),
        },
      },
      {
        title: "Instances, percent",
        lines: {
          cpu: host("cpu_usage_active", "Maximum"),
          memory: host("mem_used_percent", "Maximum"),
          disk: host("disk_used_percent", "Maximum"),
        },
      },
    ],
  },
  {
    question: "Is anything lost?",
    graphs: [
      {
        title: "Log lines, results, journals lost",
        lines: {
          "log lines": sum("fleetroom_log_lines_dropped_total"),
          results: log("results_lost"),
          journals: log("journals_failed"),
        },
      },
      {
        title: "Warnings and errors",
        query: [
          'filter level in ["warn", "error"]',
          "stats count(*) as lines by event, level",
          "sort lines desc",
          "limit 50",
        ],
      },
    ],
  },
  {
    question: "What GameLift sees",
    graphs: [
      {
        title: "Processes",
        lines: {
          active: gamelift("ActiveServerProcesses", "Average"),
          healthy: gamelift("HealthyServerProcesses", "Average"),
          activations: gamelift("ServerProcessActivations", "Sum"),
          terminations: gamelift("ServerProcessTerminations", "Sum"),
        },
      },
      {
        title: "Game sessions",
        lines: {
          active: gamelift("ActiveGameSessions", "Average"),
          available: gamelift("AvailableGameSessions", "Average"),
        },
      },
      {
        title: "Instances",
        lines: {
          active: gamelift("ActiveInstances", "Average"),
          idle: gamelift("IdleInstances", "Average"),
        },
      },
    ],
  },
];
