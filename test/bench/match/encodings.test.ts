import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DeltaEncoder, readDelta } from "../../../bench/match/delta-snapshot.ts";
import {
  bodyOfFloats,
  countOfFloats,
  encodeFloats,
  ticksOfFloats,
} from "../../../bench/match/float-snapshot.ts";
import { INPUT_BYTES, readInput, writeInput } from "../../../bench/match/input-bytes.ts";
import type { Body } from "../../../bench/match/rules.ts";
import { DIALECTS } from "../../../bench/swarm/dialects.ts";

const float = fc.float({ noNaN: true, noDefaultInfinity: true });
const body: fc.Arbitrary<Body> = fc.record({
  x: float,
  y: float,
  vx: float,
  vy: float,
  angle: fc.integer({ min: 0, max: 65_535 }),
});

describe("what the peers say", () => {
  it("[BN15] whole snapshots say every body as a float32", () => {
    fc.assert(
      fc.property(fc.array(body, { maxLength: 20 }), (bodies) => {
        const bytes = encodeFloats(77, bodies);
        expect(ticksOfFloats(bytes)).toBe(77);
        expect(countOfFloats(bytes)).toBe(bodies.length);
        expect(bodies.map((_, nth) => bodyOfFloats(bytes, nth))).toEqual(bodies);
      }),
    );
  });

  it("[BN15] deltas say what changed, to those who came first and to those who came late", () => {
    const steps = fc.array(fc.array(body, { minLength: 3, maxLength: 6 }), { maxLength: 8 });
    fc.assert(
      fc.property(steps, (states) => {
        const encoder = new DeltaEncoder();
        const early: Body[] = [];
        let most = 0;
        for (const [tick, state] of states.entries()) {
          // Nobody leaves.
          most = Math.max(most, state.length);
          const bodies = Array.from(
            { length: most },
            (_, nth) => state[nth] ?? (early[nth] as Body),
          );
          expect(readDelta(encoder.encode(tick, bodies), early)).toBe(tick);
          const late: Body[] = [];
          readDelta(encoder.whole(tick), late);
          expect(early).toEqual(bodies);
          expect(late).toEqual(bodies);
        }
      }),
    );
  });

  it("[BN15] a delta says that 0 has become -0, as the checked state has it to the last bit", () => {
    const encoder = new DeltaEncoder();
    const early: Body[] = [];
    for (const [tick, x] of [0, -0, 0].entries()) {
      readDelta(encoder.encode(tick, [{ x, y: 0, vx: 0, vy: 0, angle: 0 }]), early);
      expect(early[0]?.x).toBe(x);
    }
  });

  it("[BN15] a delta of what stands still is a byte for each", () => {
    const encoder = new DeltaEncoder();
    const bodies = [{ x: 1, y: 2, vx: 3, vy: 4, angle: 5 }];
    encoder.encode(1, bodies);
    expect(encoder.encode(2, bodies)).toHaveLength(8);
  });

  it("[BN15] inputs of our own bytes come back, and others are none", () => {
    const bytes = new Uint8Array(INPUT_BYTES);
    writeInput(new DataView(bytes.buffer), 0, { dx: 0.5, dy: -1, angle: 65_535 });
    expect(readInput(bytes)).toEqual({ dx: 0.5, dy: -1, angle: 65_535 });
    expect(readInput(bytes.subarray(1))).toBeUndefined();
    writeInput(new DataView(bytes.buffer), 0, { dx: Number.NaN, dy: 0, angle: 0 });
    expect(readInput(bytes)).toBeUndefined();
    for (const [dx, dy] of [
      [1.5, 0],
      [0, -1.5],
    ] as const) {
      writeInput(new DataView(bytes.buffer), 0, { dx, dy, angle: 0 });
      expect(readInput(bytes)).toBeUndefined();
    }
  });

  it("[BN15] an input to Colyseus has the bytes that its SDK sends", () => {
    // room.send("input", { dx: 0.25, dy: 0.5, angle: 4660 }) of @colyseus/sdk 0.18.4.
    const sent =
      "0da5696e707574d4724093a26478a26479a5616e676c65cb3fd0000000000000cb3fe0000000000000cd1234";
    expect(DIALECTS.colyseus.encode({ dx: 0.25, dy: 0.5, angle: 4660 }).toString("hex")).toBe(sent);
  });
});
