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
  value: number,
  k: number,
  hasZeroBit: boolean,
  width: number,
): void {
  if (!hasZeroBit) writer.writeRice(value, k, width);
  else if (value === 0) writer.write(0, 1);
  else {
    writer.write(1, 1);
    writer.writeRice(value - 1, k, width);
  }
}

export function readCode(reader: BitReader, k: number, hasZeroBit: boolean, width: number): number {
  if (!hasZeroBit) return reader.readRice(k, width);
  return reader.read(1) === 0 ? 0 : reader.readRice(k, width) + 1;
}

/** @returns How many bits {@link writeCode} takes. */
export function codeBits(value: number, k: number, hasZeroBit: boolean, width: number): number {
  if (!hasZeroBit) return riceBits(value, k, width);
  return value === 0 ? 1 : 1 + riceBits(value - 1, k, width);
}
