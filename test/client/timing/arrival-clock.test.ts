import { describe, expect, test } from "vitest";
import { TIMING_LIMITS } from "../../../client/limits.ts";
import { ArrivalClock } from "../../../client/timing/arrival-clock.ts";
import { createRandom, nextBetween } from "../../../rooms/kernel/random.ts";

const TICK_RATE_HZ = 50;
const TICK_MS = 20;
/** Of the local clock against the server's. */
const OFFSET_MS = 123_456;

/** So many ticks that arrive after `wayMs` each, in order. */
function arrive(
  clock: ArrivalClock,
  ticks: { from: number; to: number; every?: number },
  wayMs: (tick: number) => number,
): void {
  let lastMs = 0;
  for (let tick = ticks.from; tick <= ticks.to; tick += ticks.every ?? 1) {
    lastMs = Math.max(lastMs, OFFSET_MS + tick * TICK_MS + wayMs(tick));
    clock.arrived(tick, lastMs);
  }
}

describe("arrival clock", () => {
  test("[FE2] knows the tick by the arrivals with the quickest way, and how much later nearly all others are", () => {
    const random = createRandom(5);
    const clock = new ArrivalClock(TICK_RATE_HZ);
    arrive(clock, { from: 0, to: 300 }, () => nextBetween(random, 40, 70));
    const quickestMs = OFFSET_MS + 1_000 * TICK_MS + 40;
    // Order holds the quickest back behind those before them.
    expect(Math.abs((clock.tickAt(quickestMs) ?? 0) - 1_000) * TICK_MS).toBeLessThan(8);
    expect(clock.jitterMs).toBeGreaterThan(20);
    expect(clock.jitterMs).toBeLessThan(31);
    expect(clock.spacingMs).toBe(TICK_MS);
  });

  test("[FE2] says nothing before the first arrival", () => {
    expect(new ArrivalClock(TICK_RATE_HZ).tickAt(5)).toBeUndefined();
  });

  test("[FE2] follows a local clock that runs faster", () => {
    const clock = new ArrivalClock(TICK_RATE_HZ);
    arrive(clock, { from: 0, to: 3_000 }, (tick) => 40 + tick * TICK_MS * 1e-3);
    const errorMs =
      Math.abs((clock.tickAt(OFFSET_MS + 3_000 * TICK_MS + 100) ?? 0) - 3_000) * TICK_MS;
    expect(errorMs).toBeLessThan(5);
    expect(clock.jitterMs).toBeLessThan(5);
  });

  test("[FE2] learns nothing of the jitter from what a stall held back", () => {
    const clock = new ArrivalClock(TICK_RATE_HZ);
    arrive(clock, { from: 0, to: 200 }, () => 40);
    // All of a second at once, the last of it only just late.
    arrive(clock, { from: 201, to: 250 }, (tick) => 40 + (250 - tick) * TICK_MS);
    arrive(clock, { from: 251, to: 260 }, () => 40);
    expect(clock.jitterMs).toBe(0);
    expect(clock.newestTick).toBe(260);
  });

  test("[FE2] learns anew when the way has become longer for good", () => {
    const clock = new ArrivalClock(TICK_RATE_HZ);
    arrive(clock, { from: 0, to: 200 }, () => 40);
    arrive(clock, { from: 201, to: 300 }, () => 40 + TIMING_LIMITS.stallMs + 100);
    const longMs = OFFSET_MS + 300 * TICK_MS + 40 + TIMING_LIMITS.stallMs + 100;
    expect(clock.tickAt(longMs)).toBeCloseTo(300, 6);
    expect(clock.jitterMs).toBeCloseTo(0, 6);
  });

  test("[FE2] knows how far apart the ticks are that arrive, up to a bound", () => {
    const sparse = new ArrivalClock(TICK_RATE_HZ);
    arrive(sparse, { from: 0, to: 300, every: 3 }, () => 40);
    expect(sparse.spacingMs).toBe(3 * TICK_MS);
    const silent = new ArrivalClock(TICK_RATE_HZ);
    arrive(silent, { from: 0, to: 3_000, every: 12 }, () => 40);
    expect(silent.spacingMs).toBe(TIMING_LIMITS.spacingTicksMax * TICK_MS);
  });

  test("[FE2] starts over when ticks begin again", () => {
    const clock = new ArrivalClock(TICK_RATE_HZ);
    arrive(clock, { from: 900, to: 1_000 }, () => 40);
    clock.arrived(0, OFFSET_MS + 1_000 * TICK_MS);
    expect(clock.newestTick).toBe(0);
    expect(clock.tickAt(OFFSET_MS + 1_000 * TICK_MS)).toBe(0);
  });
});
