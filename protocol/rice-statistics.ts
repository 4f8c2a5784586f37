import { RICE_ONES_MAX } from "./bit-writer.ts";

const CLASSES = 33;
/** About what numbers of so many bits are. */
const USUAL = Float64Array.from({ length: CLASSES }, (_, bits) =>
  bits < 2 ? bits : 1.5 * 2 ** (bits - 1),
);

/** How large the numbers of each column are, so as to find the shortest Rice code for it. */
export class RiceStatistics {
  /** By column and bits of the number. */
  readonly #counts: Uint32Array;
  readonly #columns: number;

  constructor(columns: number) {
    this.#columns = columns;
    this.#counts = new Uint32Array(columns * CLASSES);
  }

  reset(): void {
    this.#counts.fill(0);
  }

  add(column: number, value: number): void {
    const at = column * CLASSES + 32 - Math.clz32(value);
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
  }

  /**
   * @param k - Filled, one per column: 0 to the column's width.
   * @param widths - Bits of each column's highest number.
   */
  choose(k: Uint8Array, widths: Uint8Array): void {
    for (let column = 0; column < this.#columns; column++) {
      k[column] = this.#best(column * CLASSES, widths[column] ?? 0);
    }
  }

  #best(from: number, width: number): number {
    let best = width;
    let least = this.#bits(from, width, width);
    for (let k = 0; k < width; k++) {
      const bits = this.#bits(from, k, width);
      if (bits >= least) continue;
      least = bits;
      best = k;
    }
    return best;
  }

  /** About how many bits the column takes. */
  #bits(from: number, k: number, width: number): number {
    let bits = 0;
    for (let size = 0; size <= width; size++) {
      const count = this.#counts[from + size] ?? 0;
      if (count === 0) continue;
      const ones = Math.floor((USUAL[size] ?? 0) / 2 ** k);
      const each = ones < RICE_ONES_MAX ? ones + 1 + k : RICE_ONES_MAX + width;
      bits += count * (k === width ? width : each);
    }
    return bits;
  }
}
