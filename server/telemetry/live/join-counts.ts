import { JOIN_OUTCOMES } from "../catalogue/labels.ts";
import type { JoinOutcome } from "../telemetry.ts";
import type { LiveJoin } from "./live-snapshot.ts";

/** Seconds of a minute, the one that is under way included. */
const SECONDS = 60;
const INDEX: ReadonlyMap<unknown, number> = new Map(
  JOIN_OUTCOMES.map((outcome, index) => [outcome, index]),
);

/** How joins ended, since the start and in the last minute. */
export class JoinCounts {
  readonly #totals = new Float64Array(JOIN_OUTCOMES.length);
  /** One row of outcomes for each second. */
  readonly #recent = new Uint32Array(JOIN_OUTCOMES.length * SECONDS);
  readonly #second = new Float64Array(SECONDS).fill(-1);

  /** @param outcome - What is none is not counted. */
  add(nowMs: number, outcome: JoinOutcome): void {
    const index = INDEX.get(outcome);
    if (index === undefined) return;
    const second = Math.floor(nowMs / 1000);
    const row = second % SECONDS;
    const start = row * JOIN_OUTCOMES.length;
    if (this.#second[row] !== second) {
      this.#second[row] = second;
      this.#recent.fill(0, start, start + JOIN_OUTCOMES.length);
    }
    this.#recent[start + index] = (this.#recent[start + index] ?? 0) + 1;
    this.#totals[index] = (this.#totals[index] ?? 0) + 1;
  }

  /** Those that there were, the most frequent first. */
  read(nowMs: number): readonly LiveJoin[] {
    const now = Math.floor(nowMs / 1000);
    return JOIN_OUTCOMES.map(
      (outcome, index): LiveJoin => [outcome, this.#totals[index] ?? 0, this.#lately(now, index)],
    )
      .filter(([, total]) => total > 0)
      .sort(([, left], [, right]) => right - left);
  }

  #lately(now: number, index: number): number {
    let count = 0;
    for (let row = 0; row < SECONDS; row++) {
      const isRecent = now - (this.#second[row] ?? -1) < SECONDS && this.#second[row] !== -1;
      if (isRecent) count += this.#recent[row * JOIN_OUTCOMES.length + index] ?? 0;
    }
    return count;
  }
}
