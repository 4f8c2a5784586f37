/**
 * How a client numbers its commands: unsigned 32-bit, rising by one, from the tick at which it joined. A snapshot says
 * only the low 16 bits of the last one used.
 * @module
 */

const LOW_BITS = 0xffff;

/** How far a client's clock may have run ahead of the match's ticks, over hours. */
const AHEAD_MAX = 1024;

export function numberAfter(number: number): number {
  return (number + 1) >>> 0;
}

/** Whether one number comes after another, the wrap at 2^32 included. */
export function isAfter(number: number, other: number): boolean {
  return ((number - other) | 0) > 0;
}

/**
 * @param low - At least the low 16 bits of a number.
 * @param near - A number that is less than 32,768 away; `undefined` for a client that has issued none yet.
 * @param joinTick - Whoever sat here before, in a tab that was refreshed, issued none far beyond it.
 * @returns The whole number.
 */
export function ackInFull(low: number, near: number | undefined, joinTick: number): number {
  // Half of what comes round lies before `near`, half after; before the first command nearly all lies before.
  const highest = near === undefined ? joinTick + AHEAD_MAX : near + (LOW_BITS >>> 1);
  const full = highest - ((highest - low) & LOW_BITS);
  return full < 0 ? low : full >>> 0;
}
