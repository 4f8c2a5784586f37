import fc from "fast-check";
import { expect, test } from "vitest";
import { distanceSquared, sweepAgainstDisc } from "../../../rooms/kernel/vector.ts";

const length = fc.double({ min: -20, max: 20, noNaN: true });

test("[SM6] finds the place where a moving point touches a disc, and no earlier one", () => {
  fc.assert(
    fc.property(length, length, length, length, (x, y, dx, dy) => {
      const way = sweepAgainstDisc(x, y, dx, dy, 1, 2, 3);
      for (let part = 0; part <= 1; part += 1 / 16) {
        const away = Math.sqrt(distanceSquared(x + part * dx, y + part * dy, 1, 2));
        if (part < way - 1e-6) expect(away).toBeGreaterThan(3 - 1e-6);
      }
      if (way === Infinity || way === 0) return;
      expect(distanceSquared(x + way * dx, y + way * dy, 1, 2)).toBeCloseTo(9, 4);
    }),
  );
});

test("[SM6] touches at once from inside, and never when moving away", () => {
  expect(sweepAgainstDisc(0, 0, 1, 0, 0.5, 0, 1)).toBe(0);
  expect(sweepAgainstDisc(0, 0, -1, 0, 3, 0, 1)).toBe(Infinity);
  expect(sweepAgainstDisc(0, 0, 0, 0, 3, 0, 1)).toBe(Infinity);
  expect(sweepAgainstDisc(0, 0, 1, 0, 3, 0, 1)).toBe(Infinity);
});
