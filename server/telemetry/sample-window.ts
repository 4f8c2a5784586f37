/**
 * Observations since the last look: their number, mean and maximum are exact; of the values themselves as many are kept as
 * there is room for, and beyond that a fair sample.
 */
export class SampleWindow {
  readonly #kept: Float64Array;
  readonly #random: () => number;
  #count = 0;
  #sum = 0;
  #max = 0;

  /** @param random - 0 <= x < 1; chooses who is kept. */
  constructor(keptMax: number, random: () => number = Math.random) {
    this.#kept = new Float64Array(keptMax);
    this.#random = random;
  }

  get count(): number {
    return this.#count;
  }

  /** `0` without an observation. */
  get mean(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count;
  }

  /** `0` without an observation. */
  get max(): number {
    return this.#max;
  }

  /** Takes one observation, in well under a microsecond. What is no finite number of at least 0 is passed over. */
  add(value: number): void {
    if (typeof value !== "number" || !(value >= 0 && value < Number.POSITIVE_INFINITY)) return;
    const index = this.#count++;
    this.#sum += value;
    if (value > this.#max) this.#max = value;
    if (index < this.#kept.length) {
      this.#kept[index] = value;
      return;
    }
    // Vitter's algorithm R: each of all so far is kept with the same chance.
    const place = Math.floor(this.#random() * this.#count);
    if (place < this.#kept.length) this.#kept[place] = value;
  }

  /** What is kept, ascending. Valid until the next observation. */
  sorted(): Float64Array {
    return this.#kept.subarray(0, Math.min(this.#count, this.#kept.length)).sort();
  }

  clear(): void {
    this.#count = 0;
    this.#sum = 0;
    this.#max = 0;
  }
}
