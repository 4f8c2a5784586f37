import { RICE_ONES_MAX } from "./bit-writer.ts";
import { K_MAX, type RiceCodes } from "./rice-codes.ts";

/** Numbers of 0 bits to those of 32. */
const CLASSES = 33;
/** By k and class: how many ones the usual number of the class has. */
const USUAL_ONES = Uint8Array.from({ length: (K_MAX + 1) * CLASSES }, (_, at) => {
  const bits = at % CLASSES;
  const usual = bits < 2 ? bits : 1.5 * 2 ** (bits - 1);
  return Math.min(RICE_ONES_MAX, Math.floor(usual / 2 ** Math.floor(at / CLASSES)));
});

/** How large the numbers of each column are, so as to find a short code for it. */
export class RiceStatistics {
  /** By column and class. */
  readonly #counts: Uint32Array;
  readonly #widths: Uint8Array;
  readonly #sums: Uint32Array;

  /** @param widths - Bits of each column's highest number. */
  constructor(widths: Uint8Array) {
    this.#widths = widths;
    this.#counts = new Uint32Array(widths.length * CLASSES);
    this.#sums = new Uint32Array(widths.length);
  }

  reset(): void {
    this.#counts.fill(0);
    this.#sums.fill(0);
  }

  add(column: number, value: number): void {
    const at = column * CLASSES + 32 - Math.clz32(value);
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#sums[column] = (this.#sums[column] ?? 0) + 1;
  }

  /** Adds a whole column. @param values - That of the column in row r is at `r * columns + column`. */
  addColumn(column: number, values: Int32Array, columns: number, rows: number): void {
    const counts = this.#counts;
    const from = column * CLASSES + 32;
    for (let at = column; at < rows * columns; at += columns) {
      const place = from - Math.clz32(values[at] ?? 0);
      counts[place] = (counts[place] ?? 0) + 1;
    }
    this.#sums[column] = (this.#sums[column] ?? 0) + rows;
  }

  /**
   * Finds about the shortest code of each column.
   * @param mayHaveZeroBit - Whether that is one of the choices.
   */
  choose(codes: RiceCodes, mayHaveZeroBit: boolean): void {
    for (let column = 0; column < this.#widths.length; column++) {
      this.#chooseOne(codes, column, mayHaveZeroBit);
    }
  }

  #chooseOne(codes: RiceCodes, column: number, mayHaveZeroBit: boolean): void {
    const width = this.#widths[column] ?? 0;
    const middle = this.#middle(column);
    codes.k[column] = Math.min(width, K_MAX);
    codes.hasZeroBit[column] = 0;
    let least = this.#bits(column, width, 0);
    // Codes are shortest where about half of the numbers need no more than k bits.
    const last = Math.min(width, middle + 2);
    for (let k = Math.max(0, middle - 3); k < last; k++) {
      for (let zeroBit = 0; zeroBit <= (mayHaveZeroBit ? 1 : 0); zeroBit++) {
        const bits = this.#bits(column, k, zeroBit);
        if (bits >= least) continue;
        least = bits;
        codes.k[column] = k;
        codes.hasZeroBit[column] = zeroBit;
      }
    }
  }

  /** The class that half of the numbers above 0 do not exceed. */
  #middle(column: number): number {
    const from = column * CLASSES;
    const sum = (this.#sums[column] ?? 0) - (this.#counts[from] ?? 0);
    let below = 0;
    for (let bits = 1; bits < CLASSES; bits++) {
      below += this.#counts[from + bits] ?? 0;
      if (2 * below >= sum) return bits;
    }
    return 0;
  }

  /** @returns About how many bits all columns take. */
  usualBits(codes: RiceCodes): number {
    let bits = 0;
    for (let column = 0; column < this.#widths.length; column++) {
      bits += this.#bits(column, codes.k[column] ?? 0, codes.hasZeroBit[column] ?? 0);
    }
    return bits;
  }

  #bits(column: number, k: number, zeroBit: number): number {
    const width = this.#widths[column] ?? 0;
    const sum = this.#sums[column] ?? 0;
    const from = column * CLASSES;
    const zeros = zeroBit === 1 ? (this.#counts[from] ?? 0) : 0;
    let bits = zeroBit * sum;
    if (k >= width) return bits + (sum - zeros) * width;
    for (let size = zeroBit; size <= width; size++) {
      const count = this.#counts[from + size] ?? 0;
      if (count === 0) continue;
      // One less than a number of one bit is 0.
      const each = USUAL_ONES[k * CLASSES + (zeroBit === 1 && size === 1 ? 0 : size)] ?? 0;
      bits += count * (each < RICE_ONES_MAX ? each + 1 + k : RICE_ONES_MAX + width);
    }
    return bits;
  }
}
