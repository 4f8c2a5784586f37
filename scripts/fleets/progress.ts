/**
 * What a long step says: whole lines, on a terminal and in a log file alike.
 * @module
 */
import { FLEETS_LIMITS } from "./limits.ts";

export interface ProgressDeps {
  readonly nowMs: () => number;
  readonly print: (line: string) => void;
}

export class Progress {
  readonly #deps: ProgressDeps;
  readonly #startedAtMs: number;
  #lastText = "";
  #lastAtMs = Number.NEGATIVE_INFINITY;
  /** What is there, for whoever has to stop or to go on: one line for each thing. */
  readonly #standing = new Map<string, string>();

  constructor(deps: ProgressDeps) {
    this.#deps = deps;
    this.#startedAtMs = deps.nowMs();
  }

  say(text: string): void {
    const seconds = Math.floor((this.#deps.nowMs() - this.#startedAtMs) / 1_000);
    this.#deps.print(`[${String(seconds).padStart(4)} s] ${text}`);
    this.#lastText = text;
    this.#lastAtMs = this.#deps.nowMs();
  }

  /** Says what is news, and what is none twice a minute. */
  still(text: string): void {
    const isNews = text !== this.#lastText;
    const isDue = this.#deps.nowMs() - this.#lastAtMs >= FLEETS_LIMITS.stillWaitingMs;
    if (isNews || isDue) this.say(text);
  }

  /** Of something that changes all the time: a line every two seconds, and the last one. */
  sent(bytes: number, ofBytes: number): void {
    const isDue = this.#deps.nowMs() - this.#lastAtMs >= FLEETS_LIMITS.uploadLineMs;
    if (!isDue && bytes < ofBytes) return;
    const percent = ofBytes === 0 ? 100 : Math.floor((bytes / ofBytes) * 100);
    this.say(`uploaded ${megabytes(bytes)} of ${megabytes(ofBytes)} MB (${percent} %)`);
  }

  /** @param what - The same thing again replaces what was said of it. */
  stands(what: string, text: string): void {
    this.#standing.set(what, text);
  }

  get standing(): readonly string[] {
    return [...this.#standing.values()];
  }
}

export function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(1);
}
