import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Metric } from "../../../../server/telemetry/catalogue/metric.ts";
import { metrics } from "../../../../server/telemetry/catalogue/metrics.ts";
import type { JoinOutcome } from "../../../../server/telemetry/telemetry.ts";
import {
  describeTelemetryContract,
  eventNames,
  everyEvent,
  tell,
} from "../../../contract/telemetry-contract.ts";
import { EmfWorld } from "./emf-world.ts";

describeTelemetryContract("EmfTelemetry", () => new EmfWorld().placed().telemetry);

const DURATION = "fleetroom_tick_duration_seconds";

function joined(world: EmfWorld, outcome: JoinOutcome, durationMs: number): void {
  world.telemetry.joinEnded({ ...everyEvent.joinEnded, outcome, durationMs });
}

describe("EmfTelemetry", () => {
  it("[MF1] writes a line each minute while a game session is here, and one at its end", () => {
    const world = new EmfWorld();
    world.clock.advance(600_000);
    expect([world.lines, world.clock.pendingTimers]).toEqual([[], 0]);
    world.placed().ticks([1]).clock.advance(59_999);
    expect(world.lines).toEqual([]);
    world.clock.advance(1);
    expect(world.records[0]?.[DURATION]).toEqual([0.001]);
    world.ticks([2]).clock.advance(60_000);
    world.ticks([3]).clock.advance(1_000);
    world.ended();
    expect(world.records.map((record) => record[DURATION])).toEqual([[0.001], [0.002], [0.003]]);
    expect([world.clock.pendingTimers, world.problems]).toEqual([0, []]);
  });

  it("[MF1] writes nothing for a minute in which nothing happened", () => {
    const world = new EmfWorld().placed();
    world.clock.advance(180_000);
    world.ended();
    expect(world.lines).toEqual([]);
  });

  it("[MF1] writes what is left when the server stops, and nothing after", async () => {
    const world = new EmfWorld().placed().ticks([1]);
    world.telemetry.serverStopped({ exitCode: 0 });
    world.placed().ticks([2]);
    await world.telemetry.close();
    world.clock.advance(600_000);
    expect([world.lines.length, world.clock.pendingTimers]).toEqual([1, 0]);
  });

  it("[MF1] keeps one game session's figures out of the next one's", () => {
    const world = new EmfWorld().placed("one").ticks([1]).placed("two").ticks([2]).ended();
    expect(world.records.map((record) => [record["gameSessionId"], record[DURATION]])).toEqual([
      ["one", [0.001]],
      ["two", [0.002]],
    ]);
  });

  it("[MF1] survives a way out that throws, and goes on", () => {
    let written = 0;
    const write = () => {
      written++;
      throw new Error("broken promise");
    };
    const world = new EmfWorld({ out: { write } }).placed().ticks([1]);
    world.clock.advance(60_000);
    world.ticks([1]).clock.advance(60_000);
    expect(written).toBe(2);
  });

  it("[MF2] carries every metric that the catalogue sends this way, in its unit", () => {
    const world = new EmfWorld().placed().ticks([12.5], 0.25);
    joined(world, "joined", 30);
    world.telemetry.fleetCallEnded(everyEvent.fleetCallEnded);
    world.ended();
    const [record] = world.records;
    const wanted = Object.entries(metrics).filter(
      ([, metric]: [string, Metric]) => metric.cloudwatch === "emf",
    );
    const [directive] = record?._aws.CloudWatchMetrics ?? [];
    expect(directive?.Metrics).toEqual(
      wanted.map(([name, metric]) => ({ Name: name, Unit: metric.unit })),
    );
    expect(directive?.Namespace).toBe("fleetroom");
    expect(record).toMatchObject({
      fleetroom_tick_duration_seconds: [0.0125],
      fleetroom_tick_lateness_seconds: [0.00025],
      fleetroom_join_duration_seconds: [0.03],
      fleetroom_validator_duration_seconds: [0.0075],
    });
    expect(world.problems).toEqual([]);
  });

  it("[MF2] times joins that led somewhere and calls about player sessions, no others", () => {
    const world = new EmfWorld().placed();
    joined(world, "joined", 1);
    joined(world, "returned", 2);
    joined(world, "reserved", 3);
    joined(world, "unknown", 4);
    for (const action of ["ask_second_opinion", "heartbeat", "accept_player_session"] as const) {
      world.telemetry.fleetCallEnded({ ...everyEvent.fleetCallEnded, action });
    }
    world.ended();
    expect(world.records[0]).toMatchObject({
      fleetroom_join_duration_seconds: [0.001, 0.002, 0.003],
      fleetroom_validator_duration_seconds: [0.0075, 0.0075],
    });
  });

  it.each([
    ["fleet-1", "us-west-2", [["FleetId", "Location"], ["FleetId"]]],
    ["fleet-1", "", [["FleetId"]]],
    ["", "us-west-2", [[]]],
    ["", "", [[]]],
    ["f".repeat(2_000), "us-west-2", [[]]],
  ])("[MF3] of fleet '%.8s' at '%s' has the dimensions %j", (fleetId, location, sets) => {
    const world = new EmfWorld({ fleetId, location }).placed().ticks([1]).ended();
    expect(world.records[0]?._aws.CloudWatchMetrics[0]?.Dimensions).toEqual(sets);
    expect(world.problems).toEqual([]);
    for (const key of sets.flat()) {
      expect(world.records[0]?.[key]).toBe(key === "FleetId" ? fleetId : location);
    }
  });

  it("[MF3] has ids beside the metrics, and the log group that it was given", () => {
    const world = new EmfWorld({ logGroupName: "/fleetroom/emf", namespace: "other" });
    world.placed("arn:aws:gamelift:::one").ticks([1]).ended();
    const [record] = world.records;
    expect(record).toMatchObject({
      computeId: "compute-1",
      processId: "process-1",
      pid: "4711",
      gameSessionId: "arn:aws:gamelift:::one",
    });
    expect(record?._aws).toMatchObject({
      LogGroupName: "/fleetroom/emf",
      Timestamp: world.clock.wallMs(),
      CloudWatchMetrics: [{ Namespace: "other" }],
    });
    expect(new EmfWorld().placed().ticks([1]).ended().lines[0]).not.toContain("LogGroupName");
  });

  it("[MF4] has at most a hundred values, whose percentiles are the window's within a rank of 1 %", () => {
    const durations = fc.array(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), {
      minLength: 1,
      maxLength: 1_500,
    });
    fc.assert(
      fc.property(durations, (given) => {
        const world = new EmfWorld().placed().ticks(given).ended();
        const values = world.records[0]?.[DURATION] as number[];
        const sorted = given.map((ms) => ms / 1_000).sort((a, b) => a - b);
        expect(world.problems).toEqual([]);
        expect(values).toHaveLength(Math.min(100, given.length));
        expect(values.at(-1)).toBeCloseTo(sorted.at(-1) ?? 0, 3);
        for (const share of [0.5, 0.9, 0.99, 1]) {
          const found = values[Math.ceil(share * values.length) - 1] ?? Number.NaN;
          const rank = (at: number) =>
            sorted[Math.min(sorted.length, Math.max(1, Math.ceil(at * sorted.length))) - 1] ?? 0;
          // Five digits are kept of a value.
          expect(found).toBeGreaterThanOrEqual(rank(share - 0.01) * 0.999_9);
          expect(found).toBeLessThanOrEqual(rank(share + 0.01) * 1.000_1);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("[MF4] takes more steps than there is room for, and still has the longest", () => {
    const world = new EmfWorld({ random: () => 0.999_999 }).placed();
    world.ticks(Array.from({ length: 8_000 }, (_, index) => index % 100));
    world.ticks([500]).ended();
    const values = world.records[0]?.[DURATION] as number[];
    expect(values).toHaveLength(100);
    expect([values[49], values.at(-1)]).toEqual([0.049, 0.5]);
    expect(world.lines[0]?.length).toBeLessThan(4_000);
  });

  it("[MF5] puts nothing of a player into a line, whatever events carry", () => {
    const world = new EmfWorld().placed();
    const canary = "psess-01234567-89ab-cdef-0123-456789abcdef";
    for (const event of eventNames) {
      if (["gameSessionPlaced", "gameSessionEnded", "serverStopped"].includes(event)) continue;
      const info = Object.fromEntries(
        Object.entries(everyEvent[event]).map(([key, value]) => [
          key,
          typeof value === "string" && key !== "outcome" ? canary : value,
        ]),
      );
      tell(world.telemetry, event, info);
    }
    world.ended();
    expect(world.lines).toHaveLength(1);
    expect(world.lines[0]).not.toMatch(/psess|0a1b2c3d|player-1/);
  });
});
