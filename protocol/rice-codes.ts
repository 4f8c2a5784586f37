import type { BitReader } from "./bit-reader.ts";
import { type BitWriter, riceBits } from "./bit-writer.ts";

/** How the numbers of each column are written. */
export interface RiceCodes {
  /** 0 to 31. */
  readonly k: Uint8Array;
  /** 1: a bit before each number says whether it is above 0, and what follows is one less. */
  readonly hasZeroBit: Uint8Array;
}

/** Bits of a `k`. */
export const K_BITS = 5;
export const K_MAX = 31;

export function noCodes(columns: number): RiceCodes {
  return { k: new Uint8Array(columns), hasZeroBit: new Uint8Array(columns) };
}

/** @param width - Bits of the column's highest number. */
export function writeCode(
  writer: BitWriter,
  { k, hasZeroBit }: RiceCodes,
  column: number,
  value: number,
  width: number,
): void {
  if (hasZeroBit[column] === 1) {
    writer.write(value === 0 ? 0 : 1, 1);
    if (value > 0) writer.writeRice(value - 1, k[column] ?? 0, width);
  } else writer.writeRice(value, k[column] ?? 0, width);
}

export function readCode(
  reader: BitReader,
  { k, hasZeroBit }: RiceCodes,
  column: number,
  width: number,
): number {
  if (hasZeroBit[column] === 1) {
    return reader.read(1) === 0 ? 0 : reader.readRice(k[column] ?? 0, width) + 1;
  }
  return reader.readRice(k[column] ?? 0, width);
}

/** @returns How many bits {@link writeCode} takes. */
export function codeBits(
  { k, hasZeroBit }: RiceCodes,
  column: number,
  value: number,
  width: number,
): number {
  if (hasZeroBit[column] === 0) return riceBits(value, k[column] ?? 0, width);
  return value === 0 ? 1 : 1 + riceBits(value - 1, k[column] ?? 0, width);
}
