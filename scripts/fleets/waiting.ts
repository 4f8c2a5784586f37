import { FleetsError, FleetsErrorCode } from "./errors.ts";

/** Time as the scripts see it. */
export interface Time {
  readonly nowMs: () => number;
  /** Rejects when the signal aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

export interface Wait {
  readonly time: Time;
  readonly signal: AbortSignal;
  readonly everyMs: number;
  readonly atMostMs: number;
  /** Completes "…: gave up after 60 minutes. ": what it was, and what to do. */
  readonly what: string;
  readonly advice: string;
}

/**
 * Looks until there is something.
 * @throws FleetsError FLEETS_TIMED_OUT
 */
export async function waitFor<T>(wait: Wait, look: () => Promise<T | undefined>): Promise<T> {
  const { time, signal, everyMs, atMostMs } = wait;
  const endMs = time.nowMs() + atMostMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (time.nowMs() + everyMs > endMs) {
      const words = `${wait.what}: gave up after ${Math.round(atMostMs / 6_000) / 10} minutes.\n  What to do: ${wait.advice}`;
      throw new FleetsError(FleetsErrorCode.FLEETS_TIMED_OUT, words);
    }
    await time.sleep(everyMs, signal);
  }
}
