import { RiceStatistics } from "../bits/rice-statistics.ts";
import type { SnapshotTable } from "../snapshot-table.ts";
import { type KindMotion, PLAIN_MODES, RATED_MODES } from "./motion.ts";
import { FIELD_CODES_BITS, UpdateCodes } from "./update-codes.ts";
import type { UpdateResiduals } from "./update-residuals.ts";

/** At every so manyth message with updates: codes change slowly, and a review costs as much as coding. */
const MESSAGES_PER_REVIEW = 4;
/** How many updates are enough, more or less, to tell which mode is better. */
const SAMPLES = 32;
/** A better mode must be so by this share, since to tell it costs bits itself. */
const MODE_GAIN = 0.97;
/** What an older trial of a mode counts against the next. */
const MODE_MEMORY = 0.75;

/** Finds out by which codes the updates of one kind are short. */
export class CodeReview {
  /** As the readers have them. */
  readonly told: UpdateCodes;
  /** As they would be best; other modes than those of `told` only where they are to be told. */
  readonly best: UpdateCodes;
  /** Whether the next updates are to bring the best codes: readers lack any, or theirs are worse. */
  isDue = true;
  readonly #motion: KindMotion;
  readonly #statistics: RiceStatistics;
  #messagesLeft = 0;
  /** By field and mode: about how many bits it took when it was tried. One field is tried per review. */
  readonly #scores: Float64Array;
  #tried = 0;

  constructor(motion: KindMotion) {
    this.#motion = motion;
    this.#statistics = new RiceStatistics(motion.widths);
    this.told = new UpdateCodes(motion.fieldCount);
    this.best = new UpdateCodes(motion.fieldCount);
    this.#scores = new Float64Array(RATED_MODES * motion.fieldCount);
  }

  /** To be called when there may be a reader that knows no codes. */
  forget(): void {
    this.isDue = true;
    this.#messagesLeft = 0;
  }

  /** Works out all residuals by the best modes. */
  fold(updates: UpdateResiduals, table: SnapshotTable, tick: number): void {
    const isReview = this.#messagesLeft === 0;
    if (isReview) this.#tryModes(updates, table, tick);
    this.#messagesLeft = isReview ? MESSAGES_PER_REVIEW - 1 : this.#messagesLeft - 1;
    for (const field of this.#motion.fields) {
      updates.fold(field, this.best.modes[field.index] ?? 0, table, tick, 1);
    }
    if (isReview) this.#chooseCodes(updates);
  }

  #chooseCodes({ residuals, count }: UpdateResiduals): void {
    const { told, best } = this;
    const { fieldCount } = this.#motion;
    this.#statistics.reset();
    for (let field = 0; field < fieldCount; field++) {
      this.#statistics.addColumn(field, residuals, fieldCount, count);
    }
    this.#statistics.choose(best.rice, true);
    const gain = this.#statistics.usualBits(told.rice) - this.#statistics.usualBits(best.rice);
    const isOtherMode = best.modes.some((mode, field) => mode !== told.modes[field]);
    if (isOtherMode || gain > fieldCount * FIELD_CODES_BITS) this.isDue = true;
  }

  #tryModes(updates: UpdateResiduals, table: SnapshotTable, tick: number): void {
    const { fields, fieldCount } = this.#motion;
    this.#tried = (this.#tried + 1) % fieldCount;
    const field = fields[this.#tried];
    if (field === undefined) return;
    const scores = this.#scores.subarray(this.#tried * RATED_MODES);
    const modes = field.rate < 0 ? PLAIN_MODES : RATED_MODES;
    const stride = 1 + Math.floor(updates.count / SAMPLES);
    for (let mode = 0; mode < modes; mode++) {
      updates.fold(field, mode, table, tick, stride);
      let bits = 0;
      for (let at = 0; at < updates.count; at += stride) {
        bits += 32 - Math.clz32(updates.residuals[at * fieldCount + field.index] ?? 0);
      }
      scores[mode] = MODE_MEMORY * (scores[mode] ?? 0) + bits;
    }
    const former = this.best.modes[field.index] ?? 0;
    let best = former;
    for (let mode = 0; mode < modes; mode++) {
      const gain = best === former ? MODE_GAIN : 1;
      if ((scores[mode] ?? 0) < gain * (scores[best] ?? 0)) best = mode;
    }
    this.best.modes[field.index] = best;
  }
}
