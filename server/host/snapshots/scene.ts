import { SnapshotTable } from "../../../protocol/snapshot-table.ts";
import {
  buildSpatialGrid,
  type SpatialGrid,
  visitNear,
} from "../../../rooms/kernel/spatial-grid.ts";
import type { Interest, Snapshots } from "../../../rooms/simulation.ts";
import type { Cell } from "./cells.ts";
import { SNAPSHOT_LIMITS } from "./limits.ts";
import { Slots } from "./slots.ts";

interface Place {
  xMetres: number;
  yMetres: number;
}

interface Kind {
  readonly table: SnapshotTable;
  /** Fields that say where an entity is. */
  readonly xField: number;
  readonly yField: number;
  /** Index of its first entity. */
  start: number;
}

/**
 * All entities of a game at one tick: collected, made whole steps of and sorted into a grid, once for everybody. An
 * entity's index is its row, after the rows of all kinds before.
 */
export class Scene {
  readonly tables: readonly SnapshotTable[];
  readonly slots: Slots;
  tick = -1;
  count = 0;
  readonly #snapshots: Snapshots;
  readonly #interest: Interest | undefined;
  readonly #kinds: readonly Kind[];
  /** By index, as many as there are entities. */
  readonly #places: Place[] = [];
  /** Kept from ticks with more entities. */
  readonly #spare: Place[] = [];
  #grid: SpatialGrid | undefined;

  constructor(snapshots: Snapshots, interest: Interest | undefined) {
    this.#snapshots = snapshots;
    this.#interest = interest;
    this.#kinds = snapshots.layout.map((kind) => {
      const [xField = 0, yField = 0] = kind.place.map((name) =>
        kind.fields.findIndex((field) => field.name === name),
      );
      return { table: new SnapshotTable(kind), xField, yField, start: 0 };
    });
    this.tables = this.#kinds.map(({ table }) => table);
    this.slots = new Slots(this.tables.length);
  }

  read(state: unknown, tick: number): void {
    for (const table of this.tables) table.begin();
    this.#snapshots.collect(state, this.tables);
    let start = 0;
    for (const kind of this.#kinds) {
      kind.table.seal();
      kind.start = start;
      start += kind.table.count;
    }
    this.tick = tick;
    this.count = this.slots.read(this.tables, tick);
    if (this.#interest !== undefined) this.#sort(this.#interest);
  }

  kindOf(index: number): number {
    let kind = this.#kinds.length - 1;
    while (index < (this.#kinds[kind]?.start ?? 0)) kind--;
    return kind;
  }

  /** @param kind - Of that entity. */
  rowOf(index: number, kind: number): number {
    return index - (this.#kinds[kind]?.start ?? 0);
  }

  /** @returns -1 if there is no such entity. */
  indexOf(kind: number, id: number): number {
    const row = this.tables[kind]?.rowOf(id) ?? -1;
    return row < 0 ? -1 : (this.#kinds[kind]?.start ?? 0) + row;
  }

  /** Visits what is within `metres` of a cell, and some that is farther. */
  visitNear(cell: Cell, metres: number, visit: (index: number, place: Place) => void): void {
    const { lowX, lowY, highX, highY } = cell;
    visitNear(
      this.#grid as SpatialGrid,
      lowX - metres,
      lowY - metres,
      highX + metres,
      highY + metres,
      (index) => visit(index, this.#places[index] as Place),
    );
  }

  #sort({ widthMetres, heightMetres, cellMetres }: Interest): void {
    this.#place();
    const side = Math.max(widthMetres, heightMetres);
    const squareMetres = Math.max(cellMetres, side / SNAPSHOT_LIMITS.gridSideMax);
    this.#grid = buildSpatialGrid(widthMetres, heightMetres, squareMetres, this.#places);
  }

  /** Where clients see them: also what a game puts nowhere is somewhere. */
  #place(): void {
    const places = this.#places;
    while (places.length < this.count) {
      places.push(this.#spare.pop() ?? { xMetres: 0, yMetres: 0 });
    }
    while (places.length > this.count) this.#spare.push(places.pop() as Place);
    for (const { table, xField, yField, start } of this.#kinds) {
      const { steps, count, motion } = table;
      for (let row = 0; row < count; row++) {
        const place = places[start + row] as Place;
        const from = row * motion.fieldCount;
        place.xMetres = motion.valueOf(xField, steps[from + xField] ?? 0);
        place.yMetres = motion.valueOf(yField, steps[from + yField] ?? 0);
      }
    }
  }
}
