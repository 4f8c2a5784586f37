/** A terminal sends a Ctrl-C to everything in it, and npm passes it on once more: so close together they are one. */
const SAME_SIGNAL_MS = 500;

/** The first signal asks for an end, the second for one at once. */
export class StopSignals {
  readonly #nowMs: () => number;
  readonly #first = Promise.withResolvers<void>();
  readonly #second = Promise.withResolvers<void>();
  #firstAtMs: number | undefined;

  /** @param nowMs - Monotonic. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  get first(): Promise<void> {
    return this.#first.promise;
  }

  get second(): Promise<void> {
    return this.#second.promise;
  }

  take(): void {
    const nowMs = this.#nowMs();
    this.#firstAtMs ??= nowMs;
    this.#first.resolve();
    if (nowMs - this.#firstAtMs >= SAME_SIGNAL_MS) this.#second.resolve();
  }
}
