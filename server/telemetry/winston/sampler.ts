import type { CancelTimer, Clock } from "../../clock.ts";

/** One line per kind and second: enough to see an attack, too few to be one. */
const WINDOW_MS = 1_000;
/** Kinds counted apart at most; a stranger chooses his own close code, so kinds are not ours to limit. */
const KINDS_MAX = 64;

interface Window {
  /** Since the last line. */
  count: number;
  /** Writes a line about the latest event, with the count. */
  write: (count: number) => void;
  cancel: CancelTimer;
}

/** Thins out events that strangers can cause: the first is written at once, the next ones are counted for a second. */
export class Sampler {
  readonly #clock: Clock;
  readonly #windows = new Map<string, Window>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param write - Called now or later, or never if a later event of the kind replaces it. */
  offer(kind: string, write: (count: number) => void): void {
    const isKnown = this.#windows.has(kind) || this.#windows.size < KINDS_MAX;
    const countedAs = isKnown ? kind : "other";
    const window = this.#windows.get(countedAs);
    if (window === undefined) {
      write(1);
      this.#windows.set(countedAs, { count: 0, write, cancel: this.#arm(countedAs) });
    } else {
      window.count++;
      window.write = write;
    }
  }

  /** Writes what has been counted and forgets all windows. */
  flush(): void {
    for (const window of this.#windows.values()) {
      window.cancel();
      if (window.count > 0) window.write(window.count);
    }
    this.#windows.clear();
  }

  #arm(kind: string): CancelTimer {
    return this.#clock.after(WINDOW_MS, () => {
      const window = this.#windows.get(kind);
      if (window === undefined) return;
      if (window.count === 0) {
        this.#windows.delete(kind);
        return;
      }
      const { count } = window;
      window.count = 0;
      window.cancel = this.#arm(kind);
      window.write(count);
    });
  }
}
