import type { SnapshotTable } from "../../../protocol/snapshot-table.ts";
import {
  buildSpatialGrid,
  type GridPoint,
  type SpatialGrid,
} from "../../../rooms/kernel/spatial-grid.ts";
import type { Interest, SnapshotLayout } from "../../../rooms/simulation.ts";
import type { Cell } from "./cells.ts";
import { SNAPSHOT_LIMITS } from "./limits.ts";

const NO_GRID = buildSpatialGrid(1, 1, 1, []);

/** Where all entities are, sorted so that those of a square of the world lie side by side in memory. */
export class Places {
  /** Squares, row by row; `indices` says which entities are in them. */
  grid: SpatialGrid = NO_GRID;
  /** Metres, in the order of the grid. */
  xs = new Float64Array(0);
  ys = new Float64Array(0);
  readonly #interest: Interest;
  readonly #squareMetres: number;
  /** By kind: the fields that say where an entity is. */
  readonly #fields: readonly (readonly [x: number, y: number])[];
  /** By index. */
  readonly #points: { xMetres: number; yMetres: number }[] = [];
  /** Kept from ticks with more entities. */
  readonly #spare: { xMetres: number; yMetres: number }[] = [];

  constructor(layout: SnapshotLayout, interest: Interest) {
    this.#interest = interest;
    const { widthMetres, heightMetres, cellMetres } = interest;
    const side = Math.max(widthMetres, heightMetres);
    this.#squareMetres = Math.max(
      cellMetres / SNAPSHOT_LIMITS.squaresPerCell,
      side / SNAPSHOT_LIMITS.gridSideMax,
    );
    this.#fields = layout.map(({ fields, place: [x, y] }) => [
      fields.findIndex(({ name }) => name === x),
      fields.findIndex(({ name }) => name === y),
    ]);
  }

  /** @param count - Of all tables together. */
  read(tables: readonly SnapshotTable[], count: number): void {
    const points = this.#points;
    while (points.length < count) points.push(this.#spare.pop() ?? { xMetres: 0, yMetres: 0 });
    while (points.length > count) this.#spare.push(points.pop() as (typeof points)[number]);
    let index = 0;
    for (const [kind, { steps, count: rows, motion }] of tables.entries()) {
      const [x, y] = this.#fields[kind] as readonly [number, number];
      const [xMotion, yMotion] = [motion.fields[x], motion.fields[y]];
      for (let row = 0; row < rows; row++) {
        const from = row * motion.fieldCount;
        const point = points[index++] as (typeof points)[number];
        // As clients have it: also what a game puts nowhere is somewhere.
        point.xMetres = xMotion?.valueOf(steps[from + x] ?? 0) ?? 0;
        point.yMetres = yMotion?.valueOf(steps[from + y] ?? 0) ?? 0;
      }
    }
    const { widthMetres, heightMetres } = this.#interest;
    this.grid = buildSpatialGrid(widthMetres, heightMetres, this.#squareMetres, points);
    if (this.xs.length < count) {
      this.xs = new Float64Array(2 * count);
      this.ys = new Float64Array(2 * count);
    }
    for (let at = 0; at < count; at++) {
      const point = points[this.grid.indices[at] ?? 0];
      this.xs[at] = point?.xMetres ?? 0;
      this.ys[at] = point?.yMetres ?? 0;
    }
  }

  /** Where the entity of an index is. */
  of(index: number): GridPoint {
    return this.#points[index] as GridPoint;
  }

  /**
   * Visits runs of what is within `metres` of a cell, and some that is farther: places in the order of the grid,
   * from `start` to before `end`.
   */
  visitRuns(cell: Cell, metres: number, visit: (start: number, end: number) => void): void {
    const { columns, rows, cellStarts } = this.grid;
    const { xMetres, yMetres } = cell;
    const reach = cell.halfMetres + metres;
    const firstColumn = this.#square(xMetres - reach, columns);
    const lastColumn = this.#square(xMetres + reach, columns);
    const lastRow = this.#square(yMetres + reach, rows);
    for (let row = this.#square(yMetres - reach, rows); row <= lastRow; row++) {
      const start = cellStarts[row * columns + firstColumn] ?? 0;
      const end = cellStarts[row * columns + lastColumn + 1] ?? 0;
      if (end > start) visit(start, end);
    }
  }

  /** How many places `visitRuns` visits. */
  countNear(cell: Cell, metres: number): number {
    let count = 0;
    this.visitRuns(cell, metres, (start, end) => {
      count += end - start;
    });
    return count;
  }

  #square(metres: number, count: number): number {
    return Math.min(Math.max(Math.floor(metres / this.#squareMetres), 0), count - 1);
  }
}
