import type { Clock } from "../clock.ts";
import { SERVICE_LIMITS } from "./limits.ts";

/** Lines for whoever runs the emulator. Those that come too fast are counted, so that no process can flood the output. */
export class Notices {
  readonly #clock: Clock;
  readonly #print: (line: string) => void;
  #left: number = SERVICE_LIMITS.noticesBurst;
  #atMs: number;
  #unprinted = 0;

  constructor(clock: Clock, print: (line: string) => void) {
    this.#clock = clock;
    this.#print = print;
    this.#atMs = clock.nowMs();
  }

  tell(line: string): void {
    const { noticesBurst, noticesPerSecond } = SERVICE_LIMITS;
    const nowMs = this.#clock.nowMs();
    const gained = ((nowMs - this.#atMs) * noticesPerSecond) / 1_000;
    this.#left = Math.min(noticesBurst, this.#left + gained);
    this.#atMs = nowMs;
    if (this.#left < 1) {
      this.#unprinted++;
      return;
    }
    this.#left--;
    const more = this.#unprinted > 0 ? ` (${this.#unprinted} more lines were not printed)` : "";
    this.#unprinted = 0;
    this.#print(`${line}${more}`);
  }
}
