/**
 * How far a step is from its prediction, as a number that is the smaller the nearer they are: 0 the same, 1 one up,
 * 2 one down, and so on; where one side is used up, on along the other. Both ways one to one within a field's steps.
 * @module
 */

/** @param count - Of the field's steps; both steps are below it. */
export function foldStep(step: number, predicted: number, count: number, wraps: boolean): number {
  let way = step - predicted;
  if (wraps) {
    if (way < 0) way += count;
    return way <= count >> 1 ? foldWay(way) : 2 * (count - way);
  }
  const room = Math.min(predicted, count - 1 - predicted);
  const far = way < 0 ? -way : way;
  return far <= room ? foldWay(way) : far + room;
}

/** @param residual - Below `count`. @returns The step. */
export function unfoldStep(
  residual: number,
  predicted: number,
  count: number,
  wraps: boolean,
): number {
  if (wraps) {
    const step = predicted + unfoldWay(residual);
    return step < 0 ? step + count : step < count ? step : step - count;
  }
  const above = count - 1 - predicted;
  const room = Math.min(predicted, above);
  if (residual <= 2 * room) return predicted + unfoldWay(residual);
  return predicted < above ? predicted + residual - room : predicted - residual + room;
}

function foldWay(way: number): number {
  return way > 0 ? 2 * way - 1 : -2 * way;
}

function unfoldWay(residual: number): number {
  return (residual & 1) === 1 ? (residual + 1) >> 1 : -(residual >> 1);
}
