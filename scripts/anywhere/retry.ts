import { type Clock, sleep } from "../../server/clock.ts";
import { isFault } from "./compute-api.ts";
import { ANYWHERE_LIMITS } from "./limits.ts";
import type { Report } from "./report.ts";

export interface CallDeps {
  readonly clock: Clock;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  readonly report: Report;
}

/** The pause after the `failures`-th failure in a row; half of it at least, so that many supervisors spread. */
export function restAfter(failures: number, restMsMax: number, random: () => number): number {
  const wholeMs = Math.min(ANYWHERE_LIMITS.firstRestMs * 2 ** (failures - 1), restMsMax);
  return Math.round(wholeMs * (0.5 + random() / 2));
}

/** Gives a call 10 s, less when `signal` aborts. */
export async function timeBoxed<T>(
  clock: Clock,
  signal: AbortSignal,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new AbortController();
  const cancel = clock.after(ANYWHERE_LIMITS.callTimeoutMs, () => deadline.abort());
  try {
    return await call(AbortSignal.any([deadline.signal, signal]));
  } finally {
    cancel();
  }
}

/**
 * Calls until it succeeds, 10 times at most, resting in between.
 * @param isWorthRetry - Judges an error; transient faults and computes that are not ready unless given.
 * @throws What the last call threw, also when `signal` aborts; the abort's reason when nothing was called.
 */
export async function withRetries<T>(
  deps: CallDeps,
  signal: AbortSignal,
  call: (signal: AbortSignal) => Promise<T>,
  isWorthRetry: (error: unknown) => boolean = (error) => isFault(error, "transient", "notReady"),
): Promise<T> {
  signal.throwIfAborted();
  for (let tries = 1; ; tries++) {
    try {
      return await timeBoxed(deps.clock, signal, call);
    } catch (cause) {
      const isLast = tries >= ANYWHERE_LIMITS.triesMax || signal.aborted;
      if (isLast || !isWorthRetry(cause)) throw cause;
      const retryInMs = restAfter(tries, ANYWHERE_LIMITS.restMsMax, deps.random);
      deps.report("awsCallFailed", { tries, retryInMs, cause });
      await sleep(deps.clock, retryInMs, signal);
      if (signal.aborted) throw cause;
    }
  }
}
