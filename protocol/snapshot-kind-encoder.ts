import { type BitWriter, RICE_ONES_MAX, riceBits } from "./bit-writer.ts";
import { RiceStatistics } from "./rice-statistics.ts";
import { SnapshotBaseline } from "./snapshot-baseline.ts";
import type { KindMotion } from "./snapshot-motion.ts";
import { foldStep } from "./snapshot-residual.ts";
import { K_BITS, RowWriter } from "./snapshot-rows.ts";
import { subsetBitsMax, writeSubset } from "./snapshot-subset.ts";
import type { SnapshotTable } from "./snapshot-table.ts";

/** Which rows of a table one stream has. */
export interface Selection {
  /** The first `count` are meant. */
  readonly rows: Uint32Array;
  readonly count: number;
  /** By row of the table; 0 = not at this tick; `undefined` = all due. */
  readonly due: Uint8Array | undefined;
}

/**
 * One kind of one stream. The work of a tick comes in this order: `match`, `writeChanges`, then, when all kinds have
 * done so and it is known how much room is left, `chooseAll` or `choose` one by one, and `writeUpdates`.
 *
 * Of the baseline's own columns `first` is the table's row where an entity was last, `second` the tick since which an
 * update of it waits, 0 if none does.
 */
export class KindEncoder {
  readonly baseline: SnapshotBaseline;
  /** Updates that are to be said. */
  candidates = 0;
  readonly #motion: KindMotion;
  readonly #rowWriter: RowWriter;
  readonly #statistics: RiceStatistics;
  readonly #k: Uint8Array;
  /** By row of the table: twice the number of the tick that selected it, plus 1 once it is known to be in the baseline. */
  #marks = new Int32Array(0);
  #mark = 0;
  #removed = new Uint32Array(16);
  #removedCount = 0;
  #added = new Uint32Array(16);
  #addedCount = 0;
  /** Rows of the baseline that are candidates, what each says, how many bits that takes, and whether it is chosen. */
  #rows = new Uint32Array(16);
  #residuals: Int32Array;
  #bits = new Uint16Array(16);
  #isChosen = new Uint8Array(16);
  #chosenCount = 0;
  /** Length of the baseline before what was added in this tick. */
  #length = 0;

  constructor(motion: KindMotion) {
    this.#motion = motion;
    this.baseline = new SnapshotBaseline(motion);
    this.#rowWriter = new RowWriter(motion);
    this.#statistics = new RiceStatistics(motion.fieldCount);
    this.#k = new Uint8Array(motion.fieldCount);
    this.#residuals = new Int32Array(16 * motion.fieldCount);
  }

  /** Finds out what is there no longer and what is new. */
  match(table: SnapshotTable, selection: Selection): void {
    const { baseline } = this;
    const selected = this.#markSelected(table, selection);
    this.#reserve(Math.max(baseline.count, selection.count));
    this.#removedCount = 0;
    let shift = 0;
    for (let at = 0; at < baseline.count; at++) {
      const id = baseline.ids[at] ?? 0;
      const usual = (baseline.first[at] ?? 0) + shift;
      // A game puts its entities down in about the same order every time.
      const isUsual = usual >= 0 && usual < table.count && table.ids[usual] === id;
      const row = isUsual ? usual : table.rowOf(id);
      if (row < 0 || this.#marks[row] !== selected) {
        this.#removed[this.#removedCount++] = at;
        continue;
      }
      shift = row - (baseline.first[at] ?? 0);
      baseline.first[at] = row;
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

  /** Says what was removed and added; finds the candidates among the rest. @returns Whether anything was. */
  writeChanges(
    writer: BitWriter,
    table: SnapshotTable,
    selection: Selection,
    tick: number,
  ): boolean {
    const { baseline } = this;
    writeSubset(writer, this.#removed, this.#removedCount, baseline.count);
    baseline.remove(this.#removed, this.#removedCount);
    this.#length = baseline.count;
    this.#findCandidates(table, selection.due, tick);
    this.#writeAdded(writer, table, tick);
    return this.#removedCount + this.#addedCount > 0;
  }

  #writeAdded(writer: BitWriter, table: SnapshotTable, tick: number): void {
    const { baseline } = this;
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
      const row = baseline.append(ids[from] ?? 0, tick);
      baseline.first[row] = from;
      for (let field = 0; field < fieldCount; field++) {
        baseline.steps[row * fieldCount + field] = steps[from * fieldCount + field] ?? 0;
      }
      baseline.settle(row);
    }
  }

  #findCandidates(table: SnapshotTable, due: Uint8Array | undefined, tick: number): void {
    const { baseline } = this;
    const { fieldCount, widths } = this.#motion;
    let count = 0;
    this.#statistics.reset();
    for (let row = 0; row < this.#length; row++) {
      const tableRow = baseline.first[row] ?? 0;
      const isWaiting = (baseline.second[row] ?? 0) > 0;
      if (!isWaiting && due !== undefined && due[tableRow] === 0) continue;
      // What waited is said even if it came back to where it went by itself: readers may have an OWN message in between.
      if (!isWaiting && !this.#departs(table.steps, tableRow, row, tick)) continue;
      this.#rows[count] = row;
      this.#fold(table.steps, tableRow, row, count, tick);
      count++;
    }
    this.candidates = count;
    this.#chosenCount = 0;
    if (count === 0) return;
    this.#statistics.choose(this.#k, widths);
    for (let at = 0; at < count; at++) {
      let bits = 0;
      for (let field = 0; field < fieldCount; field++) {
        const residual = this.#residuals[at * fieldCount + field] ?? 0;
        bits += riceBits(residual, this.#k[field] ?? 0, widths[field] ?? 0);
      }
      this.#bits[at] = bits;
      this.#isChosen[at] = 0;
    }
  }

  #departs(steps: Int32Array, tableRow: number, row: number, tick: number): boolean {
    const { baseline } = this;
    const motion = this.#motion;
    const { fieldCount, tolerances } = motion;
    const ticks = tick - (baseline.ticks[row] ?? 0);
    for (let field = 0; field < fieldCount; field++) {
      const known = row * fieldCount + field;
      const at = (baseline.steps[known] ?? 0) + ticks * (baseline.paces[known] ?? 0);
      const step = steps[tableRow * fieldCount + field] ?? 0;
      if (step === at) continue;
      if (motion.distance(field, at, step) > (tolerances[field] ?? 0)) return true;
    }
    return false;
  }

  #fold(steps: Int32Array, tableRow: number, row: number, candidate: number, tick: number): void {
    const { baseline } = this;
    const motion = this.#motion;
    const { fieldCount, counts, wraps } = motion;
    const ticks = tick - (baseline.ticks[row] ?? 0);
    const from = tableRow * fieldCount;
    for (let field = 0; field < fieldCount; field++) {
      const known = row * fieldCount + field;
      const pace = motion.paceOf(field, steps, from);
      const at = (baseline.steps[known] ?? 0) + (ticks - 1) * (baseline.paces[known] ?? 0) + pace;
      const predicted = motion.nearestStep(field, at);
      const step = steps[from + field] ?? 0;
      const residual = foldStep(step, predicted, counts[field] ?? 1, wraps[field] === 1);
      this.#residuals[candidate * fieldCount + field] = residual;
      this.#statistics.add(field, residual);
    }
  }

  /** @returns Bits that all updates take at most; without any, 2 at most. */
  get updateBitsMax(): number {
    let bits = this.fixedBitsMax;
    for (let at = 0; at < this.candidates; at++) bits += this.#bits[at] ?? 0;
    return bits;
  }

  /** What is taken by updates beside each one's own bits, at most. */
  get fixedBitsMax(): number {
    const parameters = this.candidates > 0 ? this.#motion.fieldCount * K_BITS : 0;
    return subsetBitsMax(this.#length, this.candidates) + parameters;
  }

  bitsOf(candidate: number): number {
    return this.#bits[candidate] ?? 0;
  }

  /** For how many ticks a candidate waits already. */
  waitOf(candidate: number, tick: number): number {
    const since = this.baseline.second[this.#rows[candidate] ?? 0] ?? 0;
    return since === 0 ? 0 : tick - since;
  }

  choose(candidate: number): void {
    this.#isChosen[candidate] = 1;
    this.#chosenCount++;
  }

  chooseAll(): void {
    this.#isChosen.fill(1, 0, this.candidates);
    this.#chosenCount = this.candidates;
  }

  /** @returns Whether there was one. Calls `onLeftOut` with the id of each candidate that was not chosen. */
  writeUpdates(
    writer: BitWriter,
    table: SnapshotTable,
    tick: number,
    onLeftOut: (id: number) => void,
  ): boolean {
    const { baseline } = this;
    const { fieldCount, order, widths } = this.#motion;
    const chosen = this.#keepChosen(tick, onLeftOut);
    writeSubset(writer, this.#rows, chosen, this.#length);
    if (chosen === 0) return false;
    writer.reserve(fieldCount * (K_BITS + chosen * (RICE_ONES_MAX + 32)));
    for (const k of this.#k) writer.write(k, K_BITS);
    for (let at = 0; at < chosen; at++) {
      for (let place = 0; place < fieldCount; place++) {
        const field = order[place] ?? 0;
        const residual = this.#residuals[at * fieldCount + field] ?? 0;
        writer.writeRice(residual, this.#k[field] ?? 0, widths[field] ?? 0);
      }
      const row = this.#rows[at] ?? 0;
      const from = (baseline.first[row] ?? 0) * fieldCount;
      for (let field = 0; field < fieldCount; field++) {
        baseline.steps[row * fieldCount + field] = table.steps[from + field] ?? 0;
      }
      baseline.ticks[row] = tick;
      baseline.second[row] = 0;
      baseline.settle(row);
    }
    return true;
  }

  /** Moves the chosen candidates to the front. */
  #keepChosen(tick: number, onLeftOut: (id: number) => void): number {
    if (this.#chosenCount === this.candidates) return this.candidates;
    const { baseline } = this;
    const { fieldCount } = this.#motion;
    let kept = 0;
    for (let at = 0; at < this.candidates; at++) {
      const row = this.#rows[at] ?? 0;
      if (this.#isChosen[at] === 0) {
        if (baseline.second[row] === 0) baseline.second[row] = tick;
        onLeftOut(baseline.ids[row] ?? 0);
        continue;
      }
      this.#rows[kept] = row;
      this.#residuals.copyWithin(kept * fieldCount, at * fieldCount, (at + 1) * fieldCount);
      kept++;
    }
    return kept;
  }

  /** Everything that the other side must know. */
  writeKeyframe(writer: BitWriter, tick: number): void {
    const { ids, steps, ticks, count } = this.baseline;
    writer.reserve(40);
    writer.writeGamma(count);
    this.#rowWriter.write(writer, { ids, steps, ticks, rows: undefined }, count, tick);
  }

  #reserve(rows: number): void {
    if (rows <= this.#rows.length) return;
    const room = Math.max(rows, 2 * this.#rows.length);
    this.#removed = new Uint32Array(room);
    this.#added = new Uint32Array(room);
    this.#rows = new Uint32Array(room);
    this.#residuals = new Int32Array(room * this.#motion.fieldCount);
    this.#bits = new Uint16Array(room);
    this.#isChosen = new Uint8Array(room);
  }
}
