/**
 * How far a step is from its prediction, as a number that is the smaller the nearer they are: 0 the same, 1 one down,
 * 2 one up, and so on; where one side is used up, on along the other. Both ways one to one within a field's steps.
 *
 * The conditions that would be as good as random are arithmetic instead: a processor guesses those wrong half the time.
 * @module
 */

/** @param count - Of the field's steps, at most 2^24 + 1; both steps are below it. */
export function foldStep(step: number, predicted: number, count: number, wraps: boolean): number {
  let way = (step - predicted) | 0;
  if (wraps) {
    way += count & (way >> 31);
    way -= count & ((((count - 1) >> 1) - way) >> 31);
    return foldWay(way);
  }
  const room = predicted < count - 1 - predicted ? predicted : count - 1 - predicted;
  if (way <= room && -way <= room) return foldWay(way);
  return (way < 0 ? -way : way) + room;
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
  const above = count - 1 - predicted;
  const room = predicted < above ? predicted : above;
  if (residual <= 2 * room) return predicted + unfoldWay(residual);
  return predicted < above ? predicted + residual - room : predicted - residual + room;
}

/** @param way - Signed 32-bit. @returns 0 for 0, 1 for -1, 2 for 1 and so on; signed 32-bit. */
export function foldWay(way: number): number {
  return (way << 1) ^ (way >> 31);
}

/** @param folded - As 32 bits, signed or not. */
export function unfoldWay(folded: number): number {
  return (folded >>> 1) ^ -(folded & 1);
}
