import type { CancelTimer, Clock } from "../clock.ts";
import type { Connection } from "./connection.ts";
import { SERVICE_LIMITS } from "./limits.ts";

/** Sends messages at once or, where a fault wants it, later and more than once. */
export class LateMessages {
  readonly #clock: Clock;
  readonly #timers = new Set<CancelTimer>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  send(
    connection: Connection,
    text: string,
    { delayMs, copies }: { readonly delayMs: number; readonly copies: number },
  ): void {
    const send = () => {
      for (let copy = 0; copy < copies; copy++) connection.send(text);
    };
    if (delayMs <= 0 || this.#timers.size >= SERVICE_LIMITS.lateMessagesMax) {
      send();
      return;
    }
    const cancel = this.#clock.after(delayMs, () => {
      this.#timers.delete(cancel);
      send();
    });
    this.#timers.add(cancel);
  }

  /** Forgets what is still to come. */
  close(): void {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }
}
