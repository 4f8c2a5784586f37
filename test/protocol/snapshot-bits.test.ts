import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BitReader } from "../../protocol/bits/bit-reader.ts";
import { BitWriter, riceBits } from "../../protocol/bits/bit-writer.ts";
import { codeBits, readCode, writeCode } from "../../protocol/bits/rice-codes.ts";
import { foldStep, unfoldStep } from "../../protocol/snapshots/residual.ts";
import {
  memberBitsMax,
  readSubset,
  subsetBitsMax,
  subsetOfFewBitsMax,
  writeSubset,
} from "../../protocol/snapshots/subset.ts";

const RESERVE_BITS = 100_000;

function writer(): BitWriter {
  const bits = new BitWriter();
  bits.reserve(RESERVE_BITS);
  return bits;
}

/** @returns A reader of what was written, behind a few other bytes. */
function readerOf(bits: BitWriter): BitReader {
  const reader = new BitReader();
  reader.load(bits.take(3), 3);
  return reader;
}

/** A number and how it is coded. */
const coded = fc
  .record({ width: fc.integer({ min: 1, max: 32 }), k: fc.nat({ max: 31 }) })
  .chain(({ width, k }) =>
    fc.record({
      width: fc.constant(width),
      k: fc.constant(k),
      hasZeroBit: fc.boolean(),
      value: fc.oneof(fc.nat({ max: 2 ** width - 1 }), fc.nat({ max: Math.min(9, width) })),
    }),
  );

describe("the bits of a snapshot", () => {
  it("[WC10] are read as they were written, code by code, and counted rightly", () => {
    fc.assert(
      fc.property(fc.array(coded, { maxLength: 60 }), (numbers) => {
        const bits = writer();
        for (const { value, k, hasZeroBit, width } of numbers) {
          const before = bits.bits;
          writeCode(bits, value, k, hasZeroBit, width);
          expect(bits.bits - before).toBe(codeBits(value, k, hasZeroBit, width));
          bits.writeGamma(value >>> 1);
          bits.write(value, width);
        }
        const reader = readerOf(bits);
        for (const { value, k, hasZeroBit, width } of numbers) {
          expect(readCode(reader, k, hasZeroBit, width)).toBe(value);
          expect(reader.readGamma(0x7fff_ffff)).toBe(value >>> 1);
          expect(reader.read(width)).toBe(value);
        }
        expect(reader.isAtEnd).toBe(true);
        expect(reader.isOver).toBe(false);
        reader.read(8);
        expect(reader.isOver).toBe(true);
      }),
    );
  });

  it("[WC10] take no more for a number than 11 and all of its own", () => {
    expect(riceBits(2 ** 24, 0, 25)).toBe(36);
    expect(riceBits(10, 0, 25)).toBe(11);
    expect(riceBits(2 ** 24, 25, 25)).toBe(25);
  });

  it("[WC10] fold every step to a number of its own, the smaller the nearer", () => {
    const case_ = fc
      .record({ count: fc.integer({ min: 2, max: 300 }), wraps: fc.boolean() })
      .chain((field) => fc.record({ ...constants(field), predicted: fc.nat(field.count - 1) }));
    fc.assert(
      fc.property(case_, ({ count, wraps, predicted }) => {
        const folded = Array.from({ length: count }, (_, step) =>
          foldStep(step, predicted, count, wraps),
        );
        expect([...folded].sort((a, b) => a - b)).toEqual(folded.map((_, step) => step));
        expect(folded.map((each) => unfoldStep(each, predicted, count, wraps))).toEqual(
          folded.map((_, step) => step),
        );
        const far = (step: number) => {
          const way = Math.abs(step - predicted);
          return wraps ? Math.min(way, count - way) : way;
        };
        const byResidual = folded.map((_, step) => step).sort((a, b) => folded[a]! - folded[b]!);
        const ways = byResidual.map(far);
        expect(ways).toEqual([...ways].sort((a, b) => a - b));
      }),
    );
  });

  it("[WC10] fold the largest field, too", () => {
    const count = 2 ** 24 + 1;
    for (const predicted of [0, 1, 2 ** 23, count - 1]) {
      for (const step of [0, 5, 2 ** 23 + 1, count - 1]) {
        for (const wraps of [true, false]) {
          const folded = foldStep(step, predicted, count, wraps);
          expect(folded).toBeLessThan(count);
          expect(unfoldStep(folded, predicted, count, wraps)).toBe(step);
        }
      }
    }
  });

  it("[WC10] name a subset of a list in no more bits than its length and a few", () => {
    const list = fc.array(fc.boolean(), { maxLength: 400 });
    const biased = fc
      .tuple(fc.nat({ max: 20 }), fc.array(fc.nat({ max: 20 }), { maxLength: 400 }))
      .map(([most, each]) => each.map((one) => one < most));
    fc.assert(
      fc.property(fc.oneof(list, biased), (isMember) => {
        const rows = Uint32Array.from(isMember.flatMap((each, row) => (each ? [row] : [])));
        const bits = writer();
        writeSubset(bits, rows, rows.length, isMember.length);
        expect(bits.bits).toBeLessThanOrEqual(isMember.length + 15);
        const most = isMember.length === 0 ? 0 : subsetBitsMax(isMember.length, rows.length);
        expect(bits.bits).toBeLessThanOrEqual(most);
        const { length } = isMember;
        const ofFew = subsetOfFewBitsMax(length) + rows.length * memberBitsMax(length);
        expect(bits.bits).toBeLessThanOrEqual(ofFew);
        expect(subsetBitsMax(isMember.length, rows.length + 1)).toBeGreaterThanOrEqual(most);
        const read = new Uint32Array(isMember.length);
        const reader = readerOf(bits);
        expect(readSubset(reader, read, isMember.length)).toBe(rows.length);
        expect(read.subarray(0, rows.length)).toEqual(rows);
        expect(reader.isAtEnd).toBe(true);
      }),
    );
  });

  it.each([
    [0, 2],
    [1, 30],
    [999, 30],
    [1000, 2],
  ])(
    "[WC10] say of the first %i of a thousand that they are meant in %i bits at most",
    (count, most) => {
      const all = Uint32Array.from({ length: 1000 }, (_, row) => row);
      const bits = writer();
      writeSubset(bits, all, count, 1000);
      expect(bits.bits).toBeLessThanOrEqual(most);
    },
  );
});

function constants<Shape extends Record<string, unknown>>(shape: Shape) {
  return Object.fromEntries(
    Object.entries(shape).map(([key, value]) => [key, fc.constant(value)]),
  ) as { [Key in keyof Shape]: fc.Arbitrary<Shape[Key]> };
}
