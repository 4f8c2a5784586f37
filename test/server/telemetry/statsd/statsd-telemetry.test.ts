import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Metric } from "../../../../server/telemetry/catalogue/metric.ts";
import { metrics } from "../../../../server/telemetry/catalogue/metrics.ts";
import { percentileOf } from "../../../../server/telemetry/statsd/statsd-telemetry.ts";
import {
  describeTelemetryContract,
  eventNames,
  everyEvent,
  tell,
} from "../../../contract/telemetry-contract.ts";
import { ARN, readingOf, StatsdWorld } from "./statsd-world.ts";

describeTelemetryContract("StatsdTelemetry", () => new StatsdWorld().listening().telemetry);

const SESSION = { gameSessionId: ARN, state: "active", seatsHeld: 3, seatsMax: 200 } as const;

describe("StatsdTelemetry", () => {
  it("[SX1] sends all of GameLift's metrics, each with its type", () => {
    const world = new StatsdWorld().listening().placed().ticks([1]);
    world.metrics();
    world.ticks([1]).clock.advance(10_000);
    const types = Object.fromEntries(world.metrics().map(({ name, type }) => [name, type]));
    expect(types).toEqual({
      server_up: "g",
      server_players: "g",
      server_max_players: "g",
      server_connections: "g",
      server_bytes_in: "c",
      server_bytes_out: "c",
      server_packets_in: "c",
      server_packets_out: "c",
      server_packets_in_lost: "c",
      server_packets_out_lost: "c",
      server_tick_time: "ms",
      "server_tick_time.p50": "ms",
      "server_tick_time.p90": "ms",
      "server_tick_time.p95": "ms",
      server_delta_time: "ms",
      "server_delta_time.p50": "ms",
      "server_delta_time.p90": "ms",
      "server_delta_time.p95": "ms",
      server_mem_physical_total: "g",
      server_mem_physical_available: "g",
      server_mem_physical_used: "g",
    });
    const listed = Object.values(metrics).map((metric: Metric) => metric.statsd);
    expect(Object.keys(types)).toEqual(
      expect.arrayContaining(listed.filter((each) => each !== undefined)),
    );
  });

  it("[SX1] sends nothing before the server listens, then at each flush, and that it is down at the stop", () => {
    const world = new StatsdWorld();
    world.clock.advance(60_000);
    expect(world.packets).toEqual([]);
    world.listening().clock.advance(9_999);
    expect(world.packets).toEqual([]);
    world.clock.advance(1);
    expect(world.values()["server_up"]).toBe(1);
    world.clock.advance(30_000);
    expect(world.metrics().filter(({ name }) => name === "server_up")).toHaveLength(3);
    world.telemetry.serverStopped({ exitCode: 0 });
    expect(world.values()).toMatchObject({
      server_up: 0,
      server_players: 0,
      server_max_players: 0,
    });
    expect([world.clock.pendingTimers, world.isSenderClosed]).toEqual([0, true]);
    world.telemetry.close();
    world.clock.advance(60_000);
    expect(world.metrics()).toEqual([]);
  });

  it("[SX1] says that it is down also when there is nothing left to read", () => {
    const world = new StatsdWorld().listening();
    world.readings = () => {
      throw new Error("closed");
    };
    world.telemetry.serverStopped({ exitCode: 0 });
    expect(world.metrics().map(({ name, value }) => [name, value])).toEqual([["server_up", 0]]);
  });

  it("[SX1] survives a sender that throws, and goes on", () => {
    let sent = 0;
    const send = () => {
      sent++;
      throw new Error("broken promise");
    };
    const world = new StatsdWorld({ sender: { send, close() {} } }).listening();
    expect(() => world.clock.advance(20_000)).not.toThrow();
    expect(sent).toBe(2);
  });

  it("[SX2] tells how things stand, and of traffic what came since it told last", () => {
    const world = new StatsdWorld().listening();
    const reading = (receivedBytes: number, sentFrames: number, seatsHeld: number) =>
      readingOf({
        traffic: { receivedBytes, receivedFrames: 7, sentBytes: 90, sentFrames },
        gameSession: { ...SESSION, seatsHeld },
      });
    world.readings = () => reading(1_000, 10, 3);
    world.clock.advance(10_000);
    expect(world.values()).toMatchObject({
      server_players: 3,
      server_max_players: 200,
      server_connections: 5,
      server_bytes_in: 1_000,
      server_bytes_out: 90,
      server_packets_in: 7,
      server_packets_out: 10,
      server_packets_in_lost: 0,
      server_packets_out_lost: 0,
      server_mem_physical_total: 8e9,
      server_mem_physical_available: 6e9,
      server_mem_physical_used: 1e8,
    });
    world.readings = () => reading(1_500, 30, 4);
    world.clock.advance(10_000);
    expect(world.values()).toMatchObject({
      server_players: 4,
      server_bytes_in: 500,
      server_packets_in: 0,
      server_packets_out: 20,
    });
  });

  it("[SX2] has no players and no seats without a game session", () => {
    const world = new StatsdWorld().listening();
    world.readings = () => readingOf({ gameSession: undefined });
    world.clock.advance(10_000);
    expect(world.values()).toMatchObject({ server_players: 0, server_max_players: 0 });
  });

  it("[SX3] gives the mean and percentiles of the steps since the flush before", () => {
    const world = new StatsdWorld().listening();
    world.ticks([99, 99, 99]).clock.advance(10_000);
    world.metrics();
    const durations = Array.from({ length: 101 }, (_, index) => (index * 37) % 101);
    world.ticks(durations).clock.advance(10_000);
    expect(world.values()).toMatchObject({
      server_tick_time: 50,
      "server_tick_time.p50": 50,
      "server_tick_time.p90": 90,
      "server_tick_time.p95": 95,
      server_delta_time: 50,
    });
  });

  it("[SX3] gives no times where no step was made, and none before the first", () => {
    const world = new StatsdWorld().listening();
    world.clock.advance(10_000);
    expect(Object.keys(world.values()).filter((name) => name.includes("_time"))).toEqual([]);
    world.ticks([2], 0).clock.advance(10_000);
    const names = Object.keys(world.values());
    expect(names).toContain("server_tick_time");
    expect(names).not.toContain("server_delta_time");
  });

  it("[SX3] finds between two neighbours what lies between them in proportion", () => {
    const values = fc.array(fc.double({ min: 0, max: 1e3, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (given, share) => {
        const sorted = Float64Array.from(given).sort();
        const found = percentileOf(sorted, share);
        const place = share * (sorted.length - 1);
        const [below = 0, above = 0] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
        expect(found).toBeGreaterThanOrEqual(below - 1e-9);
        expect(found).toBeLessThanOrEqual(above + 1e-9);
      }),
    );
    expect(percentileOf(Float64Array.of(10, 20), 0.9)).toBe(19);
    expect(percentileOf(Float64Array.of(7), 0.5)).toBe(7);
  });

  it("[SX4] names the process, and the game session from its placement to its end", () => {
    const world = new StatsdWorld().listening();
    const tagsOf = () => world.metrics().map(({ tags }) => tags);
    const own = { process_pid: "4711", gamelift_process_id: "process-1" };
    world.clock.advance(10_000);
    for (const tags of tagsOf()) expect(tags).toEqual(own);
    world.placed();
    tagsOf();
    world.clock.advance(10_000);
    const during = tagsOf();
    expect(during.length).toBeGreaterThan(10);
    for (const tags of during) expect(tags).toEqual({ ...own, session_id: ARN });
    world.telemetry.gameSessionEnded({ ...everyEvent.gameSessionEnded, gameSessionId: ARN });
    tagsOf();
    world.clock.advance(10_000);
    for (const tags of tagsOf()) expect(tags).toEqual(own);
  });

  it("[SX4] ends a series at 0 with its last steps when another one follows it, which begins at once", () => {
    const world = new StatsdWorld().listening();
    const ups = () => {
      const told = world.metrics().filter(({ name }) => name === "server_up");
      return told.map(({ value, tags }) => [value, tags["session_id"]]);
    };
    world.placed();
    expect(ups()).toEqual([
      [0, undefined],
      [1, ARN],
    ]);
    world.ticks([4]).telemetry.gameSessionEnded(everyEvent.gameSessionEnded);
    const told = world.metrics();
    const last = told.filter(({ tags }) => tags["session_id"] === ARN);
    const values = Object.fromEntries(last.map(({ name, value }) => [name, value]));
    expect(values).toMatchObject({ server_up: 0, server_players: 0, server_tick_time: 4 });
    // The machine keeps its memory.
    expect(values).not.toHaveProperty("server_mem_physical_total");
    const next = told.slice(last.length);
    expect(next[0]).toMatchObject({ name: "server_up", value: 1 });
    expect(next.map(({ name }) => name)).not.toContain("server_tick_time");
  });

  it("[SX4] leaves out the process id that it does not have", () => {
    const world = new StatsdWorld({ gameLiftProcessId: "" }).listening();
    world.clock.advance(10_000);
    expect(world.metrics()[0]?.tags).toEqual({ process_pid: "4711" });
  });

  it("[SX5] gives the agent no ids, and gauges as values of which it keeps a distribution", () => {
    const agentTags = { FleetId: "fleet-1", Location: "eu-west-1" };
    const world = new StatsdWorld({ collector: "agent", agentTags }).listening().placed();
    world.clock.advance(10_000);
    world.telemetry.gameSessionEnded(everyEvent.gameSessionEnded);
    const told = world.metrics();
    expect(told.map(({ tags }) => tags)).toEqual(told.map(() => agentTags));
    const unknown = new StatsdWorld({ collector: "agent" }).listening();
    unknown.clock.advance(10_000);
    expect(unknown.metrics()[0]?.tags).toEqual({});
    expect(told.filter(({ name }) => name === "server_up")).toMatchObject([
      { value: 1, type: "h" },
    ]);
    expect(new Set(told.map(({ type }) => type))).toEqual(new Set(["h", "c"]));
  });

  it("[SX6] fills packets as far as lines fit, and tells once of lines that never fit", () => {
    const world = new StatsdWorld().listening().placed();
    world.clock.advance(10_000);
    expect(world.packets.every((packet) => packet.length <= 512)).toBe(true);
    expect([world.telemetry.leftOutLines, world.said]).toEqual([0, []]);
    const narrow = new StatsdWorld({ packetBytesMax: 100 }).listening().placed();
    narrow.metrics();
    narrow.clock.advance(20_000);
    expect(narrow.metrics()).toEqual([]);
    expect(narrow.telemetry.leftOutLines).toBe(39);
    expect(narrow.said).toEqual([expect.stringContaining("GAMELIFT_MAX_PACKET_SIZE")]);
    expect(narrow.said[0]).not.toContain(ARN);
  });

  it("[SX14] puts nothing but numbers, names and its own ids into packets, whatever events carry", () => {
    const world = new StatsdWorld().listening().placed();
    const canary = "psess-01234567-89ab-cdef-0123-456789abcdef";
    for (const event of eventNames) {
      if (event === "gameSessionPlaced" || event === "serverStopped") continue;
      const info = Object.fromEntries(
        Object.entries(everyEvent[event]).map(([key, value]) => [
          key,
          typeof value === "string" ? canary : value,
        ]),
      );
      tell(world.telemetry, event, info);
    }
    world.clock.advance(10_000);
    world.telemetry.close();
    expect(world.packets.length).toBeGreaterThan(2);
    expect(Buffer.concat(world.packets).toString()).not.toContain("psess");
    expect(Buffer.concat(world.packets).toString()).not.toContain("0a1b2c3d");
  });
});
