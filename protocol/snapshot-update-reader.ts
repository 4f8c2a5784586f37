import type { BitReader } from "./bit-reader.ts";
import { K_BITS, noCodes, type RiceCodes, readCode } from "./rice-codes.ts";
import type { SnapshotBaseline } from "./snapshot-baseline.ts";
import { STAYS } from "./snapshot-motion.ts";
import { unfoldStep } from "./snapshot-residual.ts";

const MODE_BITS = 2;

/** Reads what an `UpdateEncoder` writes of one kind. */
export class UpdateReader {
  readonly #baseline: SnapshotBaseline;
  readonly #codes: RiceCodes;
  readonly #modes: Uint8Array;
  #areCodesKnown = false;

  constructor(baseline: SnapshotBaseline) {
    this.#baseline = baseline;
    this.#codes = noCodes(baseline.motion.fieldCount);
    this.#modes = new Uint8Array(baseline.motion.fieldCount);
  }

  forget(): void {
    this.#baseline.forgetWays();
    this.#areCodesKnown = false;
  }

  /** @returns Whether the codes are known then. */
  readCodes(reader: BitReader): boolean {
    if (reader.read(1) === 1) return this.#areCodesKnown;
    const { k, hasZeroBit } = this.#codes;
    for (let field = 0; field < k.length; field++) {
      k[field] = reader.read(K_BITS);
      hasZeroBit[field] = reader.read(1);
      this.#modes[field] = reader.read(MODE_BITS);
    }
    this.#areCodesKnown = true;
    return true;
  }

  /** @returns Whether the update of that row could be read. */
  read(reader: BitReader, row: number, tick: number): boolean {
    const { motion, steps, paces, ways, ticks } = this.#baseline;
    const { fieldCount, order, counts, widths, wraps, rates } = motion;
    const from = row * fieldCount;
    const age = tick - (ticks[row] ?? 0);
    for (let place = 0; place < fieldCount; place++) {
      const field = order[place] ?? 0;
      const known = from + field;
      const count = counts[field] ?? 1;
      const residual = readCode(reader, this.#codes, field, widths[field] ?? 0);
      if (residual >= count) return false;
      const step = steps[known] ?? 0;
      const pace = paces[known] ?? 0;
      // Its rate, if it has one, was read before it.
      const newPace = motion.paceOf(field, steps, from);
      const way = ways[known] ?? 0;
      const mode = this.#modes[field] ?? 0;
      const predicted = motion.predict(field, step, age, pace, newPace, way, mode);
      const read = unfoldStep(residual, predicted, count, wraps[field] === 1);
      if ((rates[field] ?? -1) < 0) {
        const stayed = motion.predict(field, step, age, pace, pace, 0, STAYS);
        ways[known] = motion.wayTo(field, stayed, read);
      }
      paces[known] = newPace;
      steps[known] = read;
    }
    ticks[row] = tick;
    return !reader.isOver;
  }
}
