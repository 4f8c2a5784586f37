/**
 * Seeded random numbers (sfc32) whose whole state is plain data, so that it can live inside a game's state.
 * @module
 */

/** Four unsigned 32-bit words. Every draw changes them in place. */
export interface Random {
  a: number;
  b: number;
  c: number;
  /** Counts draws, modulo 2^32: guarantees a period of at least 2^32. */
  counter: number;
}

/** Draws thrown away after seeding: seeds that differ in one bit give unrelated sequences from then on. */
const WARM_UP_DRAWS = 15;

/** @param seed - Unsigned 32-bit; every value is good, 0 included. */
export function createRandom(seed: number): Random {
  const random: Random = { a: seed >>> 0, b: 0x9e3779b9, c: 0x243f6a88, counter: 1 };
  for (let draw = 0; draw < WARM_UP_DRAWS; draw++) nextUint32(random);
  return random;
}

/** @returns A whole number from 0 to 2^32-1, all equally likely. */
export function nextUint32(random: Random): number {
  const sum = (random.a + random.b + random.counter) >>> 0;
  random.counter = (random.counter + 1) >>> 0;
  random.a = (random.b ^ (random.b >>> 9)) >>> 0;
  random.b = (random.c + (random.c << 3)) >>> 0;
  random.c = (((random.c << 21) | (random.c >>> 11)) + sum) >>> 0;
  return sum;
}

/**
 * Draws a whole number below a bound. The bias, below 2^-20 for the bounds games use, is accepted for a fixed
 * count of one draw per call.
 * @param bound - Whole, 1 to 4096.
 * @returns 0 to `bound - 1`.
 */
export function nextBelow(random: Random, bound: number): number {
  return Math.floor((nextUint32(random) / 0x1_0000_0000) * bound);
}

/** @returns At least `low` and below `high`, in steps of 2^-32 of the span. */
export function nextBetween(random: Random, low: number, high: number): number {
  return low + (nextUint32(random) / 0x1_0000_0000) * (high - low);
}
