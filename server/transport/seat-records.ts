import type { SeatHolder } from "../session/seats.ts";
import { TRANSPORT_LIMITS } from "./limits.ts";

/** How often something may happen within any minute. */
export class MinuteBudget {
  readonly #most: number;
  /** When it happened, oldest first; of the last minute. */
  #atMs: number[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  /** When it happened last, `undefined` if not lately. */
  get lastMs(): number | undefined {
    return this.#atMs.at(-1);
  }

  /** It happens now. @returns `false` if that is too often: then it must not, and does not count. */
  take(nowMs: number): boolean {
    this.#atMs = this.#atMs.filter((atMs) => nowMs - atMs < 60_000);
    if (this.#atMs.length >= this.#most) return false;
    this.#atMs.push(nowMs);
    return true;
  }
}

/** What is remembered of a seat from one connection to the next: a new connection is no new allowance. */
interface SeatRecord {
  /** Full states in place of patches. */
  readonly resyncs: MinuteBudget;
  /** Connections with the token. */
  readonly returns: MinuteBudget;
  /** A player of the stock SDK said that his takes a full state for all there is; it holds when he returns. */
  takesFullStates: boolean;
}

/** One record per seat, for as long as somebody holds it. */
export class SeatRecords {
  readonly #ofHolder = new WeakMap<SeatHolder, SeatRecord>();

  /** A seat got a holder, by a claim. @param previous - The same player's earlier hold, whose budgets go on. */
  begin(
    holder: SeatHolder,
    previous: SeatHolder | undefined,
    takesFullStates: boolean,
  ): SeatRecord {
    const before = previous && this.#ofHolder.get(previous);
    const record: SeatRecord = {
      resyncs: before?.resyncs ?? newResyncBudget(),
      returns: before?.returns ?? new MinuteBudget(TRANSPORT_LIMITS.returnsPerMinuteMax),
      takesFullStates,
    };
    this.#ofHolder.set(holder, record);
    return record;
  }

  /** @returns `undefined` for a seat that was not claimed here. */
  of(holder: SeatHolder): SeatRecord | undefined {
    return this.#ofHolder.get(holder);
  }
}

export function newResyncBudget(): MinuteBudget {
  return new MinuteBudget(TRANSPORT_LIMITS.resyncsPerMinuteMax);
}
