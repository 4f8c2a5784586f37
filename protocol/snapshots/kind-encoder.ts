import type { BitWriter } from "../bits/bit-writer.ts";
import type { SnapshotTable } from "../snapshot-table.ts";
import { SnapshotBaseline } from "./baseline.ts";
import type { KindMotion } from "./motion.ts";
import { RowWriter } from "./rows.ts";
import { writeSubset } from "./subset.ts";
import { UpdateEncoder } from "./updates.ts";

/** Which rows of a table one stream has. */
export interface Selection {
  /** The first `count` are meant. */
  readonly rows: Uint32Array;
  readonly count: number;
  /** By row of the table; 0 = not at this tick; `undefined` = all due. */
  readonly due: Uint8Array | undefined;
}

/**
 * One kind of one stream. The work of a tick comes in this order: `match`, `writeChanges`, and once all kinds have done
 * so and it is known how much room is left, the choice among `updates` and their writing.
 */
export class KindEncoder {
  readonly updates: UpdateEncoder;
  readonly #baseline: SnapshotBaseline;
  readonly #motion: KindMotion;
  readonly #rowWriter: RowWriter;
  /** By row of the table: twice the number of the tick that selected it, plus 1 once it is known to be in the baseline. */
  #marks = new Int32Array(0);
  #mark = 0;
  #removed = new Uint32Array(16);
  #removedCount = 0;
  #added = new Uint32Array(16);
  #addedCount = 0;

  constructor(motion: KindMotion) {
    this.#motion = motion;
    this.#baseline = new SnapshotBaseline(motion);
    this.updates = new UpdateEncoder(this.#baseline);
    this.#rowWriter = new RowWriter(motion);
  }

  /** Finds out what is there no longer and what is new. */
  match(table: SnapshotTable, selection: Selection): void {
    const baseline = this.#baseline;
    const selected = this.#markSelected(table, selection);
    this.#reserve(Math.max(baseline.count, selection.count));
    this.#removedCount = 0;
    let shift = 0;
    for (let at = 0; at < baseline.count; at++) {
      const id = baseline.ids[at] ?? 0;
      const usual = (baseline.tableRows[at] ?? 0) + shift;
      // A game puts its entities down in about the same order every time.
      const isUsual = usual >= 0 && usual < table.count && table.ids[usual] === id;
      const row = isUsual ? usual : table.rowOf(id);
      if (row < 0 || this.#marks[row] !== selected) {
        this.#removed[this.#removedCount++] = at;
        continue;
      }
      shift = row - (baseline.tableRows[at] ?? 0);
      baseline.tableRows[at] = row;
      this.#marks[row] = selected + 1;
    }
    this.#addedCount = 0;
    for (let at = 0; at < selection.count; at++) {
      const row = selection.rows[at] ?? 0;
      if (this.#marks[row] !== selected) continue;
      this.#marks[row] = selected + 1;
      this.#added[this.#addedCount++] = row;
      table.rowOf(table.ids[row] ?? 0);
    }
  }

  #markSelected(table: SnapshotTable, { rows, count }: Selection): number {
    this.#mark += 2;
    if (this.#marks.length < table.count || this.#mark > 0x7fff_fff0) {
      this.#marks = new Int32Array(table.ids.length);
      this.#mark = 2;
    }
    for (let at = 0; at < count; at++) this.#marks[rows[at] ?? 0] = this.#mark;
    return this.#mark;
  }

  /** Says what was removed and added; finds the updates of the rest. @returns Whether anything was. */
  writeChanges(
    writer: BitWriter,
    table: SnapshotTable,
    selection: Selection,
    tick: number,
  ): boolean {
    const baseline = this.#baseline;
    writeSubset(writer, this.#removed, this.#removedCount, baseline.count);
    baseline.remove(this.#removed, this.#removedCount);
    this.updates.find(table, selection.due, tick);
    this.#writeAdded(writer, table, tick);
    return this.#removedCount + this.#addedCount > 0;
  }

  #writeAdded(writer: BitWriter, table: SnapshotTable, tick: number): void {
    const baseline = this.#baseline;
    const { fieldCount } = this.#motion;
    const { ids, steps } = table;
    const count = this.#addedCount;
    writer.reserve(40);
    writer.writeGamma(count);
    const rows = this.#added;
    if (count > 1) rows.subarray(0, count).sort((a, b) => (ids[a] ?? 0) - (ids[b] ?? 0));
    this.#rowWriter.write(writer, { ids, steps, ticks: undefined, rows }, count, tick);
    for (let at = 0; at < count; at++) {
      const from = rows[at] ?? 0;
      const row = baseline.append(ids[from] ?? 0, tick, steps, from * fieldCount);
      baseline.tableRows[row] = from;
    }
  }

  /** Everything that the other side must know. */
  writeKeyframe(writer: BitWriter, tick: number): void {
    const { ids, steps, ticks, count } = this.#baseline;
    writer.reserve(40);
    writer.writeGamma(count);
    this.#rowWriter.write(writer, { ids, steps, ticks, rows: undefined }, count, tick);
  }

  #reserve(rows: number): void {
    if (rows <= this.#removed.length) return;
    const room = Math.max(rows, 2 * this.#removed.length);
    this.#removed = new Uint32Array(room);
    this.#added = new Uint32Array(room);
  }
}
