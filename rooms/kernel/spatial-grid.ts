/**
 * A uniform grid over points, built anew whenever they move: who is near a rectangle, without asking everybody.
 * @module
 */
import { clamp } from "./maths.ts";

export interface SpatialGrid {
  readonly cellMetres: number;
  readonly columns: number;
  readonly rows: number;
  /** `columns * rows + 1` offsets into `indices`, row by row; a cell's points end where the next one's start. */
  readonly cellStarts: Uint32Array;
  /** Indices of the points, grouped by cell, ascending within one. */
  readonly indices: Uint32Array;
}

export interface GridPoint {
  readonly xMetres: number;
  readonly yMetres: number;
}

/**
 * Sorts points into cells. Points outside the area are kept in the nearest border cell.
 * @param cellMetres - Above 0; about the size of a usual query.
 */
export function buildSpatialGrid(
  widthMetres: number,
  heightMetres: number,
  cellMetres: number,
  points: readonly GridPoint[],
): SpatialGrid {
  const columns = Math.max(1, Math.ceil(widthMetres / cellMetres));
  const rows = Math.max(1, Math.ceil(heightMetres / cellMetres));
  const cells = columns * rows;
  const cellStarts = new Uint32Array(cells + 1);
  const cellOfPoint = new Uint32Array(points.length);
  for (let index = 0; index < points.length; index++) {
    const { xMetres, yMetres } = points[index] as GridPoint;
    const column = cellIndex(xMetres, cellMetres, columns);
    const cell = cellIndex(yMetres, cellMetres, rows) * columns + column;
    cellOfPoint[index] = cell;
    cellStarts[cell] = (cellStarts[cell] ?? 0) + 1;
  }
  // From counts to ends, which filling from the back moves to starts.
  let end = 0;
  for (let cell = 0; cell < cells; cell++) {
    end += cellStarts[cell] ?? 0;
    cellStarts[cell] = end;
  }
  cellStarts[cells] = end;
  const indices = new Uint32Array(points.length);
  for (let index = points.length - 1; index >= 0; index--) {
    const cell = cellOfPoint[index] ?? 0;
    const place = (cellStarts[cell] ?? 0) - 1;
    cellStarts[cell] = place;
    indices[place] = index;
  }
  return { cellMetres, columns, rows, cellStarts, indices };
}

function cellIndex(coordinate: number, cellMetres: number, count: number): number {
  return clamp(Math.floor(coordinate / cellMetres), 0, count - 1);
}

/**
 * Visits every point in the cells that a rectangle touches: all points inside it, and some near it.
 * The order is by row, column, then index: the same on every machine.
 */
export function visitNear(
  grid: SpatialGrid,
  lowX: number,
  lowY: number,
  highX: number,
  highY: number,
  visit: (index: number) => void,
): void {
  const { cellMetres, columns, rows, cellStarts, indices } = grid;
  const lastColumn = cellIndex(highX, cellMetres, columns);
  const lastRow = cellIndex(highY, cellMetres, rows);
  const firstColumn = cellIndex(lowX, cellMetres, columns);
  for (let row = cellIndex(lowY, cellMetres, rows); row <= lastRow; row++) {
    // Cells of one row lie side by side, so their points are one run.
    const start = cellStarts[row * columns + firstColumn] ?? 0;
    const end = cellStarts[row * columns + lastColumn + 1] ?? 0;
    for (let place = start; place < end; place++) visit(indices[place] ?? 0);
  }
}
