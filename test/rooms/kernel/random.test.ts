import fc from "fast-check";
import { expect, test } from "vitest";
import { createRandom, nextBelow, nextBetween, nextUint32 } from "../../../rooms/kernel/random.ts";

test("[DT5] draws the same numbers for the same seed, on every machine", () => {
  const random = createRandom(42);
  expect([nextUint32(random), nextUint32(random), nextUint32(random)]).toEqual([
    1424808046, 3778525926, 3676079305,
  ]);
});

test("[DT2] draws other numbers for another seed", () => {
  fc.assert(
    fc.property(fc.nat(0xffffffff), fc.integer({ min: 0, max: 31 }), (seed, bit) => {
      const [one, other] = [createRandom(seed), createRandom(seed ^ (1 << bit))];
      const drawsOf = (random: typeof one) => [1, 2, 3, 4].map(() => nextUint32(random));
      expect(drawsOf(one)).not.toEqual(drawsOf(other));
    }),
  );
});

test("[DT5] stays within bounds, words unsigned", () => {
  const random = createRandom(0xffffffff);
  const seen = new Set<number>();
  for (let draw = 0; draw < 2000; draw++) {
    seen.add(nextBelow(random, 7));
    const between = nextBetween(random, -2, 3);
    expect(between >= -2 && between < 3).toBe(true);
  }
  expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
  for (const word of Object.values(random)) expect(word).toBe(word >>> 0);
});
