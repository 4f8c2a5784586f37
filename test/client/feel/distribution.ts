/** Numbers, and how they are spread. */
export class Distribution {
  readonly #values: number[] = [];
  #isSorted = true;

  add(value: number): void {
    this.#values.push(value);
    this.#isSorted = false;
  }

  get values(): readonly number[] {
    return this.#values;
  }

  get count(): number {
    return this.#values.length;
  }

  /** @param share - 0 for the smallest, 1 for the largest. */
  at(share: number): number {
    if (!this.#isSorted) this.#values.sort((a, b) => a - b);
    this.#isSorted = true;
    const index = Math.min(this.#values.length - 1, Math.floor(share * this.#values.length));
    return this.#values[index] ?? Number.NaN;
  }

  shareAbove(bound: number): number {
    return this.#values.filter((value) => value > bound).length / this.#values.length;
  }

  /** In a line for people. */
  inWords(unit: string, digits = 3): string {
    const shown = (share: number): string => this.at(share).toFixed(digits);
    return `p50 ${shown(0.5)} p95 ${shown(0.95)} p99 ${shown(0.99)} p99.9 ${shown(0.999)} max ${shown(1)} ${unit} (${this.count})`;
  }
}
