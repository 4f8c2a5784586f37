import { describe, expect, test } from "vitest";
import { TIMING_LIMITS } from "../../../client/limits.ts";
import { CorrectionMeter } from "../../../client/timing/feel-meter.ts";
import { PingMeter } from "../../../client/timing/ping-meter.ts";
import { RecentNumbers } from "../../../client/timing/recent-numbers.ts";

describe("measures", () => {
  test("[FE9] a ping is asked for once its predecessor is answered, else one answer would count for two", () => {
    const pings = new PingMeter();
    expect(pings.mayAsk(0)).toBe(true);
    expect(pings.pingMs(5)).toBeUndefined();
    expect(pings.mayAsk(1_000)).toBe(false);
    pings.answered(1_200);
    expect(pings.pingMs(1_300)).toBe(1_200);
    expect(pings.mayAsk(2_000)).toBe(true);
  });

  test("[FE9] a ping that waits for longer than the last one took is told by how long it waits", () => {
    const pings = new PingMeter();
    pings.mayAsk(0);
    pings.answered(80);
    pings.mayAsk(1_000);
    expect(pings.pingMs(1_050)).toBe(80);
    expect(pings.pingMs(1_500)).toBe(500);
  });

  test("[FE9] a ping that was lost with its connection is forgotten", () => {
    const pings = new PingMeter();
    pings.mayAsk(0);
    pings.lost();
    pings.answered(9_000);
    expect(pings.pingMs(9_000)).toBeUndefined();
    expect(pings.mayAsk(9_000)).toBe(true);
  });

  test("[FE9] corrections are told of the last ten seconds", () => {
    const meter = new CorrectionMeter();
    for (let at = 0; at < 100; at++) meter.add(at === 50 ? 2 : 0.1, at * 100);
    expect(meter.quantile(0.5, 9_900)).toBe(0.1);
    expect(meter.quantile(0.99, 9_900)).toBe(2);
    expect(meter.quantile(0.99, 15_100)).toBe(0.1);
    expect(meter.quantile(0.5, 30_000)).toBeUndefined();
  });

  test("[FE9] numbers are kept for a bounded time and in bounded number", () => {
    const numbers = new RecentNumbers(1_000, 4);
    for (const value of [5, 1, 4, 2, 3]) numbers.add(value, 0);
    expect(numbers.count).toBe(4);
    expect([0, 0.25, 0.5, 1].map((share) => numbers.quantile(share))).toEqual([1, 2, 3, 4]);
    numbers.add(9, 1_001);
    expect(numbers.count).toBe(1);
    expect(TIMING_LIMITS.measuredMax).toBeGreaterThanOrEqual(128 * 10);
  });
});
