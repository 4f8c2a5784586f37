import fc from "fast-check";
import { expect, test } from "vitest";
import { atan2, clamp, cos, hypot, sin, wrapAngle } from "../../../rooms/kernel/maths.ts";

const angles = fc.double({ min: -1000, max: 1000, noNaN: true });
const sizes = fc.double({ min: -1e6, max: 1e6, noNaN: true });

test("[DT5] computes sine and cosine as closely as the engine does", () => {
  fc.assert(
    fc.property(angles, (radians) => {
      expect(Math.abs(sin(radians) - Math.sin(radians))).toBeLessThan(1e-13);
      expect(Math.abs(cos(radians) - Math.cos(radians))).toBeLessThan(1e-13);
    }),
  );
});

test("[DT5] computes directions as closely as the engine does", () => {
  fc.assert(
    fc.property(sizes, sizes, (y, x) => {
      if (x === 0 && y === 0) return;
      const apart = Math.abs(wrapAngle(atan2(y, x) - Math.atan2(y, x)));
      expect(Math.min(apart, 2 * Math.PI - apart)).toBeLessThan(1e-14);
    }),
  );
  expect(atan2(0, 0)).toBe(0);
  expect(atan2(0, -1)).toBe(Math.PI);
  expect(atan2(Number.NaN, 1)).toBeNaN();
});

test("[DT5] gives these very bits on every machine", () => {
  expect([sin(1), cos(1), sin(100), cos(-3), sin(Math.PI)]).toEqual([
    0.8414709848078965, 0.5403023058681398, -0.5063656411097588, -0.9899924966004454,
    1.224646799076922e-16,
  ]);
  expect([atan2(1, 2), atan2(-5, 3), atan2(2, -7)]).toEqual([
    0.4636476090008061, -1.0303768265243125, 2.8632929945846817,
  ]);
});

test("[DT5] keeps wrapped angles within half a turn and pointing the same way", () => {
  fc.assert(
    fc.property(angles, (radians) => {
      const wrapped = wrapAngle(radians);
      expect(Math.abs(wrapped)).toBeLessThanOrEqual(Math.PI);
      expect(Math.abs(cos(wrapped) - cos(radians))).toBeLessThan(1e-12);
    }),
  );
});

test("[SM5] clamps what is not a number to the lower bound", () => {
  expect([clamp(Number.NaN, 1, 2), clamp(-9, 1, 2), clamp(9, 1, 2), clamp(1.5, 1, 2)]).toEqual([
    1, 1, 2, 1.5,
  ]);
  expect(hypot(3, 4)).toBe(5);
});
