/**
 * How far a step is from its prediction, as a number that is the smaller the nearer they are: 0 the same, 1 one down,
 * 2 one up, and so on; where one side is used up, on along the other. Both ways one to one within a field's steps.
 *
 * The conditions that would be as good as random are arithmetic instead: a processor guesses those wrong half the time.
 * @module
 */

/** @param count - Of the field's steps, at most 2^24 + 1; both steps are below it. */
export function foldStep(step: number, predicted: number, count: number, wraps: boolean): number {
  const way = (step - predicted) | 0;
  if (wraps) return foldWay(shorterWay(way, count));
  const room = roomBeside(predicted, count);
  const far = turned(way, way >> 31);
  const isNear = (far - room - 1) >> 31;
  return (foldWay(way) & isNear) | ((far + room) & ~isNear);
}

/** @param residual - Below `count`. @returns The step. */
export function unfoldStep(
  residual: number,
  predicted: number,
  count: number,
  wraps: boolean,
): number {
  if (wraps) {
    let step = (predicted + unfoldWay(residual)) | 0;
    step += count & (step >> 31);
    step -= count;
    return step + (count & (step >> 31));
  }
  const room = roomBeside(predicted, count);
  const isNear = (residual - 2 * room - 1) >> 31;
  const far = turned(residual - room, (count - 1 - 2 * predicted) >> 31);
  return predicted + ((unfoldWay(residual) & isNear) | (far & ~isNear));
}

/** @returns How many steps there are on the side that has fewer. */
function roomBeside(predicted: number, count: number): number {
  const more = (count - 1 - 2 * predicted) | 0;
  return predicted + (more & (more >> 31));
}

/** @returns The number itself for a sign of 0, its opposite for one of -1. */
function turned(number: number, sign: number): number {
  return (number ^ sign) - sign;
}

/**
 * @param way - Round a circle of `count` steps, less than once.
 * @returns The same the shorter way round; down where both are as long.
 */
export function shorterWay(way: number, count: number): number {
  const up = way + (count & (way >> 31));
  return up - (count & ((((count - 1) >> 1) - up) >> 31));
}

/** @param way - Signed 32-bit. @returns 0 for 0, 1 for -1, 2 for 1 and so on; signed 32-bit. */
export function foldWay(way: number): number {
  return (way << 1) ^ (way >> 31);
}

/** @param folded - As 32 bits, signed or not. */
export function unfoldWay(folded: number): number {
  return (folded >>> 1) ^ -(folded & 1);
}
