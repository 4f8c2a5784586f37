/** Numbers of the last so many milliseconds, and how they are spread. */
export class RecentNumbers {
  readonly #windowMs: number;
  readonly #values: Float64Array;
  readonly #atMs: Float64Array;
  #oldest = 0;
  #count = 0;
  #sorted: Float64Array | undefined;

  /** @param countMax - The oldest give way before their time where more come. */
  constructor(windowMs: number, countMax: number) {
    this.#windowMs = windowMs;
    this.#values = new Float64Array(countMax);
    this.#atMs = new Float64Array(countMax);
  }

  get count(): number {
    return this.#count;
  }

  add(value: number, nowMs: number): void {
    const countMax = this.#values.length;
    if (this.#count === countMax) this.#dropOldest();
    const index = (this.#oldest + this.#count) % countMax;
    this.#values[index] = value;
    this.#atMs[index] = nowMs;
    this.#count++;
    this.forgetBefore(nowMs - this.#windowMs);
    this.#sorted = undefined;
  }

  forgetBefore(ms: number): void {
    while (this.#count > 0 && (this.#atMs[this.#oldest] ?? ms) < ms) this.#dropOldest();
  }

  clear(): void {
    this.#count = 0;
    this.#sorted = undefined;
  }

  /** @param share - 0 for the smallest, 0.5 for the middle, 1 for the largest. @returns `undefined` while there are none. */
  quantile(share: number): number | undefined {
    this.#sorted ??= this.#sort();
    return this.#sorted[Math.min(this.#count - 1, Math.floor(share * this.#count))];
  }

  #dropOldest(): void {
    this.#oldest = (this.#oldest + 1) % this.#values.length;
    this.#count--;
    this.#sorted = undefined;
  }

  #sort(): Float64Array {
    const sorted = new Float64Array(this.#count);
    for (let index = 0; index < this.#count; index++) {
      sorted[index] = this.#values[(this.#oldest + index) % this.#values.length] ?? 0;
    }
    return sorted.sort();
  }
}
