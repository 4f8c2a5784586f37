/**
 * Which rows of a list are meant: 2 bits say none, all, those that follow, or all but those that follow. Those that
 * follow: 4 bits k, how many less one (as many bits as hold the list's highest row), then for each, ascending, how many
 * rows lie between it and the one before: that above k bits in ones and a zero, and k bits.
 * @module
 */
import type { BitReader } from "../bits/bit-reader.ts";
import type { BitWriter } from "../bits/bit-writer.ts";

const NONE = 0;
const ALL = 1;
const THESE = 2;
const OTHERS = 3;

const MODE_BITS = 2;
const K_BITS = 4;
const K_MAX = 15;

/**
 * Nothing is written of an empty list.
 * @param rows - Ascending, the first `count`.
 * @param length - Of the list.
 */
export function writeSubset(
  writer: BitWriter,
  rows: Uint32Array,
  count: number,
  length: number,
): void {
  if (length === 0) return;
  writer.reserve(subsetBitsMax(length, count));
  if (count === 0 || count === length) {
    writer.write(count === 0 ? NONE : ALL, MODE_BITS);
    return;
  }
  const areOthers = 2 * count > length;
  const told = areOthers ? length - count : count;
  const k = gapBits(length, told);
  writer.write(areOthers ? OTHERS : THESE, MODE_BITS);
  writer.write(k, K_BITS);
  writer.write(told - 1, bitsOf(length - 1));
  let at = 0;
  let from = 0;
  for (let row = 0; row < length; row++) {
    const isMember = at < count && rows[at] === row;
    if (isMember) at++;
    if (isMember === areOthers) continue;
    const gap = row - from;
    writer.writeOnes(gap >>> k);
    writer.write(gap & ((1 << k) - 1), k);
    from = row + 1;
  }
}

/**
 * @param rows - Filled, ascending; as long as the list at least.
 * @returns How many there are; -1 if the bits say no such thing.
 */
export function readSubset(reader: BitReader, rows: Uint32Array, length: number): number {
  if (length === 0) return 0;
  const mode = reader.read(MODE_BITS);
  if (mode === NONE) return 0;
  if (mode === ALL) {
    for (let row = 0; row < length; row++) rows[row] = row;
    return length;
  }
  const k = reader.read(K_BITS);
  const told = reader.read(bitsOf(length - 1)) + 1;
  if (told >= length) return -1;
  let count = 0;
  let next = 0;
  for (let at = 0; at < told; at++) {
    const ones = reader.readOnes(length >>> k);
    const row = next + ones * 2 ** k + reader.read(k);
    if (row >= length || reader.isOver) return -1;
    if (mode === THESE) rows[count++] = row;
    else while (next < row) rows[count++] = next++;
    next = row + 1;
  }
  if (mode === OTHERS) while (next < length) rows[count++] = next++;
  return count;
}

/** @returns Bits that {@link writeSubset} takes at most for so many rows, or fewer. */
export function subsetBitsMax(length: number, count: number): number {
  const told = Math.min(count, length >> 1);
  if (told === 0) return MODE_BITS;
  return MODE_BITS + K_BITS + bitsOf(length - 1) + gapsBitsMax(length, told, gapBits(length, told));
}

/** @returns Bits that {@link writeSubset} takes at most for few rows, less {@link memberBitsMax} for each of them. */
export function subsetOfFewBitsMax(length: number): number {
  if (length === 0) return 0;
  return MODE_BITS + K_BITS + bitsOf(length - 1) + (length >>> fewK(length));
}

export function memberBitsMax(length: number): number {
  return fewK(length) + 1;
}

/** Good for one row, and a bound for the best of several. */
function fewK(length: number): number {
  return Math.min(K_MAX, Math.max(0, bitsOf(length) - 1));
}

/** The k with the lowest bound. */
function gapBits(length: number, told: number): number {
  let k = 0;
  while (k < K_MAX && gapsBitsMax(length, told, k + 1) < gapsBitsMax(length, told, k)) k++;
  return k;
}

function gapsBitsMax(length: number, told: number, k: number): number {
  return told * (k + 1) + ((length - told) >>> k);
}

function bitsOf(value: number): number {
  return 32 - Math.clz32(value);
}
