/**
 * What is said of entities that both sides know: first which, a subset of the list; nothing more of none. Then a bit,
 * 1 where the codes are those of the updates before, else they follow. Then field by field, those without a rate first,
 * the residuals of all entities.
 * @module
 */

import type { BitWriter } from "../bits/bit-writer.ts";
import { codeBits, writeCode } from "../bits/rice-codes.ts";
import type { SnapshotTable } from "../snapshot-table.ts";
import type { SnapshotBaseline } from "./baseline.ts";
import { CodeReview } from "./code-review.ts";
import { memberBitsMax, subsetBitsMax, subsetOfFewBitsMax, writeSubset } from "./subset.ts";
import { FIELD_CODES_BITS } from "./update-codes.ts";
import { UpdateResiduals } from "./update-residuals.ts";

/** Of one residual: zero bit, 11 ones and the widest number. */
const RESIDUAL_BITS_MAX = 1 + 11 + 25;

/** The updates of one kind of one stream: first found, then chosen from, then written. */
export class UpdateEncoder {
  readonly #baseline: SnapshotBaseline;
  readonly #updates: UpdateResiduals;
  readonly #codes: CodeReview;
  /** By update. */
  #bits = new Uint16Array(16);
  #isChosen = new Uint8Array(16);
  #chosenCount = 0;
  /** Of the list that a subset is written of. */
  #length = 0;

  constructor(baseline: SnapshotBaseline) {
    this.#baseline = baseline;
    this.#updates = new UpdateResiduals(baseline);
    this.#codes = new CodeReview(baseline.motion);
  }

  /** How many there are to be said. */
  get count(): number {
    return this.#updates.count;
  }

  /** To be called when there may be a reader that knows nothing but the baseline. */
  forget(): void {
    this.#baseline.forgetWays();
    this.#codes.forget();
  }

  /**
   * Finds what has departed from where it was to go by itself.
   * @param due - By row of the table.
   */
  find(table: SnapshotTable, due: Uint8Array | undefined, tick: number): void {
    const { count, tableRows, waitsSince } = this.#baseline;
    this.#length = count;
    this.#updates.clear(count);
    for (let row = 0; row < count; row++) {
      const tableRow = tableRows[row] ?? 0;
      // What was left out once is told even if it has come back: its own player may have been told otherwise meanwhile.
      const isOwed = waitsSince[row] !== 0;
      if (!isOwed && due !== undefined && due[tableRow] === 0) continue;
      if (isOwed || this.#departs(table.steps, tableRow, row, tick)) this.#updates.add(row);
    }
    this.#chosenCount = 0;
    if (this.count > 0) this.#codes.fold(this.#updates, table, tick);
  }

  #departs(tableSteps: Int32Array, tableRow: number, row: number, tick: number): boolean {
    const { motion, steps, paces, ticks } = this.#baseline;
    const { fieldCount, order } = motion;
    const age = tick - (ticks[row] ?? 0);
    const from = row * fieldCount;
    const tableFrom = tableRow * fieldCount;
    for (let place = 0; place < fieldCount; place++) {
      const field = order[place];
      if (field === undefined) continue;
      const { index, rate } = field;
      const known = steps[from + index] ?? 0;
      const step = tableSteps[tableFrom + index] ?? 0;
      if (rate < 0) {
        if (step !== field.drifted(known, age)) return true;
      } else if (field.isFar(known + age * (paces[from + index] ?? 0), step)) return true;
    }
    return false;
  }

  /** Bits that are enough for each update's own in any case. */
  get ownBitsMax(): number {
    return this.count * this.#baseline.motion.fieldCount * RESIDUAL_BITS_MAX;
  }

  /** Bits that are enough for everything else. */
  get fixedBitsMax(): number {
    return subsetBitsMax(this.#length, this.count) + this.#codesBits;
  }

  /** The same where few are chosen, less {@link namingBitsMax} for each. */
  get fixedBitsMaxOfFew(): number {
    return subsetOfFewBitsMax(this.#length) + this.#codesBits;
  }

  /** Bits that are enough to say which update one of few is. */
  get namingBitsMax(): number {
    return memberBitsMax(this.#length);
  }

  get #codesBits(): number {
    if (this.count === 0) return 0;
    return 1 + (this.#codes.isDue ? this.#baseline.motion.fieldCount * FIELD_CODES_BITS : 0);
  }

  /** @returns How many bits all updates take of their own. What each one takes is known from then on. */
  measure(): number {
    const { fieldCount, widths } = this.#baseline.motion;
    const { k, hasZeroBit } = (this.#codes.isDue ? this.#codes.best : this.#codes.told).rice;
    const { residuals, count, rows } = this.#updates;
    if (this.#bits.length < count) {
      this.#bits = new Uint16Array(rows.length);
      this.#isChosen = new Uint8Array(rows.length);
    }
    let allBits = 0;
    for (let at = 0; at < count; at++) {
      let bits = 0;
      for (let field = 0; field < fieldCount; field++) {
        const residual = residuals[at * fieldCount + field] ?? 0;
        bits += codeBits(residual, k[field] ?? 0, hasZeroBit[field] === 1, widths[field] ?? 0);
      }
      this.#bits[at] = bits;
      this.#isChosen[at] = 0;
      allBits += bits;
    }
    return allBits;
  }

  bitsOf(update: number): number {
    return this.#bits[update] ?? 0;
  }

  /** For how many ticks an update waits already. */
  waitOf(update: number, tick: number): number {
    const since = this.#baseline.waitsSince[this.#updates.rows[update] ?? 0] ?? 0;
    return since === 0 ? 0 : tick - since;
  }

  /** Only after `measure`. */
  choose(update: number): void {
    this.#isChosen[update] = 1;
    this.#chosenCount++;
  }

  chooseAll(): void {
    this.#chosenCount = this.count;
  }

  /**
   * Writes those that were chosen; the others wait.
   * @param leftOut - Gets their ids.
   * @returns Whether there was one.
   */
  write(writer: BitWriter, table: SnapshotTable, tick: number, leftOut: Set<number>): boolean {
    if (this.#chosenCount < this.count) this.#leaveOut(tick, leftOut);
    const { rows, residuals, count } = this.#updates;
    const { fieldCount, order } = this.#baseline.motion;
    writeSubset(writer, rows, count, this.#length);
    if (count === 0) return false;
    writer.reserve(this.fixedBitsMax + this.ownBitsMax);
    this.#writeCodes(writer);
    const { k, hasZeroBit } = this.#codes.told.rice;
    for (const { index, width } of order) {
      const fieldK = k[index] ?? 0;
      const isZeroTold = hasZeroBit[index] === 1;
      for (let at = index; at < count * fieldCount; at += fieldCount) {
        writeCode(writer, residuals[at] ?? 0, fieldK, isZeroTold, width);
      }
    }
    this.#updates.settle(table, tick);
    return true;
  }

  #writeCodes(writer: BitWriter): void {
    const { isDue, best, told } = this.#codes;
    writer.write(isDue ? 0 : 1, 1);
    if (!isDue) return;
    best.write(writer);
    told.set(best);
    this.#codes.isDue = false;
  }

  #leaveOut(tick: number, leftOut: Set<number>): void {
    const { ids, waitsSince } = this.#baseline;
    let kept = 0;
    for (let at = 0; at < this.#updates.count; at++) {
      if (this.#isChosen[at] === 1) {
        this.#updates.move(kept++, at);
        continue;
      }
      const row = this.#updates.rows[at] ?? 0;
      if (waitsSince[row] === 0) waitsSince[row] = tick;
      leftOut.add(ids[row] ?? 0);
    }
    this.#updates.count = kept;
  }
}
