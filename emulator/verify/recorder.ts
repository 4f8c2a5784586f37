import type { Clock } from "../clock.ts";
import type { Entry, Happening, LifeName, Terms, Trace } from "./trace.ts";

interface Waiter {
  readonly isTrue: () => boolean;
  readonly resolve: (isTrue: boolean) => void;
}

/** Writes the trace of one life, and lets its script wait for what comes. */
export class Recorder {
  readonly entries: Entry[] = [];
  readonly #clock: Clock;
  readonly #startMs: number;
  readonly #waiters = new Set<Waiter>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startMs = clock.nowMs();
  }

  add(happening: Happening): void {
    const atMs = Math.round(this.#clock.nowMs() - this.#startMs);
    this.entries.push({ atMs, ...happening });
    for (const waiter of this.#waiters) {
      if (waiter.isTrue()) waiter.resolve(true);
    }
  }

  /** @returns Whether `isTrue` within `boundMs`; it is asked at once and after every entry. */
  async until(isTrue: () => boolean, boundMs: number): Promise<boolean> {
    if (isTrue()) return true;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const waiter = { isTrue, resolve };
    this.#waiters.add(waiter);
    const cancel = this.#clock.after(boundMs, () => resolve(false));
    try {
      return await promise;
    } finally {
      cancel();
      this.#waiters.delete(waiter);
    }
  }

  trace(life: LifeName, terms: Terms): Trace {
    return { life, terms, entries: this.entries };
  }
}
