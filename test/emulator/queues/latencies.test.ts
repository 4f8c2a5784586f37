import { describe, expect, it } from "vitest";
import { Latencies, latencyCapAt } from "../../../emulator/queues/latencies.ts";
import { latencies } from "./queue-world.ts";

const same = (ms: number) => ms;
const policy = (maximumMs: number, durationSeconds?: number) => ({ maximumMs, durationSeconds });

describe("latency policies", () => {
  it("[EQ6] hold one after the other, the lowest maximum first, each for its duration", () => {
    const policies = [policy(200), policy(50, 120), policy(100, 60)];
    const at = (seconds: number) => latencyCapAt(seconds * 1_000, policies, same);
    expect(at(0)).toEqual({ maximumMs: 50, untilMs: 120_000 });
    expect(at(119.999)).toEqual({ maximumMs: 50, untilMs: 120_000 });
    expect(at(120)).toEqual({ maximumMs: 100, untilMs: 180_000 });
    expect(at(180)).toEqual({ maximumMs: 200, untilMs: undefined });
    expect(at(100_000)).toEqual({ maximumMs: 200, untilMs: undefined });
  });

  it("[EQ6] hold no longer than they say, and for ever when they say nothing", () => {
    const none = { maximumMs: Number.POSITIVE_INFINITY, untilMs: undefined };
    expect(latencyCapAt(10_000, [policy(50, 10)], same)).toEqual(none);
    expect(latencyCapAt(0, [], same)).toEqual(none);
    const never = [policy(50), policy(100, 10)];
    expect(latencyCapAt(1e9, never, same)).toEqual({ maximumMs: 50, untilMs: undefined });
  });

  it("[EQ6] last as long as the scaled time, whatever that is rounded to", () => {
    const scaled = (ms: number) => ms / 7;
    const policies = [policy(50, 1), policy(100, 1)];
    const { untilMs = 0 } = latencyCapAt(0, policies, scaled);
    expect(untilMs).toBe(1_000 / 7);
    expect(latencyCapAt(untilMs, policies, scaled).maximumMs).toBe(100);
    expect(latencyCapAt(untilMs - 1e-9, policies, scaled).maximumMs).toBe(100);
  });
});

describe("latencies", () => {
  it("[EQ5] are averaged over the players, and a missing one is infinitely high", () => {
    const told = new Latencies(latencies({ ann: { here: 10, there: 1 }, bob: { here: 40 } }));
    expect([told.averageMs("here"), told.highestMs("here")]).toEqual([25, 40]);
    for (const place of ["there", "nowhere"]) {
      expect(told.averageMs(place)).toBe(Number.POSITIVE_INFINITY);
      expect(told.highestMs(place)).toBe(Number.POSITIVE_INFINITY);
    }
  });

  it("[EQ5] that were told twice count with the later value", () => {
    const told = new Latencies([
      { playerId: "ann", location: "here", latencyMs: 10 },
      { playerId: "ann", location: "here", latencyMs: 30 },
    ]);
    expect(told.averageMs("here")).toBe(30);
    expect(told.isEmpty).toBe(false);
    expect(new Latencies([]).isEmpty).toBe(true);
  });
});
