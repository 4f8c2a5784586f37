import { SnapshotTable } from "../../../protocol/snapshot-table.ts";
import type { Interest, Snapshots } from "../../../rooms/simulation.ts";
import { Places } from "./places.ts";
import { Slots } from "./slots.ts";

/**
 * All entities of a game at one tick: collected, made whole steps of and sorted by place, once for everybody. An
 * entity's index is its row, after the rows of all kinds before.
 */
export class Scene {
  readonly tables: readonly SnapshotTable[];
  readonly slots: Slots;
  /** Only with an interest. */
  readonly places: Places | undefined;
  /** By kind: the index of its first entity. */
  readonly starts: Uint32Array;
  /** By index. */
  kinds = new Uint8Array(64);
  /** How many entities there are. */
  count = 0;
  tick = -1;
  readonly #snapshots: Snapshots;

  constructor(snapshots: Snapshots, interest: Interest | undefined) {
    const { layout } = snapshots;
    this.#snapshots = snapshots;
    this.tables = layout.map((kind) => new SnapshotTable(kind));
    this.slots = new Slots(layout.length);
    this.starts = new Uint32Array(layout.length);
    this.places = interest === undefined ? undefined : new Places(layout, interest);
  }

  read(state: unknown, tick: number): void {
    for (const table of this.tables) table.begin();
    this.#snapshots.collect(state, this.tables);
    let count = 0;
    for (const [kind, table] of this.tables.entries()) {
      table.seal();
      this.starts[kind] = count;
      count += table.count;
    }
    if (this.kinds.length < count) this.kinds = new Uint8Array(2 * count);
    for (const [kind, start] of this.starts.entries()) this.kinds.fill(kind, start);
    this.tick = tick;
    this.count = count;
    this.slots.read(this.tables, tick);
    this.places?.read(this.tables, count);
  }

  /** @returns -1 if there is no such entity. */
  indexOf(kind: number, id: number): number {
    const row = this.tables[kind]?.rowOf(id) ?? -1;
    return row < 0 ? -1 : (this.starts[kind] ?? 0) + row;
  }
}
