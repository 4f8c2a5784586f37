/**
 * What is said of entities that both sides know: first which, a subset of the list; nothing more of none. Then a bit,
 * 1 where the codes are those of the update before; else for each field 5 bits k, 1 bit whether there is a zero bit,
 * and 2 bits how it is predicted. Then entity by entity, fields without a rate first, the residuals.
 * @module
 */
import type { BitWriter } from "./bit-writer.ts";
import { codeBits, K_BITS, noCodes, type RiceCodes, writeCode } from "./rice-codes.ts";
import { RiceStatistics } from "./rice-statistics.ts";
import type { SnapshotBaseline } from "./snapshot-baseline.ts";
import { GOES_ON, type KindMotion, RATED_MODES, STAYS } from "./snapshot-motion.ts";
import { foldStep } from "./snapshot-residual.ts";
import { subsetBitsMax, writeSubset } from "./snapshot-subset.ts";
import type { SnapshotTable } from "./snapshot-table.ts";

const MODE_BITS = 2;
/** Of one field's codes. */
const CODES_BITS = K_BITS + 1 + MODE_BITS;
/** Of one residual: zero bit, 11 ones and the widest number. */
const RESIDUAL_BITS_MAX = 1 + 11 + 25;
/** Whichever way of prediction is better must be so by this share, for a change costs bits itself. */
const MODE_GAIN = 0.97;
/** What an older observation of the ways of prediction counts against the next. */
const MODE_MEMORY = 0.75;

/**
 * The updates of one kind. The baseline's own columns are: `first` the table's row where an entity is, `second` the
 * tick since which an update of it waits, 0 if none does.
 */
export class UpdateEncoder {
  readonly #motion: KindMotion;
  readonly #baseline: SnapshotBaseline;
  readonly #statistics: RiceStatistics;
  /** As the readers have them, and as they would be best at this tick. */
  readonly #codes: RiceCodes;
  readonly #bestCodes: RiceCodes;
  readonly #modes: Uint8Array;
  readonly #bestModes: Uint8Array;
  #areCodesKnown = false;
  #saysCodes = false;
  /** By field and mode: about how many bits it took when it was tried. One field is tried per tick. */
  readonly #scores: Float64Array;
  #tried = 0;
  #count = 0;
  /** Rows of the baseline, what each says, how many bits that takes, and whether it is chosen. */
  #rows = new Uint32Array(16);
  #residuals: Int32Array;
  #bits = new Uint16Array(16);
  #isChosen = new Uint8Array(16);
  #chosenCount = 0;
  #length = 0;

  constructor(baseline: SnapshotBaseline) {
    const { motion } = baseline;
    this.#motion = motion;
    this.#baseline = baseline;
    this.#statistics = new RiceStatistics(motion.widths);
    this.#codes = noCodes(motion.fieldCount);
    this.#bestCodes = noCodes(motion.fieldCount);
    this.#modes = new Uint8Array(motion.fieldCount);
    this.#bestModes = new Uint8Array(motion.fieldCount);
    this.#scores = new Float64Array(RATED_MODES * motion.fieldCount);
    this.#residuals = new Int32Array(16 * motion.fieldCount);
  }

  /** How many updates there are to be said. */
  get count(): number {
    return this.#count;
  }

  /** To be called when there may be a reader that knows nothing but the baseline. */
  forget(): void {
    this.#baseline.forgetWays();
    this.#areCodesKnown = false;
  }

  /**
   * Finds what has departed from where it was to go by itself.
   * @param due - By row of the table; what waits is due as well.
   */
  find(table: SnapshotTable, due: Uint8Array | undefined, tick: number): void {
    const baseline = this.#baseline;
    this.#length = baseline.count;
    this.#reserve(this.#length);
    let count = 0;
    for (let row = 0; row < this.#length; row++) {
      const tableRow = baseline.first[row] ?? 0;
      const isWaiting = (baseline.second[row] ?? 0) > 0;
      const isDue = due === undefined || due[tableRow] !== 0;
      // What waits is said even if it came back to where it went by itself: a reader may hold an OWN message of between.
      if (isWaiting || (isDue && this.#departs(table.steps, tableRow, row, tick))) {
        this.#rows[count++] = row;
      }
    }
    this.#count = count;
    this.#chosenCount = 0;
    if (count > 0) this.#fold(table, tick);
  }

  #departs(steps: Int32Array, tableRow: number, row: number, tick: number): boolean {
    const { steps: known, paces, ticks: ticksSaid } = this.#baseline;
    const motion = this.#motion;
    const { fieldCount, tolerances } = motion;
    const ticks = tick - (ticksSaid[row] ?? 0);
    const from = row * fieldCount;
    const tableFrom = tableRow * fieldCount;
    for (let field = 0; field < fieldCount; field++) {
      const at = (known[from + field] ?? 0) + ticks * (paces[from + field] ?? 0);
      const step = steps[tableFrom + field] ?? 0;
      if (step !== at && motion.distance(field, at, step) > (tolerances[field] ?? 0)) return true;
    }
    return false;
  }

  /** Works out all residuals, and the codes for them. */
  #fold(table: SnapshotTable, tick: number): void {
    const { fieldCount } = this.#motion;
    this.#statistics.reset();
    this.#tried = (this.#tried + 1) % fieldCount;
    this.#tryModes(this.#tried, table, tick);
    for (let field = 0; field < fieldCount; field++) {
      const mode = this.#bestModes[field] ?? 0;
      for (let at = 0; at < this.#count; at++) {
        const residual = this.#residualOf(field, mode, at, table, tick);
        this.#residuals[at * fieldCount + field] = residual;
        this.#statistics.add(field, residual);
      }
    }
    this.#statistics.choose(this.#bestCodes, true);
    const gain =
      this.#statistics.usualBits(this.#codes) - this.#statistics.usualBits(this.#bestCodes);
    const isOtherMode = this.#bestModes.some((mode, field) => mode !== this.#modes[field]);
    this.#saysCodes = isOtherMode || !this.#areCodesKnown || gain > fieldCount * CODES_BITS;
  }

  /** Finds the best way to predict a field. */
  #tryModes(field: number, table: SnapshotTable, tick: number): void {
    const modes = (this.#motion.rates[field] ?? -1) < 0 ? GOES_ON + 1 : RATED_MODES;
    const from = field * RATED_MODES;
    const former = this.#bestModes[field] ?? 0;
    let best = former;
    for (let mode = 0; mode < modes; mode++) {
      let bits = 0;
      for (let at = 0; at < this.#count; at++) {
        bits += 32 - Math.clz32(this.#residualOf(field, mode, at, table, tick));
      }
      this.#scores[from + mode] = MODE_MEMORY * (this.#scores[from + mode] ?? 0) + bits;
    }
    for (let mode = 0; mode < modes; mode++) {
      const gain = best === former ? MODE_GAIN : 1;
      if ((this.#scores[from + mode] ?? 0) < gain * (this.#scores[from + best] ?? 0)) best = mode;
    }
    this.#bestModes[field] = best;
  }

  #residualOf(
    field: number,
    mode: number,
    candidate: number,
    table: SnapshotTable,
    tick: number,
  ): number {
    const { steps, paces, ways, ticks, first } = this.#baseline;
    const motion = this.#motion;
    const { fieldCount, counts, wraps } = motion;
    const row = this.#rows[candidate] ?? 0;
    const known = row * fieldCount + field;
    const tableFrom = (first[row] ?? 0) * fieldCount;
    const predicted = motion.predict(
      field,
      steps[known] ?? 0,
      tick - (ticks[row] ?? 0),
      paces[known] ?? 0,
      motion.paceOf(field, table.steps, tableFrom),
      ways[known] ?? 0,
      mode,
    );
    const step = table.steps[tableFrom + field] ?? 0;
    return foldStep(step, predicted, counts[field] ?? 1, wraps[field] === 1);
  }

  /** Bits that all updates take at most. */
  get bitsMax(): number {
    if (this.#count === 0) return this.fixedBitsMax;
    const codes = this.#saysCodes ? this.#bestCodes : this.#codes;
    return this.fixedBitsMax + this.#statistics.mostBits(codes);
  }

  /** Bits at most beside each update's own. */
  get fixedBitsMax(): number {
    const codesBits = this.#count > 0 ? 1 + this.#motion.fieldCount * CODES_BITS : 0;
    return subsetBitsMax(this.#length, this.#count) + codesBits;
  }

  /** Works out what each candidate takes, for `bitsOf`. */
  measure(): void {
    const { fieldCount, widths } = this.#motion;
    const codes = this.#saysCodes ? this.#bestCodes : this.#codes;
    for (let at = 0; at < this.#count; at++) {
      let bits = 0;
      for (let field = 0; field < fieldCount; field++) {
        const residual = this.#residuals[at * fieldCount + field] ?? 0;
        bits += codeBits(codes, field, residual, widths[field] ?? 0);
      }
      this.#bits[at] = bits;
      this.#isChosen[at] = 0;
    }
  }

  bitsOf(candidate: number): number {
    return this.#bits[candidate] ?? 0;
  }

  /** For how many ticks a candidate waits already. */
  waitOf(candidate: number, tick: number): number {
    const since = this.#baseline.second[this.#rows[candidate] ?? 0] ?? 0;
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
    const { fieldCount, order, widths } = this.#motion;
    if (this.#chosenCount < this.#count) this.#keepChosen(tick, onLeftOut);
    writeSubset(writer, this.#rows, this.#count, this.#length);
    if (this.#count === 0) return false;
    writer.reserve((this.#count + 1) * fieldCount * RESIDUAL_BITS_MAX);
    this.#writeCodes(writer);
    const codes = this.#codes;
    for (let at = 0; at < this.#count; at++) {
      for (let place = 0; place < fieldCount; place++) {
        const field = order[place] ?? 0;
        const residual = this.#residuals[at * fieldCount + field] ?? 0;
        writeCode(writer, codes, field, residual, widths[field] ?? 0);
      }
      this.#settle(this.#rows[at] ?? 0, table, tick);
    }
    return true;
  }

  #writeCodes(writer: BitWriter): void {
    writer.write(this.#saysCodes ? 0 : 1, 1);
    if (!this.#saysCodes) return;
    const { k, hasZeroBit } = this.#bestCodes;
    for (let field = 0; field < k.length; field++) {
      writer.write(k[field] ?? 0, K_BITS);
      writer.write(hasZeroBit[field] ?? 0, 1);
      writer.write(this.#bestModes[field] ?? 0, MODE_BITS);
    }
    this.#codes.k.set(k);
    this.#codes.hasZeroBit.set(hasZeroBit);
    this.#modes.set(this.#bestModes);
    this.#areCodesKnown = true;
  }

  /** The baseline knows the entity as it is in the table. */
  #settle(row: number, table: SnapshotTable, tick: number): void {
    const { steps, paces, ways, ticks, first, second } = this.#baseline;
    const motion = this.#motion;
    const { fieldCount } = motion;
    const tableFrom = (first[row] ?? 0) * fieldCount;
    const age = tick - (ticks[row] ?? 0);
    for (let field = 0; field < fieldCount; field++) {
      const known = row * fieldCount + field;
      const step = table.steps[tableFrom + field] ?? 0;
      const pace = paces[known] ?? 0;
      paces[known] = motion.paceOf(field, table.steps, tableFrom);
      if ((motion.rates[field] ?? -1) < 0) {
        const stayed = motion.predict(field, steps[known] ?? 0, age, pace, pace, 0, STAYS);
        ways[known] = motion.wayTo(field, stayed, step);
      }
      steps[known] = step;
    }
    ticks[row] = tick;
    second[row] = 0;
  }

  /** Moves the chosen candidates to the front and forgets the others. */
  #keepChosen(tick: number, onLeftOut: (id: number) => void): void {
    const { ids, second } = this.#baseline;
    const { fieldCount } = this.#motion;
    let kept = 0;
    for (let at = 0; at < this.#count; at++) {
      const row = this.#rows[at] ?? 0;
      if (this.#isChosen[at] === 0) {
        if (second[row] === 0) second[row] = tick;
        onLeftOut(ids[row] ?? 0);
        continue;
      }
      this.#rows[kept] = row;
      this.#residuals.copyWithin(kept * fieldCount, at * fieldCount, (at + 1) * fieldCount);
      kept++;
    }
    this.#count = kept;
  }

  #reserve(rows: number): void {
    if (rows <= this.#rows.length) return;
    const room = Math.max(rows, 2 * this.#rows.length);
    this.#rows = new Uint32Array(room);
    this.#residuals = new Int32Array(room * this.#motion.fieldCount);
    this.#bits = new Uint16Array(room);
    this.#isChosen = new Uint8Array(room);
  }
}
