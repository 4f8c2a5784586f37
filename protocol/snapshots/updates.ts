/**
 * What is said of entities that both sides know: first which, a subset of the list; nothing more of none. Then a bit,
 * 1 where the codes are those of the update before, else they follow. Then field by field, those without a rate first, the residuals of all entities.
 * @module
 */

import type { SnapshotTable } from "../snapshot-table.ts";
import type { SnapshotBaseline } from "./baseline.ts";
import type { BitWriter } from "./bit-writer.ts";
import {
  changeFelt,
  type FieldMotion,
  type KindMotion,
  PLAIN_MODES,
  RATED_MODES,
  STAYS,
} from "./motion.ts";
import { foldStep } from "./residual.ts";
import { codeBits, writeCode } from "./rice-codes.ts";
import { RiceStatistics } from "./rice-statistics.ts";
import { subsetBitsMax, writeSubset } from "./subset.ts";
import { FIELD_CODES_BITS, UpdateCodes } from "./update-codes.ts";

/** Of one residual: zero bit, 11 ones and the widest number. */
const RESIDUAL_BITS_MAX = 1 + 11 + 25;
/** Whichever way of prediction is better must be so by this share, for a change costs bits itself. */
const MODE_GAIN = 0.97;
/** How many updates are enough, more or less, to tell which way is better. */
const SAMPLES = 32;
/** Codes are looked over at every so manyth message with updates: they change slowly, and that costs as much as coding. */
const MESSAGES_PER_REVIEW = 4;
/** What an older observation of the ways of prediction counts against the next. */
const MODE_MEMORY = 0.75;

/** The updates of one kind of one stream. */
export class UpdateEncoder {
  readonly #motion: KindMotion;
  readonly #baseline: SnapshotBaseline;
  readonly #statistics: RiceStatistics;
  /** As the readers have them, and as they would be best. */
  readonly #told: UpdateCodes;
  readonly #best: UpdateCodes;
  /** Whether the next updates bring the best codes, because readers lack any or theirs are worse. */
  #saysCodes = true;
  #untilReview = 0;
  /** By field and mode: about how many bits it took when it was tried. One field is tried per review. */
  readonly #scores: Float64Array;
  #tried = 0;
  #count = 0;
  /** Rows of the baseline, what each says, how many bits that takes, and whether it is chosen. */
  #rows = new Uint32Array(16);
  #residuals: Int32Array;
  /** What the baseline gets once they are told. */
  #ways: Int32Array;
  #paces: Float64Array;
  #bits = new Uint16Array(16);
  #isChosen = new Uint8Array(16);
  #chosenCount = 0;
  #length = 0;

  constructor(baseline: SnapshotBaseline) {
    const { motion } = baseline;
    this.#motion = motion;
    this.#baseline = baseline;
    this.#statistics = new RiceStatistics(motion.widths);
    this.#told = new UpdateCodes(motion.fieldCount);
    this.#best = new UpdateCodes(motion.fieldCount);
    this.#scores = new Float64Array(RATED_MODES * motion.fieldCount);
    this.#residuals = new Int32Array(16 * motion.fieldCount);
    this.#ways = new Int32Array(16 * motion.fieldCount);
    this.#paces = new Float64Array(16 * motion.fieldCount);
  }

  /** How many updates there are to be said. */
  get count(): number {
    return this.#count;
  }

  /** To be called when there may be a reader that knows nothing but the baseline. */
  forget(): void {
    this.#baseline.forgetWays();
    this.#saysCodes = true;
    this.#untilReview = 0;
  }

  /**
   * Finds what has departed from where it was to go by itself.
   * @param due - By row of the table; what waits is due as well.
   */
  find(table: SnapshotTable, due: Uint8Array | undefined, tick: number): void {
    const { count, tableRows, waitsSince } = this.#baseline;
    this.#length = count;
    this.#reserve(count);
    let found = 0;
    for (let row = 0; row < count; row++) {
      const tableRow = tableRows[row] ?? 0;
      const isWaiting = (waitsSince[row] ?? 0) > 0;
      const isDue = due === undefined || due[tableRow] !== 0;
      // What waits is said even if it came back to where it went by itself: a reader may hold an OWN message of between.
      if (isWaiting || (isDue && this.#departs(table.steps, tableRow, row, tick))) {
        this.#rows[found++] = row;
      }
    }
    this.#count = found;
    this.#chosenCount = 0;
    if (found > 0) this.#fold(table, tick);
  }

  #departs(tableSteps: Int32Array, tableRow: number, row: number, tick: number): boolean {
    const { steps, paces, ticks } = this.#baseline;
    const { fieldCount, order } = this.#motion;
    const age = tick - (ticks[row] ?? 0);
    const from = row * fieldCount;
    const tableFrom = tableRow * fieldCount;
    for (let place = 0; place < fieldCount; place++) {
      const field = order[place];
      if (field === undefined) continue;
      const { index, rate } = field;
      const known = steps[from + index] ?? 0;
      const step = tableSteps[tableFrom + index] ?? 0;
      if (rate >= 0) {
        if (field.isFar(known + age * (paces[from + index] ?? 0), step)) return true;
      } else if (step !== field.drifted(known, age)) {
        return true;
      }
    }
    return false;
  }

  /** Works out all residuals, and now and then whether there are better codes for them. */
  #fold(table: SnapshotTable, tick: number): void {
    const { fields, fieldCount } = this.#motion;
    const isReview = this.#untilReview === 0;
    if (isReview) {
      this.#tried = (this.#tried + 1) % fieldCount;
      const field = fields[this.#tried];
      if (field !== undefined) this.#tryModes(field, table, tick);
    }
    this.#untilReview = isReview ? MESSAGES_PER_REVIEW - 1 : this.#untilReview - 1;
    for (const field of fields) {
      this.#foldField(field, this.#best.modes[field.index] ?? 0, table, tick, 1);
    }
    if (isReview) this.#reviewCodes();
  }

  #reviewCodes(): void {
    const statistics = this.#statistics;
    const { fieldCount } = this.#motion;
    statistics.reset();
    for (let field = 0; field < fieldCount; field++) {
      statistics.addColumn(field, this.#residuals, fieldCount, this.#count);
    }
    statistics.choose(this.#best.rice, true);
    const gain = statistics.usualBits(this.#told.rice) - statistics.usualBits(this.#best.rice);
    const isOtherMode = this.#best.modes.some((mode, field) => mode !== this.#told.modes[field]);
    if (isOtherMode || gain > fieldCount * FIELD_CODES_BITS) this.#saysCodes = true;
  }

  /** Finds the best way to predict a field. */
  #tryModes(field: FieldMotion, table: SnapshotTable, tick: number): void {
    const { fieldCount } = this.#motion;
    const modes = field.rate < 0 ? PLAIN_MODES : RATED_MODES;
    const from = field.index * RATED_MODES;
    const former = this.#best.modes[field.index] ?? 0;
    let best = former;
    const stride = 1 + Math.floor(this.#count / SAMPLES);
    for (let mode = 0; mode < modes; mode++) {
      this.#foldField(field, mode, table, tick, stride);
      let bits = 0;
      for (let at = 0; at < this.#count; at += stride) {
        bits += 32 - Math.clz32(this.#residuals[at * fieldCount + field.index] ?? 0);
      }
      this.#scores[from + mode] = MODE_MEMORY * (this.#scores[from + mode] ?? 0) + bits;
    }
    for (let mode = 0; mode < modes; mode++) {
      const gain = best === former ? MODE_GAIN : 1;
      if ((this.#scores[from + mode] ?? 0) < gain * (this.#scores[from + best] ?? 0)) best = mode;
    }
    this.#best.modes[field.index] = best;
  }

  /** Works out one field's residuals, of every so manyth update. */
  #foldField(
    field: FieldMotion,
    mode: number,
    table: SnapshotTable,
    tick: number,
    stride: number,
  ): void {
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
    const { steps, ways, ticks, tableRows } = this.#baseline;
    const { fieldCount } = this.#motion;
    const { index, count, wraps } = field;
    const rows = this.#rows;
    for (let at = 0; at < this.#count; at += stride) {
      const row = rows[at] ?? 0;
      const known = row * fieldCount + index;
      const step = tableSteps[(tableRows[row] ?? 0) * fieldCount + index] ?? 0;
      const drifted = field.drifted(steps[known] ?? 0, tick - (ticks[row] ?? 0));
      const predicted = mode === STAYS ? drifted : field.nearestStep(drifted + (ways[known] ?? 0));
      const place = at * fieldCount + index;
      this.#residuals[place] = foldStep(step, predicted, count, wraps);
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
    const { steps, paces, ticks, tableRows } = this.#baseline;
    const { fieldCount } = this.#motion;
    const { index, rate, count, wraps } = field;
    const rows = this.#rows;
    const felt = changeFelt(mode);
    for (let at = 0; at < this.#count; at += stride) {
      const row = rows[at] ?? 0;
      const known = row * fieldCount + index;
      const tableFrom = (tableRows[row] ?? 0) * fieldCount;
      const age = tick - (ticks[row] ?? 0);
      const newPace = field.paceAt(tableSteps[tableFrom + rate] ?? 0);
      const predicted = field.moved(steps[known] ?? 0, age, paces[known] ?? 0, newPace, felt);
      const place = at * fieldCount + index;
      this.#residuals[place] = foldStep(
        tableSteps[tableFrom + index] ?? 0,
        predicted,
        count,
        wraps,
      );
      this.#paces[place] = newPace;
    }
  }

  /** Bits that are enough in any case. */
  get bitsMax(): number {
    return this.fixedBitsMax + this.#count * this.#motion.fieldCount * RESIDUAL_BITS_MAX;
  }

  /** Bits at most beside each update's own. */
  get fixedBitsMax(): number {
    const codesBits = this.#count > 0 ? 1 + this.#motion.fieldCount * FIELD_CODES_BITS : 0;
    return subsetBitsMax(this.#length, this.#count) + codesBits;
  }

  /** @returns How many bits all candidates take beside that. What each one takes is known from then on. */
  measure(): number {
    const { fieldCount, widths } = this.#motion;
    const { k, hasZeroBit } = (this.#saysCodes ? this.#best : this.#told).rice;
    let allBits = 0;
    for (let at = 0; at < this.#count; at++) {
      let bits = 0;
      for (let field = 0; field < fieldCount; field++) {
        const residual = this.#residuals[at * fieldCount + field] ?? 0;
        bits += codeBits(residual, k[field] ?? 0, hasZeroBit[field] === 1, widths[field] ?? 0);
      }
      this.#bits[at] = bits;
      this.#isChosen[at] = 0;
      allBits += bits;
    }
    return allBits;
  }

  bitsOf(candidate: number): number {
    return this.#bits[candidate] ?? 0;
  }

  /** For how many ticks a candidate waits already. */
  waitOf(candidate: number, tick: number): number {
    const since = this.#baseline.waitsSince[this.#rows[candidate] ?? 0] ?? 0;
    return since === 0 ? 0 : tick - since;
  }

  choose(candidate: number): void {
    this.#isChosen[candidate] = 1;
    this.#chosenCount++;
  }

  chooseAll(): void {
    this.#chosenCount = this.#count;
  }

  /** @returns Whether there was one. @param onLeftOut - Gets the id of each candidate that was not chosen. */
  write(
    writer: BitWriter,
    table: SnapshotTable,
    tick: number,
    onLeftOut: (id: number) => void,
  ): boolean {
    const { fieldCount, order } = this.#motion;
    if (this.#chosenCount < this.#count) this.#keepChosen(tick, onLeftOut);
    writeSubset(writer, this.#rows, this.#count, this.#length);
    if (this.#count === 0) return false;
    writer.reserve((this.#count + 1) * fieldCount * RESIDUAL_BITS_MAX);
    writer.write(this.#saysCodes ? 0 : 1, 1);
    if (this.#saysCodes) {
      this.#best.write(writer);
      this.#told.set(this.#best);
      this.#saysCodes = false;
    }
    const { k, hasZeroBit } = this.#told.rice;
    for (const { index, width } of order) {
      const fieldK = k[index] ?? 0;
      const isZeroTold = hasZeroBit[index] === 1;
      const end = this.#count * fieldCount;
      for (let at = index; at < end; at += fieldCount) {
        writeCode(writer, this.#residuals[at] ?? 0, fieldK, isZeroTold, width);
      }
    }
    this.#settle(table, tick);
    return true;
  }

  /** The baseline has the entities as they are in the table. */
  #settle(table: SnapshotTable, tick: number): void {
    const { steps, paces, ways, ticks, tableRows, waitsSince } = this.#baseline;
    const { fieldCount } = this.#motion;
    const tableSteps = table.steps;
    for (let at = 0; at < this.#count; at++) {
      const row = this.#rows[at] ?? 0;
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

  /** Moves the chosen candidates to the front and forgets the others. */
  #keepChosen(tick: number, onLeftOut: (id: number) => void): void {
    const { ids, waitsSince } = this.#baseline;
    const { fieldCount } = this.#motion;
    let kept = 0;
    for (let at = 0; at < this.#count; at++) {
      const row = this.#rows[at] ?? 0;
      if (this.#isChosen[at] === 0) {
        if (waitsSince[row] === 0) waitsSince[row] = tick;
        onLeftOut(ids[row] ?? 0);
        continue;
      }
      this.#rows[kept] = row;
      for (const column of [this.#residuals, this.#ways, this.#paces]) {
        column.copyWithin(kept * fieldCount, at * fieldCount, (at + 1) * fieldCount);
      }
      kept++;
    }
    this.#count = kept;
  }

  #reserve(rows: number): void {
    if (rows <= this.#rows.length) return;
    const room = Math.max(rows, 2 * this.#rows.length);
    this.#rows = new Uint32Array(room);
    this.#residuals = new Int32Array(room * this.#motion.fieldCount);
    this.#ways = new Int32Array(room * this.#motion.fieldCount);
    this.#paces = new Float64Array(room * this.#motion.fieldCount);
    this.#bits = new Uint16Array(room);
    this.#isChosen = new Uint8Array(room);
  }
}
