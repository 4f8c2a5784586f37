import { describe, expect, it } from "vitest";
import { FLEET_CALL_OUTCOMES, FLEET_CALLS } from "../../../../server/telemetry/catalogue/labels.ts";
import { type Metric, seriesCount } from "../../../../server/telemetry/catalogue/metric.ts";
import { type MetricName, metrics } from "../../../../server/telemetry/catalogue/metrics.ts";
import type { EventName } from "../../../../server/telemetry/every-event.ts";
import { PROMETHEUS_LIMITS } from "../../../../server/telemetry/prometheus/limits.ts";
import {
  describeTelemetryContract,
  eventNames,
  everyEvent,
  tell,
} from "../../../contract/telemetry-contract.ts";
import { BUSY, IDLE, LOGS, moved, PrometheusWorld, VERSION } from "./prometheus-world.ts";

describeTelemetryContract("PrometheusTelemetry", () => new PrometheusWorld().telemetry);

const names = Object.keys(metrics) as MetricName[];
const labelled = (labels: Readonly<Record<string, string>>) =>
  `{${Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(",")}}`;

describe("the text", () => {
  it.each(names)(
    "[ME1] has the help, the kind and all series of %s from the start",
    async (name) => {
      using world = new PrometheusWorld();
      const text = await world.telemetry.text();
      const metric: Metric = metrics[name];
      expect(text).toContain(`# HELP ${name} ${metric.meaning}\n# TYPE ${name} ${metric.kind}\n`);
      const suffix = metric.kind === "histogram" ? "_(bucket|sum|count)" : "";
      const own = new RegExp(`^${name}${suffix}[ {]`);
      const series = text.split("\n").filter((line) => own.test(line));
      // The one that is about a game session.
      const isAbsent = name === "fleetroom_event_loop_delay_seconds";
      expect(series).toHaveLength(isAbsent ? 0 : seriesCount(metric));
      expect(new Set(series.map((line) => line.split(" ")[0])).size).toBe(series.length);
    },
  );

  it("[ME1] is of Prometheus's text format and says so", async () => {
    using world = new PrometheusWorld();
    expect(world.telemetry.contentType).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(await world.telemetry.text()).toMatch(/[^\n]\n$/);
  });

  it("[ME1] has counters at 0 before anything happened", async () => {
    using world = new PrometheusWorld();
    const samples = await world.counted();
    for (const [name, { kind }] of Object.entries(metrics)) {
      if (kind === "gauge") continue;
      for (const [series, value] of samples) {
        if (series.startsWith(name)) expect([series, value]).toEqual([series, 0]);
      }
    }
    const joins = labelled({ transport: "websocket", outcome: "fleet_unavailable" });
    expect(samples.get(`fleetroom_joins_total${joins}`)).toBe(0);
  });

  it("[ME1] tells the versions of fleetroom and of Node", async () => {
    using world = new PrometheusWorld();
    const labels = labelled({ version: VERSION, node: process.version });
    expect((await world.samples()).get(`fleetroom_build_info${labels}`)).toBe(1);
  });

  it("[ME3] has no more series than the limit, were all of them there", () => {
    const all = Object.values<Metric>(metrics).reduce(
      (sum, metric) => sum + seriesCount(metric),
      0,
    );
    expect(all).toBeLessThanOrEqual(PROMETHEUS_LIMITS.seriesMax);
    expect(PROMETHEUS_LIMITS.seriesMax).toBeLessThanOrEqual(500);
  });
});

/** The buckets of a histogram that a value falls in, and the rest of its series. */
function observed(
  name: MetricName,
  seconds: number,
  labels: Readonly<Record<string, string>> = {},
) {
  const bounds = [...((metrics[name] as Metric).buckets ?? []), "+Inf"] as const;
  const isIn = (bound: number | "+Inf") => bound === "+Inf" || seconds <= bound;
  const rest = Object.keys(labels).length === 0 ? "" : labelled(labels);
  return {
    ...Object.fromEntries(
      bounds
        .filter(isIn)
        .map((bound) => [`${name}_bucket${labelled({ le: `${bound}`, ...labels })}`, 1]),
    ),
    [`${name}_sum${rest}`]: seconds,
    [`${name}_count${rest}`]: 1,
  };
}

/** What one event of each kind, as the contract tells it, changes in the text. */
const MOVES: Readonly<Record<EventName, Readonly<Record<string, number>>>> = {
  serverListening: {},
  healthChanged: {},
  serverStopping: {},
  serverStopped: {},
  gameSessionStateChanged: {},
  gameSessionPlaced: {},
  gameSessionStarted: {},
  gameSessionFailed: { 'fleetroom_game_sessions_total{outcome="failed"}': 1 },
  gameSessionEnded: { 'fleetroom_game_sessions_total{outcome="completed"}': 1 },
  // Each has its `joinEnded`.
  joinRefused: {},
  joinEnded: {
    'fleetroom_joins_total{transport="tcp",outcome="joined"}': 1,
    ...observed("fleetroom_join_duration_seconds", 0.0125, { transport: "tcp" }),
  },
  playerJoined: {},
  playerDropped: {},
  playerReconnected: {},
  playerLeft: {},
  playerSessionRemoveFailed: { fleetroom_player_session_removals_failed_total: 1 },
  connectionClosed: { 'fleetroom_connections_closed_total{code="1000"}': 1 },
  requestRefused: { 'fleetroom_requests_refused_total{status="404"}': 1 },
  handshakeFailed: { 'fleetroom_handshakes_failed_total{reason="over_budget"}': 1 },
  certificateLoaded: {},
  certificateRejected: {},
  commandDropped: { 'fleetroom_commands_dropped_total{reason="malformed"}': 1 },
  tickRan: {
    fleetroom_ticks_total: 1,
    fleetroom_commands_received_total: 12,
    ...observed("fleetroom_tick_duration_seconds", 0.0015),
    ...observed("fleetroom_tick_lateness_seconds", 0.0002),
  },
  stepOverran: { fleetroom_tick_overruns_total: 1, fleetroom_ticks_dropped_total: 1 },
  roomFault: { fleetroom_room_faults_total: 1 },
  clientFault: { fleetroom_client_faults_total: 1 },
  resultDelivered: { 'fleetroom_results_total{outcome="delivered"}': 1 },
  resultNotDelivered: { 'fleetroom_results_total{outcome="lost"}': 1 },
  journalTruncated: {},
  journalFailed: { fleetroom_journals_failed_total: 1 },
  fleetCallFailed: { 'fleetroom_fleet_tries_failed_total{action="accept_player_session"}': 1 },
  fleetCallEnded: {
    'fleetroom_fleet_calls_total{action="accept_player_session",outcome="ok"}': 1,
    ...observed("fleetroom_validator_duration_seconds", 0.0075, {
      action: "accept_player_session",
    }),
  },
  fleetReachable: { fleetroom_fleet_reachable: -1 },
  fleetLost: { fleetroom_fleet_reachable: -1 },
  fleetBreakerTurned: {
    'fleetroom_fleet_breaker_open{source="fleet"}': 1,
    'fleetroom_fleet_breaker_openings_total{source="fleet"}': 1,
  },
  backfillStarted: {},
  backfillEnded: { 'fleetroom_backfills_total{outcome="matched"}': 1 },
  backfillGivenUp: {},
  localSessionFileRejected: {},
  vendorMessage: {},
};

describe("an event", () => {
  it.each(eventNames)("[ME2] moves what it should and nothing else: %s", async (event) => {
    using world = new PrometheusWorld();
    const before = await world.counted();
    tell(world.telemetry, event, everyEvent[event]);
    expect(moved(before, await world.counted())).toEqual(MOVES[event]);
  });

  it("[ME2] of a step falls in the bucket whose bound it does not exceed", async () => {
    using world = new PrometheusWorld();
    for (const durationMs of [0, 0.5, 0.501, 1, 500, 501, 1e9, Number.NaN, -1]) {
      world.telemetry.tickRan({ durationMs, lateMs: -1e-9, intervalMs: 50, commands: 0 });
    }
    const samples = await world.counted();
    const bucket = (le: string) =>
      samples.get(`fleetroom_tick_duration_seconds_bucket{le="${le}"}`);
    expect(["0.0005", "0.001", "0.133", "0.5", "+Inf"].map(bucket)).toEqual([2, 4, 4, 5, 7]);
    // Rounding made it early.
    expect(samples.get('fleetroom_tick_lateness_seconds_bucket{le="0.0005"}')).toBe(9);
    expect(samples.get("fleetroom_tick_lateness_seconds_sum")).toBe(0);
  });

  it("[ME2] of a join that led to no seat has no duration", async () => {
    using world = new PrometheusWorld();
    const before = await world.counted();
    world.telemetry.joinEnded({ ...everyEvent.joinEnded, outcome: "full" });
    const series = 'fleetroom_joins_total{transport="tcp",outcome="full"}';
    expect(moved(before, await world.counted())).toEqual({ [series]: 1 });
  });

  it.each(FLEET_CALLS)("[ME2] of a call to the fleet is counted: %s", async (action) => {
    using world = new PrometheusWorld();
    const series = (outcome: string) =>
      `fleetroom_fleet_calls_total${labelled({ action, outcome })}`;
    for (const outcome of FLEET_CALL_OUTCOMES) {
      world.telemetry.fleetCallEnded({ action, outcome, durationMs: 1 });
      expect((await world.counted()).get(series(outcome))).toBe(1);
    }
  });

  it("[ME2] of a fleet that can be reached counts when it could not be before", async () => {
    using world = new PrometheusWorld();
    for (const isReachable of [true, false, false, true, true, false, true]) {
      world.telemetry.fleetReachable({ isReachable });
    }
    const samples = await world.counted();
    expect(samples.get("fleetroom_fleet_reconnects_total")).toBe(2);
    expect(samples.get("fleetroom_fleet_reachable")).toBe(1);
  });

  it("[ME2] of a breaker holds until it turns back or its game session ends", async () => {
    using world = new PrometheusWorld();
    const open = async () => [
      (await world.counted()).get('fleetroom_fleet_breaker_open{source="fleet"}'),
      (await world.counted()).get('fleetroom_fleet_breaker_open{source="second_opinion"}'),
    ];
    world.telemetry.fleetBreakerTurned({ isOpen: true, source: "fleet" });
    world.telemetry.fleetBreakerTurned({ isOpen: true, source: "second_opinion" });
    world.telemetry.fleetBreakerTurned({ isOpen: false, source: "fleet" });
    expect(await open()).toEqual([0, 1]);
    world.telemetry.gameSessionEnded(everyEvent.gameSessionEnded);
    expect(await open()).toEqual([0, 0]);
  });
});

describe("readings", () => {
  it("[ME4] are taken once for each text and never between", async () => {
    using world = new PrometheusWorld();
    for (const event of eventNames) tell(world.telemetry, event, everyEvent[event]);
    expect(world.asked).toEqual({ readings: 0, logs: 0 });
    await world.telemetry.text();
    expect(world.asked).toEqual({ readings: 1, logs: 1 });
  });

  it("[ME4] show how the server stands", async () => {
    using world = new PrometheusWorld();
    const before = await world.counted();
    world.reading = BUSY;
    world.logs = LOGS;
    const dropped = (sink: string, reason: string) =>
      `fleetroom_log_lines_dropped_total{sink="${sink}",reason="${reason}"}`;
    expect(moved(before, await world.counted())).toEqual({
      'fleetroom_connections{state="strangers"}': 3,
      'fleetroom_connections{state="clients"}': 21,
      fleetroom_received_bytes_total: 1_001,
      fleetroom_received_frames_total: 102,
      fleetroom_sent_bytes_total: 50_003,
      fleetroom_sent_frames_total: 504,
      fleetroom_send_queue_bytes: 7_001,
      fleetroom_send_queue_largest_bytes: 4_096,
      fleetroom_players: 22,
      fleetroom_seats: 32,
      'fleetroom_game_session_state{state="idle"}': -1,
      'fleetroom_game_session_state{state="over"}': 1,
      fleetroom_draining: 1,
      fleetroom_healthy: -1,
      'fleetroom_health_part_ok{part="ticks"}': -1,
      'fleetroom_health_part_ok{part="eventLoop"}': -1,
      'fleetroom_health_part_ok{part="match"}': -1,
      fleetroom_tick_rate_target_hertz: 20,
      fleetroom_commands_queued: 11,
      fleetroom_slow_clients: 5,
      fleetroom_snapshot_groups: 6,
      fleetroom_snapshot_waiting_clients: 7,
      fleetroom_snapshot_keyframes_total: 8,
      fleetroom_snapshot_own_messages_total: 9,
      fleetroom_snapshot_bytes_total: 10,
      'fleetroom_log_lines_total{sink="file"}': 31,
      'fleetroom_log_lines_total{sink="stdout"}': 37,
      [dropped("file", "full")]: 4,
      [dropped("file", "disk")]: 5,
      [dropped("file", "gone")]: 6,
      [dropped("stdout", "full")]: 7,
      [dropped("stdout", "disk")]: 8,
      [dropped("stdout", "gone")]: 9,
    });
  });

  it("[ME4] of sums that are as they were move nothing, and gauges fall again", async () => {
    using world = new PrometheusWorld();
    const before = await world.counted();
    world.reading = BUSY;
    await world.counted();
    world.reading = { ...IDLE, traffic: { ...BUSY.traffic, sentFrames: 510 } };
    expect(moved(before, await world.counted())).toEqual({
      fleetroom_received_bytes_total: 1_001,
      fleetroom_received_frames_total: 102,
      fleetroom_sent_bytes_total: 50_003,
      fleetroom_sent_frames_total: 510,
      fleetroom_snapshot_keyframes_total: 8,
      fleetroom_snapshot_own_messages_total: 9,
      fleetroom_snapshot_bytes_total: 10,
    });
  });
});
