/**
 * The arithmetic that encoder and decoder must agree on to the last bit: how values become whole steps, and how fields
 * go on by themselves. Doubles, each operation rounded by itself; no fused multiply and add.
 * @module
 */
import { type SnapshotField, type SnapshotKind, WHOLE_TOLERANCE } from "../snapshot-layout.ts";
import { shorterWay } from "./residual.ts";

/** Modes of a field without a rate: it has but drifted, or else it goes beyond that as far as it did when it was told last. */
export const STAYS = 0;
export const PLAIN_MODES = 2;
/**
 * Modes of a field with a rate: for how many ticks it has felt a change of the rate when that is told. Games move things
 * with the new rate, the old one, or in three pieces per tick; what is told seldom has changed little by little.
 */
const TICKS_FELT = Float64Array.of(1, 0, 0, 2 / 3);
const LITTLE_BY_LITTLE = 2;
const LITTLE_BY_LITTLE_TICKS_MAX = 8;
export const RATED_MODES = TICKS_FELT.length;
/** Hold any mode. */
export const MODE_BITS = 2;

/** One field of a kind. */
export class FieldMotion {
  readonly index: number;
  /** How many values it has: steps are 0 to one less. */
  readonly count: number;
  /** Bits that hold the highest step. */
  readonly width: number;
  readonly wraps: boolean;
  /** Index of the field that is its rate, or -1. */
  readonly rate: number;
  /** Steps per tick, for a field without a rate. */
  readonly drift: number;
  readonly #min: number;
  readonly #span: number;
  /** What one step is worth: `step` of the layout, or a little less. */
  readonly #unit: number;
  readonly #rateMin: number;
  readonly #rateUnit: number;
  /** Steps per tick that it goes for a rate of 1 per second. */
  readonly #pacePerRate: number;

  /** @param fields - Of a kind without fault. */
  constructor(fields: readonly SnapshotField[], field: SnapshotField, tickRateHz: number) {
    const steps = stepsOf(field);
    this.index = fields.indexOf(field);
    this.wraps = field.wraps === true;
    this.count = this.wraps ? steps : steps + 1;
    this.width = 32 - Math.clz32(this.count - 1);
    this.drift = field.drift ?? 0;
    this.#min = field.min;
    this.#span = field.max - field.min;
    this.#unit = this.#span / steps;
    const rate = fields.find(({ name }) => name === field.rate);
    this.rate = rate === undefined ? -1 : fields.indexOf(rate);
    this.#rateMin = rate?.min ?? 0;
    this.#rateUnit = rate === undefined ? 0 : (rate.max - rate.min) / stepsOf(rate);
    this.#pacePerRate = 1 / (tickRateHz * this.#unit);
  }

  /** @returns The nearest step; `min` for what is no finite number. */
  stepOf(value: number): number {
    const offset = value - this.#min;
    const step = Math.floor(offset / this.#unit + 0.5);
    if (step >= 0 && step < this.count) return step;
    if (!Number.isFinite(value)) return 0;
    if (!this.wraps) return step < 0 ? 0 : this.count - 1;
    const turned = offset - Math.floor(offset / this.#span) * this.#span;
    const around = Math.floor(turned / this.#unit + 0.5);
    // Where the value is so large that the remainder is not exact, any step is as good.
    return around > 0 && around < this.count ? around : 0;
  }

  /** @returns What a step stands for. */
  valueOf(step: number): number {
    return this.#min + step * this.#unit;
  }

  /**
   * @param rateStep - Where its rate is.
   * @returns By how many steps it goes on per tick.
   */
  paceAt(rateStep: number): number {
    return (this.#rateMin + rateStep * this.#rateUnit) * this.#pacePerRate;
  }

  /** @returns By how much its value goes on per tick. @param values - Of the entity. */
  perTick(values: Float64Array): number {
    return this.rate < 0
      ? this.drift * this.#unit
      : (values[this.rate] ?? 0) * this.#pacePerRate * this.#unit;
  }

  /**
   * @param step - Where it was when it was told last, `age` ticks ago.
   * @returns Where a field without a rate is if it has but drifted.
   */
  drifted(step: number, age: number): number {
    return this.drift === 0 ? step : this.nearestStep(step + age * this.drift);
  }

  /**
   * @param step - As above.
   * @param pace - As it was told then, `newPace` as it is told at the same time.
   * @returns The step that a field with a rate is predicted to be at.
   */
  moved(step: number, age: number, pace: number, newPace: number, mode: number): number {
    const felt =
      mode === LITTLE_BY_LITTLE
        ? Math.min(age, LITTLE_BY_LITTLE_TICKS_MAX) / 2
        : (TICKS_FELT[mode] ?? 0);
    return this.nearestStep(step + age * pace + (newPace - pace) * felt);
  }

  /** @param at - Steps, any number. */
  nearestStep(at: number): number {
    const step = Math.floor(at + 0.5);
    return step >= 0 && step < this.count ? step | 0 : this.#bringInside(step);
  }

  #bringInside(step: number): number {
    if (!this.wraps) return step < 0 ? 0 : this.count - 1;
    const around = step - Math.floor(step / this.count) * this.count;
    return around >= 0 && around < this.count ? around : 0;
  }

  /** @returns Whether a step is more than one away from where the field went by itself. @param at - Steps, any number. */
  isFar(at: number, step: number): boolean {
    const way = step - at;
    if (way >= -1 && way <= 1) return false;
    if (this.wraps) {
      const around = way - Math.floor(way / this.count + 0.5) * this.count;
      return !(around >= -1 && around <= 1);
    }
    const end = at < 0 ? 0 : this.count - 1;
    return (at >= 0 && at <= this.count - 1) || Math.abs(step - end) > 1;
  }

  /** @returns Steps from one step to another, the shorter way round where it wraps. */
  wayTo(from: number, to: number): number {
    return this.wraps ? shorterWay((to - from) | 0, this.count) : to - from;
  }

  /** @returns The value itself, turned round or cut off where the field ends. */
  keepInside(value: number): number {
    const offset = value - this.#min;
    if (offset >= 0 && offset < this.#span) return value;
    if (this.wraps) return value - Math.floor(offset / this.#span) * this.#span;
    return offset < 0 ? this.#min : this.#min + this.#span;
  }
}

/** All fields of a kind. */
export class KindMotion {
  readonly fieldCount: number;
  readonly fields: readonly FieldMotion[];
  /** As they are sent: those with a rate last, since its change moves them. */
  readonly order: readonly FieldMotion[];
  /** By field. */
  readonly widths: Uint8Array;

  /** @param kind - Of a layout without fault. */
  constructor({ fields }: SnapshotKind, tickRateHz: number) {
    this.fieldCount = fields.length;
    this.fields = fields.map((field) => new FieldMotion(fields, field, tickRateHz));
    this.order = [
      ...this.fields.filter(({ rate }) => rate < 0),
      ...this.fields.filter(({ rate }) => rate >= 0),
    ];
    this.widths = Uint8Array.from(this.fields, ({ width }) => width);
  }
}

/** How many steps lie between the ends of a field. */
function stepsOf({ step, min, max }: SnapshotField): number {
  return Math.ceil((max - min) / step - WHOLE_TOLERANCE);
}
