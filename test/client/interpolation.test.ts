import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  InterpolationBuffer,
  type Pose,
  SNAPSHOTS_MAX,
  shortTurn,
} from "../../client/arena/interpolation.ts";

const TICK_RATE_HZ = 30;
const TICK_MS = 1000 / TICK_RATE_HZ;

const at = (x: number, angle = 0): ReadonlyMap<string, Pose> =>
  new Map([["1", { x, y: 0, angle }]]);

/** Snapshots of a body at 1 metre per tick, arriving on time. */
function steadyBuffer(ticks: number): InterpolationBuffer {
  const buffer = new InterpolationBuffer(TICK_RATE_HZ);
  for (let tick = 0; tick < ticks; tick++) buffer.push(tick, at(tick), tick * TICK_MS);
  return buffer;
}

describe("interpolation", () => {
  test("[CL5] shows others 100 ms in the past, between the two snapshots around that moment", () => {
    const buffer = steadyBuffer(31);
    const nowMs = 30 * TICK_MS;
    expect(buffer.shownTick(nowMs)).toBeCloseTo(27, 6);
    expect(buffer.sample(nowMs).get("1")?.x).toBeCloseTo(27, 6);
    expect(buffer.sample(nowMs + TICK_MS / 2).get("1")?.x).toBeCloseTo(27.5, 6);
  });

  test("[CL5] never shows a time later than the newest snapshot", () => {
    const buffer = steadyBuffer(10);
    expect(buffer.shownTick(60_000)).toBe(9);
    expect(buffer.sample(60_000).get("1")?.x).toBe(9);
  });

  test("[CL5] moves forwards only, however unevenly snapshots arrive", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 5 }), (delaysMs) => {
        const buffer = new InterpolationBuffer(TICK_RATE_HZ);
        let arrivedAtMs = 0;
        let shown = -1;
        for (const [tick, delayMs] of delaysMs.entries()) {
          // One connection keeps order: nothing arrives before what was sent before it.
          arrivedAtMs = Math.max(arrivedAtMs, tick * TICK_MS + delayMs);
          buffer.push(tick, at(tick), arrivedAtMs);
          const x = buffer.sample(arrivedAtMs).get("1")?.x ?? Number.NaN;
          // A clock that is slewed may go back by less than a tenth of the jitter, never visibly.
          expect(x).toBeGreaterThanOrEqual(shown - 0.3);
          shown = x;
        }
      }),
    );
  });

  test("[CL5] keeps a bounded number of snapshots", () => {
    expect(steadyBuffer(1000).length).toBe(SNAPSHOTS_MAX);
  });

  test("[CL5] leaves out bodies that are gone, and places new ones without a way there", () => {
    const buffer = new InterpolationBuffer(TICK_RATE_HZ, 0);
    buffer.push(0, at(0), 0);
    buffer.push(1, new Map([["2", { x: 9, y: 9, angle: 0 }]]), TICK_MS);
    const shown = buffer.sample(TICK_MS);
    expect([...shown.keys()]).toEqual(["2"]);
    expect(shown.get("2")).toEqual({ x: 9, y: 9, angle: 0 });
  });

  test("[CL5] does not draw a line between the place of destruction and that of the new start", () => {
    const buffer = new InterpolationBuffer(TICK_RATE_HZ);
    for (let tick = 0; tick <= 30; tick++)
      buffer.push(tick, at(tick < 28 ? 0 : 50), tick * TICK_MS);
    expect([0, 50]).toContain(buffer.sample(30 * TICK_MS + TICK_MS / 2).get("1")?.x);
  });

  test("[CL5] starts over when ticks begin again with the next match", () => {
    const buffer = steadyBuffer(100);
    buffer.push(0, at(7), 100 * TICK_MS);
    expect(buffer.length).toBe(1);
    expect(buffer.sample(100 * TICK_MS).get("1")?.x).toBe(7);
  });

  test("[CL5] turns the short way round", () => {
    expect(shortTurn(3, -3)).toBeCloseTo(2 * Math.PI - 6);
    expect(shortTurn(-3, 3)).toBeCloseTo(6 - 2 * Math.PI);
  });
});
