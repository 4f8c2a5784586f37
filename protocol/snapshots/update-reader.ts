import type { BitReader } from "../bits/bit-reader.ts";
import { readCode } from "../bits/rice-codes.ts";
import type { SnapshotBaseline } from "./baseline.ts";
import { type FieldMotion, STAYS } from "./motion.ts";
import { unfoldStep } from "./residual.ts";
import { UpdateCodes } from "./update-codes.ts";

/** Reads what an `UpdateEncoder` writes of one kind. */
export class UpdateReader {
  readonly #baseline: SnapshotBaseline;
  readonly #codes: UpdateCodes;
  #areCodesKnown = false;

  constructor(baseline: SnapshotBaseline) {
    this.#baseline = baseline;
    this.#codes = new UpdateCodes(baseline.motion.fieldCount);
  }

  forget(): void {
    this.#baseline.forgetWays();
    this.#areCodesKnown = false;
  }

  /** @returns Whether the codes are known then. */
  readCodes(reader: BitReader): boolean {
    if (reader.read(1) === 1) return this.#areCodesKnown;
    this.#codes.read(reader);
    this.#areCodesKnown = true;
    return true;
  }

  /**
   * Reads the updates of rows, for which there are codes.
   * @returns Whether they could be read.
   */
  read(reader: BitReader, rows: Uint32Array, count: number, tick: number): boolean {
    const { motion, ticks } = this.#baseline;
    // Each residual takes one bit at the least.
    if (count * motion.fieldCount > reader.bitsLeft) return false;
    for (const field of motion.order) {
      const isRead =
        field.rate < 0
          ? this.#readPlain(reader, field, rows, count, tick)
          : this.#readRated(reader, field, rows, count, tick);
      if (!isRead) return false;
    }
    for (let at = 0; at < count; at++) ticks[rows[at] ?? 0] = tick;
    return !reader.isOver;
  }

  #readPlain(
    reader: BitReader,
    field: FieldMotion,
    rows: Uint32Array,
    updates: number,
    tick: number,
  ): boolean {
    const { motion, steps, ways, ticks } = this.#baseline;
    const { index, count, width, wraps } = field;
    const k = this.#codes.rice.k[index] ?? 0;
    const hasZeroBit = this.#codes.rice.hasZeroBit[index] === 1;
    const stays = this.#codes.modes[index] === STAYS;
    for (let at = 0; at < updates; at++) {
      const row = rows[at] ?? 0;
      const known = row * motion.fieldCount + index;
      const residual = readCode(reader, k, hasZeroBit, width);
      if (residual >= count) return false;
      const drifted = field.drifted(steps[known] ?? 0, tick - (ticks[row] ?? 0));
      const predicted = stays ? drifted : field.nearestStep(drifted + (ways[known] ?? 0));
      const step = unfoldStep(residual, predicted, count, wraps);
      steps[known] = step;
      ways[known] = field.wayTo(drifted, step);
    }
    return true;
  }

  /** Its rate was read before. */
  #readRated(
    reader: BitReader,
    field: FieldMotion,
    rows: Uint32Array,
    updates: number,
    tick: number,
  ): boolean {
    const { motion, steps, paces, ticks } = this.#baseline;
    const { index, rate, count, width, wraps } = field;
    const k = this.#codes.rice.k[index] ?? 0;
    const hasZeroBit = this.#codes.rice.hasZeroBit[index] === 1;
    const mode = this.#codes.modes[index] ?? 0;
    for (let at = 0; at < updates; at++) {
      const row = rows[at] ?? 0;
      const from = row * motion.fieldCount;
      const known = from + index;
      const residual = readCode(reader, k, hasZeroBit, width);
      if (residual >= count) return false;
      const newPace = field.paceAt(steps[from + rate] ?? 0);
      const age = tick - (ticks[row] ?? 0);
      const predicted = field.moved(steps[known] ?? 0, age, paces[known] ?? 0, newPace, mode);
      steps[known] = unfoldStep(residual, predicted, count, wraps);
      paces[known] = newPace;
    }
    return true;
  }
}
