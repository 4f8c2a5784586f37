/**
 * The arithmetic of one kind that encoder and decoder must agree on to the last bit: how values become whole steps,
 * and how fields go on by themselves. Doubles, each operation rounded by itself; no fused multiply and add.
 * @module
 */
import { type SnapshotKind, WHOLE_TOLERANCE } from "./snapshot-layout.ts";

export class KindMotion {
  readonly fieldCount: number;
  /** How many values each field has: steps are 0 to one less. */
  readonly counts: Int32Array;
  /** Bits that hold the highest step of each field. */
  readonly widths: Uint8Array;
  /** What one step is worth: `step` of the layout, or a little less. */
  readonly units: Float64Array;
  readonly mins: Float64Array;
  readonly spans: Float64Array;
  /** 1 for a field that wraps. */
  readonly wraps: Uint8Array;
  /** Index of the field that is its rate, or -1. */
  readonly rates: Int8Array;
  /** Steps per tick. */
  readonly drifts: Float64Array;
  /** How many steps a field may be from where it went by itself before it is sent again. */
  readonly tolerances: Uint8Array;
  /** Fields in the order in which they are sent: those with a rate last, since its change moves them. */
  readonly order: Uint8Array;
  readonly tickRateHz: number;

  /** @param kind - Of a layout without fault. */
  constructor({ fields }: SnapshotKind, tickRateHz: number) {
    this.fieldCount = fields.length;
    this.tickRateHz = tickRateHz;
    this.spans = Float64Array.from(fields, ({ min, max }) => max - min);
    const steps = fields.map(({ step, min, max }) =>
      Math.ceil((max - min) / step - WHOLE_TOLERANCE),
    );
    this.counts = Int32Array.from(steps, (each, at) => each + (fields[at]?.wraps ? 0 : 1));
    this.widths = Uint8Array.from(this.counts, (count) => 32 - Math.clz32(count - 1));
    this.units = Float64Array.from(steps, (each, at) => (this.spans[at] ?? 0) / each);
    this.mins = Float64Array.from(fields, ({ min }) => min);
    this.wraps = Uint8Array.from(fields, ({ wraps }) => (wraps ? 1 : 0));
    this.rates = Int8Array.from(fields, ({ rate }) =>
      rate === undefined ? -1 : fields.findIndex(({ name }) => name === rate),
    );
    this.drifts = Float64Array.from(fields, ({ drift }) => drift ?? 0);
    this.tolerances = Uint8Array.from(this.rates, (rate) => (rate < 0 ? 0 : 1));
    const indices = fields.map((_, at) => at);
    this.order = Uint8Array.from([
      ...indices.filter((at) => fields[at]?.rate === undefined),
      ...indices.filter((at) => fields[at]?.rate !== undefined),
    ]);
  }

  /** @returns The nearest step; `min` for what is no finite number. */
  stepOf(field: number, value: number): number {
    if (!Number.isFinite(value)) return 0;
    const count = this.counts[field] ?? 1;
    const offset = value - (this.mins[field] ?? 0);
    const unit = this.units[field] ?? 1;
    if (this.wraps[field] === 1) {
      const span = this.spans[field] ?? 1;
      const step = Math.floor((offset - Math.floor(offset / span) * span) / unit + 0.5);
      // Where the value is so large that the remainder is not exact, any step is as good.
      return step > 0 && step < count ? step : 0;
    }
    const step = Math.floor(offset / unit + 0.5);
    return step < 0 ? 0 : step < count ? step : count - 1;
  }

  /** @returns What a step stands for. */
  valueOf(field: number, step: number): number {
    return (this.mins[field] ?? 0) + step * (this.units[field] ?? 0);
  }

  /**
   * @param steps - Those of the entity begin at `from`.
   * @returns By how many steps the field goes on per tick.
   */
  paceOf(field: number, steps: Int32Array, from: number): number {
    const rate = this.rates[field] ?? -1;
    if (rate < 0) return this.drifts[field] ?? 0;
    const perSecond = (this.mins[rate] ?? 0) + (steps[from + rate] ?? 0) * (this.units[rate] ?? 0);
    return perSecond / (this.tickRateHz * (this.units[field] ?? 1));
  }

  /** @returns The step that a field is predicted to be at. @param at - Steps, any number. */
  nearestStep(field: number, at: number): number {
    const count = this.counts[field] ?? 1;
    const step = Math.floor(at + 0.5);
    if (step >= 0 && step < count) return step;
    if (this.wraps[field] !== 1) return step < 0 ? 0 : count - 1;
    const around = step - Math.floor(step / count) * count;
    return around >= 0 && around < count ? around : 0;
  }

  /** @returns How far a step is from where the field went by itself, 0 or more. @param at - Steps, any number. */
  distance(field: number, at: number, step: number): number {
    const count = this.counts[field] ?? 1;
    if (this.wraps[field] === 1) {
      const way = step - at;
      return Math.abs(way - Math.floor(way / count + 0.5) * count);
    }
    return Math.abs(step - (at < 0 ? 0 : at < count ? at : count - 1));
  }

  /** @returns The value itself, turned round or cut off where the field ends. */
  keepInside(field: number, value: number): number {
    const min = this.mins[field] ?? 0;
    const span = this.spans[field] ?? 0;
    const offset = value - min;
    if (offset >= 0 && offset < span) return value;
    if (this.wraps[field] === 1) return value - Math.floor(offset / span) * span;
    return offset < 0 ? min : min + span;
  }
}
