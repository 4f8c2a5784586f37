import { describe, expect, it } from "vitest";
import { RefusalReason } from "../../../../server/telemetry/telemetry.ts";
import {
  eventNames,
  everyEvent,
  hostileValues,
  tell,
} from "../../../contract/telemetry-contract.ts";
import { moved, PrometheusWorld } from "./prometheus-world.ts";

const MADE_UP = ["delete_fleet", "", "\n", "tcp\njoined", "__proto__", "constructor", "other "];
const WRONG = [...MADE_UP, -1, 0.5, 4_999, 1e21, Number.NaN, null, undefined, {}, ["tcp"], 7n];
/** Every field of an event that is, or could be taken for, a label. */
const FIELDS = ["action", "closeCode", "outcome", "reason", "source", "status", "transport"];
const AMOUNTS = ["commands", "droppedTicks", "durationMs", "lateMs"];

describe("no event", () => {
  it("[ME3] makes a series or takes one away, whatever it carries", async () => {
    using world = new PrometheusWorld();
    const before = await world.counted();
    for (const event of eventNames) {
      for (const value of hostileValues()) tell(world.telemetry, event, value);
      for (const wrong of WRONG) {
        for (const field of [...FIELDS, ...AMOUNTS]) {
          tell(world.telemetry, event, { ...everyEvent[event], [field]: wrong });
        }
        const all = Object.fromEntries(FIELDS.map((field) => [field, wrong]));
        tell(world.telemetry, event, { ...everyEvent[event], ...all });
      }
    }
    const after = await world.counted();
    expect([...after.keys()]).toEqual([...before.keys()]);
    expect([...after.values()].filter((value) => !Number.isFinite(value))).toEqual([]);
    expect([...after.values()].filter((value) => value < 0)).toEqual([]);
  });

  it.each([
    ["connectionClosed", "closeCode", 'fleetroom_connections_closed_total{code="other"}'],
    ["requestRefused", "status", 'fleetroom_requests_refused_total{status="other"}'],
  ] as const)("[ME3] goes uncounted where the set has other: %s", async (event, field, series) => {
    using world = new PrometheusWorld();
    const before = await world.counted();
    for (const wrong of WRONG) tell(world.telemetry, event, { [field]: wrong });
    expect(moved(before, await world.counted())).toEqual({ [series]: WRONG.length });
  });

  it.each([
    ["joinEnded", ["transport", "outcome"]],
    ["fleetCallEnded", ["action", "outcome"]],
    ["fleetCallFailed", ["action"]],
    ["fleetBreakerTurned", ["source"]],
    ["handshakeFailed", ["reason"]],
    ["commandDropped", ["reason"]],
    ["backfillEnded", ["outcome"]],
  ] as const)("[ME3] counts where the set has no such value: %s", async (event, fields) => {
    using world = new PrometheusWorld();
    const before = await world.counted();
    for (const field of fields) {
      for (const wrong of WRONG) {
        // The amount is none either: a call with no known outcome has taken its time all the same.
        const info = { ...everyEvent[event], durationMs: Number.NaN, [field]: wrong };
        tell(world.telemetry, event, info);
      }
    }
    expect(moved(before, await world.counted())).toEqual({});
  });

  it.each([
    ["commands", "tickRan", "fleetroom_commands_received_total"],
    ["droppedTicks", "stepOverran", "fleetroom_ticks_dropped_total"],
    ["durationMs", "tickRan", "fleetroom_tick_duration_seconds_sum"],
    ["lateMs", "tickRan", "fleetroom_tick_lateness_seconds_sum"],
    ["durationMs", "joinEnded", 'fleetroom_join_duration_seconds_sum{transport="tcp"}'],
  ] as const)("[ME3] counts an amount that is none: %s of %s", async (field, event, series) => {
    using world = new PrometheusWorld();
    for (const wrong of [undefined, Number.NaN, Number.POSITIVE_INFINITY, -5, 7n, {}]) {
      tell(world.telemetry, event, { ...everyEvent[event], [field]: wrong });
    }
    expect((await world.counted()).get(series)).toBe(0);
    tell(world.telemetry, event, { ...everyEvent[event], [field]: 3 });
    expect((await world.counted()).get(series)).toBeGreaterThan(0);
  });
});

it("[ME3] 10,000 refused joins and 1,000 players in and out leave the series as they are", async () => {
  using world = new PrometheusWorld();
  const { telemetry } = world;
  const before = await world.counted();
  const reasons = Object.values(RefusalReason);
  const transports = ["tcp", "websocket", "http"] as const;
  for (let number = 0; number < 10_000; number++) {
    const reason = reasons[number % reasons.length] ?? "unknown";
    const transport = transports[number % 3] ?? "tcp";
    const remoteAddress = `10.0.${number >> 8}.${number & 255}`;
    const playerSessionHash = number.toString(16).padStart(8, "0");
    telemetry.joinRefused({ reason, connectionId: number, remoteAddress, playerSessionHash });
    const end = { connectionId: number, transport, durationMs: number / 100, traceParent: "" };
    telemetry.joinEnded({ ...end, outcome: reason });
    telemetry.connectionClosed({ connectionId: number, closeCode: 4_400 + (number % 600) });
  }
  for (let number = 0; number < 1_000; number++) {
    const seat = { ...everyEvent.playerLeft, playerId: `player-${number}` };
    const connectionId = 20_000 + number;
    telemetry.joinEnded({ ...everyEvent.joinEnded, connectionId });
    telemetry.playerJoined({ ...seat, connectionId, isTakeover: false });
    telemetry.playerLeft(seat);
    telemetry.connectionClosed({ connectionId, closeCode: 4_000 });
  }
  const after = await world.counted();
  expect([...after.keys()]).toEqual([...before.keys()]);
  expect(after.size).toBeLessThanOrEqual(500);
  const sum = (name: string) =>
    [...after].reduce((total, [series, value]) => total + (series.startsWith(name) ? value : 0), 0);
  expect(sum("fleetroom_joins_total")).toBe(11_000);
  expect(sum("fleetroom_connections_closed_total")).toBe(11_000);
});
