import { describe, expect, test } from "vitest";
import { TIMING_LIMITS } from "../../../client/limits.ts";
import { ArrivalClock } from "../../../client/timing/arrival-clock.ts";
import { Playout } from "../../../client/timing/playout.ts";
import { createRandom, nextBetween } from "../../../rooms/kernel/random.ts";

const TICK_RATE_HZ = 50;
const TICK_MS = 20;
const FRAME_MS = 1000 / 60;

interface Shown {
  readonly atMs: number;
  readonly tick: number;
}

/** Plays out what arrives with ways of `wayMs`, sixty frames per second. */
function play(
  seconds: number,
  wayMs: (tick: number) => number,
): { playout: Playout; shown: Shown[] } {
  const clock = new ArrivalClock(TICK_RATE_HZ);
  const playout = new Playout(clock, TICK_RATE_HZ);
  const shown: Shown[] = [];
  let tick = 0;
  let arrivesMs = wayMs(0);
  for (let nowMs = 0; nowMs < seconds * 1000; nowMs += FRAME_MS) {
    while (arrivesMs <= nowMs) {
      clock.arrived(tick, arrivesMs);
      tick++;
      arrivesMs = Math.max(arrivesMs, tick * TICK_MS + wayMs(tick));
    }
    const at = playout.advance(nowMs);
    if (at !== undefined) shown.push({ atMs: nowMs, tick: at });
  }
  return { playout, shown };
}

/** How fast shown time ran from frame to frame; 1 is real time. */
function paces(shown: readonly Shown[]): number[] {
  return shown.slice(1).map(({ atMs, tick }, index) => {
    const before = shown[index] as Shown;
    return ((tick - before.tick) * TICK_MS) / (atMs - before.atMs);
  });
}

describe("playout", () => {
  test("[FE3] shows others one tick and the jitter in the past, so that nearly all have arrived", () => {
    const random = createRandom(3);
    const { playout, shown } = play(10, () => nextBetween(random, 45, 75));
    expect(playout.delayMs).toBeGreaterThan(TICK_MS + 15);
    expect(playout.delayMs).toBeLessThan(TICK_MS + 31);
    const last = shown.at(-1) as Shown;
    const ageMs = last.atMs - last.tick * TICK_MS;
    expect(ageMs).toBeGreaterThan(75 + TICK_MS - 10);
    expect(ageMs).toBeLessThan(75 + TICK_MS + 10);
    expect(playout.shownDelayMs(last.atMs)).toBeCloseTo(playout.delayMs, 0);
  });

  test("[FE3] keeps the delay within its bounds", () => {
    const random = createRandom(3);
    const fast = new ArrivalClock(128);
    for (let tick = 0; tick < 500; tick++) fast.arrived(tick, (tick * 1000) / 128);
    expect(new Playout(fast, 128).delayMs).toBe(TIMING_LIMITS.delayMsMin);
    const wild = play(5, () => nextBetween(random, 0, 240)).playout;
    expect(wild.delayMs).toBe(TIMING_LIMITS.delayMsMax);
  });

  test("[FE3] changes the delay by letting time run a little faster or slower, and never steps", () => {
    const random = createRandom(4);
    const way = (tick: number): number =>
      tick % 500 < 250 ? nextBetween(random, 50, 52) : nextBetween(random, 50, 90);
    const { shown } = play(30, way);
    const seen = paces(shown);
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(1 - TIMING_LIMITS.slewShare - 1e-9);
    expect(Math.max(...seen)).toBeLessThanOrEqual(1 + TIMING_LIMITS.slewShare + 1e-9);
    // It did have something to change.
    expect(Math.max(...seen)).toBeGreaterThan(1.02);
  });

  test("[FE3] ends an error at once that is too large for that", () => {
    const { shown } = play(20, (tick) => (tick < 500 ? 50 : 50 + TIMING_LIMITS.stepMs + 200));
    expect(Math.min(...paces(shown))).toBeLessThan(-10);
    const last = shown.at(-1) as Shown;
    const lateMs = last.atMs - last.tick * TICK_MS - (50 + TIMING_LIMITS.stepMs + 200);
    expect(lateMs).toBeCloseTo(TIMING_LIMITS.delayMsMin, 0);
  });

  test("[FE3] shows nothing before the first arrival", () => {
    const playout = new Playout(new ArrivalClock(TICK_RATE_HZ), TICK_RATE_HZ);
    expect(playout.advance(10)).toBeUndefined();
    expect(playout.shownDelayMs(10)).toBeUndefined();
  });
});
