import fc from "fast-check";
import { expect, test } from "vitest";
import { StateHash } from "../../../rooms/kernel/state-hash.ts";

function hashOf(...values: number[]): string {
  const hash = new StateHash();
  for (const value of values) hash.addFloat64(value);
  return hash.digest();
}

test("[DT4] is 16 lower-case hex digits", () => {
  fc.assert(
    fc.property(fc.double(), (value) => {
      expect(hashOf(value)).toMatch(/^[0-9a-f]{16}$/);
    }),
  );
});

test("[DT4] differs for different numbers and for another order", () => {
  fc.assert(
    fc.property(fc.double(), fc.double(), (one, other) => {
      // Adding 0 makes minus zero zero.
      if (Object.is(one + 0, other + 0)) return;
      expect(hashOf(one)).not.toBe(hashOf(other));
      expect(hashOf(one, other)).not.toBe(hashOf(other, one));
    }),
  );
});

test("[DT4] takes minus zero for zero and every NaN for one", () => {
  expect(hashOf(-0)).toBe(hashOf(0));
  const strangeNaN = new Float64Array(new Uint32Array([7, 0xfff80001]).buffer)[0] ?? 0;
  expect(hashOf(strangeNaN)).toBe(hashOf(Number.NaN));
  expect(hashOf(Number.NaN)).not.toBe(hashOf(0));
});

test("[DT4] does not cancel out equal changes in two places", () => {
  const digests = new Set<string>();
  for (let one = 0; one < 32; one++) {
    for (let other = 0; other < 32; other++) {
      const hash = new StateHash();
      hash.addUint32(1 << one);
      hash.addUint32(1 << other);
      digests.add(hash.digest());
    }
  }
  expect(digests.size).toBe(32 * 32);
});

test("[DT4] tells texts apart by length and letters", () => {
  const digestOf = (...texts: string[]) => {
    const hash = new StateHash();
    for (const text of texts) hash.addText(text);
    return hash.digest();
  };
  expect(digestOf("ab", "c")).not.toBe(digestOf("a", "bc"));
  expect(digestOf("red")).not.toBe(digestOf("rec"));
});

test("[DT4] gives this very hash on every machine", () => {
  expect(hashOf(1.5, -2, 1e300)).toBe("5e27af6c161416cf");
});
