import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SampleWindow } from "../../../server/telemetry/sample-window.ts";

const observations = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), {
  minLength: 1,
  maxLength: 300,
});

function windowOf(values: readonly number[], keptMax: number, random?: () => number): SampleWindow {
  const window = new SampleWindow(keptMax, random);
  for (const value of values) window.add(value);
  return window;
}

describe("SampleWindow", () => {
  it("[SX3] keeps what a plain sort has, as long as there is room", () => {
    fc.assert(
      fc.property(observations, (values) => {
        const window = windowOf(values, 300);
        const plain = [...values].sort((a, b) => a - b);
        expect(Array.from(window.sorted(), (value) => value + 0)).toEqual(plain.map((v) => v + 0));
        expect(window.count).toBe(values.length);
        expect(window.max).toBe(plain.at(-1));
        expect(window.mean).toBeCloseTo(plain.reduce((a, b) => a + b, 0) / plain.length, 3);
      }),
    );
  });

  it("[SX3] keeps no more than there is room for, all of it observed, and knows the rest's sum", () => {
    fc.assert(
      fc.property(observations, fc.integer({ min: 1, max: 50 }), (values, keptMax) => {
        const window = windowOf(values, keptMax);
        const kept = Array.from(window.sorted());
        expect(kept).toHaveLength(Math.min(keptMax, values.length));
        expect(kept.every((value) => values.includes(value))).toBe(true);
        expect([window.count, window.max]).toEqual([values.length, Math.max(...values)]);
      }),
    );
  });

  it("[SX3] keeps a fair sample of what is too much", () => {
    let seed = 1;
    const random = () => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    const window = windowOf(
      Array.from({ length: 100_000 }, (_, index) => index),
      1_000,
      random,
    );
    const sorted = window.sorted();
    // Three standard deviations of the median of a thousand.
    expect(Math.abs((sorted[500] ?? 0) - 50_000)).toBeLessThan(4_800);
    expect(Math.abs((sorted[100] ?? 0) - 10_000)).toBeLessThan(2_900);
  });

  it("[SX3] passes over what is no observation, and begins anew when it is cleared", () => {
    const window = windowOf([3, Number.NaN, -1, Number.POSITIVE_INFINITY], 4);
    window.add("5" as unknown as number);
    expect(Array.from(window.sorted())).toEqual([3]);
    window.clear();
    expect([window.count, window.mean, window.max]).toEqual([0, 0, 0]);
    expect(Array.from(window.sorted())).toEqual([]);
  });
});
