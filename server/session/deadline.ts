import { type CancelTimer, type Clock, sleep } from "../clock.ts";

/** The moment by which a drain must be over. There is none at first, and it only ever comes nearer. */
export class Deadline {
  readonly #clock: Clock;
  readonly #passed = new AbortController();
  #atMs = Number.POSITIVE_INFINITY;
  #cancel: CancelTimer = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isSet(): boolean {
    return this.#atMs !== Number.POSITIVE_INFINITY;
  }

  /** Sets it `ms` from now, unless it is earlier already; also for what began to wait before. */
  bringNearer(ms: number): void {
    this.#atMs = Math.min(this.#atMs, this.#clock.nowMs() + ms);
    this.#cancel();
    this.#cancel = this.#clock.after(this.leftMs(ms), () => this.#passed.abort());
  }

  /** How long something may still take that takes `mostMs` when there is no hurry. */
  leftMs(mostMs: number): number {
    return Math.max(0, Math.min(mostMs, this.#atMs - this.#clock.nowMs()));
  }

  /** Waits for `work`, at most `mostMs` and never beyond the deadline. Rejects as the work does. */
  async wait(work: Promise<unknown>, mostMs: number): Promise<void> {
    const timer = new AbortController();
    const signal = AbortSignal.any([timer.signal, this.#passed.signal]);
    try {
      await Promise.race([work, sleep(this.#clock, this.leftMs(mostMs), signal)]);
    } finally {
      timer.abort();
    }
  }

  /** Whatever had to be over is. */
  end(): void {
    this.#cancel();
  }
}
