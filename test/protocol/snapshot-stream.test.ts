import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextBelow } from "../../rooms/kernel/random.ts";
import { differenceOf, randomStream } from "./snapshot-worlds.ts";

const RUNS = { numRuns: 60 };

describe("a stream of snapshots", () => {
  it.each([
    ["of everything", false],
    ["of what is selected", true],
  ])("[WC1] %s gives all its readers the same, within the declared precision", (_, isPartial) => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const { stream, random } = randomStream(seed, isPartial);
        for (let tick = nextBelow(random, 1000), step = 0; step < 150; step++) {
          tick += nextBelow(random, 20) === 0 ? nextBelow(random, 400) + 1 : 1;
          stream.world.step();
          const bytesMax = nextBelow(random, 3) === 0 ? nextBelow(random, 200) : 1e9;
          stream.tick(tick, bytesMax, nextBelow(random, 2) === 0);
          stream.check(tick);
          const [first, ...others] = stream.readers;
          for (const other of others) expect(differenceOf(first!, other)).toBeUndefined();
        }
      }),
      RUNS,
    );
  });
});
