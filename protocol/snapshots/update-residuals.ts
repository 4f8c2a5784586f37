import type { SnapshotTable } from "../snapshot-table.ts";
import type { SnapshotBaseline } from "./baseline.ts";
import { type FieldMotion, STAYS } from "./motion.ts";
import { foldStep } from "./residual.ts";

const FIRST_ROOM = 16;

/** What the updates of one kind say at one tick: of which rows of the baseline, and how far from the prediction they are. */
export class UpdateResiduals {
  count = 0;
  /** Rows of the baseline, ascending. */
  rows = new Uint32Array(FIRST_ROOM);
  /** `update * fieldCount + field`. */
  residuals: Int32Array;
  readonly #baseline: SnapshotBaseline;
  /** What the baseline gets when they are told; as `residuals`. */
  #ways: Int32Array;
  #paces: Float64Array;

  constructor(baseline: SnapshotBaseline) {
    const { fieldCount } = baseline.motion;
    this.#baseline = baseline;
    this.residuals = new Int32Array(FIRST_ROOM * fieldCount);
    this.#ways = new Int32Array(FIRST_ROOM * fieldCount);
    this.#paces = new Float64Array(FIRST_ROOM * fieldCount);
  }

  /** Makes room for so many rows, and forgets those that were. */
  clear(rows: number): void {
    this.count = 0;
    if (rows <= this.rows.length) return;
    const room = Math.max(rows, 2 * this.rows.length);
    const { fieldCount } = this.#baseline.motion;
    this.rows = new Uint32Array(room);
    this.residuals = new Int32Array(room * fieldCount);
    this.#ways = new Int32Array(room * fieldCount);
    this.#paces = new Float64Array(room * fieldCount);
  }

  add(row: number): void {
    this.rows[this.count++] = row;
  }

  /**
   * Works out the residuals of one field.
   * @param stride - Of every so manyth update: 1 for all.
   */
  fold(field: FieldMotion, mode: number, table: SnapshotTable, tick: number, stride: number): void {
    if (field.rate < 0) this.#foldPlain(field, mode, table.steps, tick, stride);
    else this.#foldRated(field, mode, table.steps, tick, stride);
  }

  #foldPlain(
    field: FieldMotion,
    mode: number,
    tableSteps: Int32Array,
    tick: number,
    stride: number,
  ): void {
    const { motion, steps, ways, ticks, tableRows } = this.#baseline;
    const { fieldCount } = motion;
    const { index, count, wraps } = field;
    for (let at = 0; at < this.count; at += stride) {
      const row = this.rows[at] ?? 0;
      const known = row * fieldCount + index;
      const step = tableSteps[(tableRows[row] ?? 0) * fieldCount + index] ?? 0;
      const drifted = field.drifted(steps[known] ?? 0, tick - (ticks[row] ?? 0));
      const predicted = mode === STAYS ? drifted : field.nearestStep(drifted + (ways[known] ?? 0));
      const place = at * fieldCount + index;
      this.residuals[place] = foldStep(step, predicted, count, wraps);
      this.#ways[place] = field.wayTo(drifted, step);
    }
  }

  #foldRated(
    field: FieldMotion,
    mode: number,
    tableSteps: Int32Array,
    tick: number,
    stride: number,
  ): void {
    const { motion, steps, paces, ticks, tableRows } = this.#baseline;
    const { fieldCount } = motion;
    const { index, rate, count, wraps } = field;
    for (let at = 0; at < this.count; at += stride) {
      const row = this.rows[at] ?? 0;
      const known = row * fieldCount + index;
      const tableFrom = (tableRows[row] ?? 0) * fieldCount;
      const age = tick - (ticks[row] ?? 0);
      const newPace = field.paceAt(tableSteps[tableFrom + rate] ?? 0);
      const predicted = field.moved(steps[known] ?? 0, age, paces[known] ?? 0, newPace, mode);
      const place = at * fieldCount + index;
      const step = tableSteps[tableFrom + index] ?? 0;
      this.residuals[place] = foldStep(step, predicted, count, wraps);
      this.#paces[place] = newPace;
    }
  }

  /** Moves an update, with all that was worked out of it, to an earlier place. */
  move(to: number, from: number): void {
    const { fieldCount } = this.#baseline.motion;
    this.rows[to] = this.rows[from] ?? 0;
    for (const column of [this.residuals, this.#ways, this.#paces]) {
      column.copyWithin(to * fieldCount, from * fieldCount, (from + 1) * fieldCount);
    }
  }

  /** They are told: the baseline has these entities as they are in the table. */
  settle(table: SnapshotTable, tick: number): void {
    const { motion, steps, paces, ways, ticks, tableRows, waitsSince } = this.#baseline;
    const { fieldCount } = motion;
    const tableSteps = table.steps;
    for (let at = 0; at < this.count; at++) {
      const row = this.rows[at] ?? 0;
      const known = row * fieldCount;
      const place = at * fieldCount;
      const tableFrom = (tableRows[row] ?? 0) * fieldCount;
      for (let field = 0; field < fieldCount; field++) {
        steps[known + field] = tableSteps[tableFrom + field] ?? 0;
        paces[known + field] = this.#paces[place + field] ?? 0;
        ways[known + field] = this.#ways[place + field] ?? 0;
      }
      ticks[row] = tick;
      waitsSince[row] = 0;
    }
  }
}
