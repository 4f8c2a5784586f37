import type { Clock } from "../clock.ts";
import { ADMIN_LIMITS } from "./limits.ts";

/**
 * A text that costs something to make: whoever asks while one is made waits for that one, and for a moment after it was
 * made it is still good. However many ask, the making takes a bounded share of the time.
 */
export class RenewedText {
  readonly #clock: Clock;
  readonly #make: () => Promise<string>;
  #text: Promise<string> | undefined;
  /** `undefined` while one is made. */
  #madeMs: number | undefined;

  constructor(clock: Clock, make: () => Promise<string>) {
    this.#clock = clock;
    this.#make = make;
  }

  /** Rejects with what the making failed with, which is as good as a text for as long. */
  read(): Promise<string> {
    const isFresh =
      this.#madeMs === undefined || this.#clock.nowMs() - this.#madeMs < ADMIN_LIMITS.renewMs;
    if (this.#text !== undefined && isFresh) return this.#text;
    this.#madeMs = undefined;
    const done = () => {
      this.#madeMs = this.#clock.nowMs();
    };
    // An async function also when making throws at once.
    this.#text = (async () => this.#make())();
    this.#text.then(done, done);
    return this.#text;
  }
}
