/**
 * Time as the server sees it: monotonic for every decision, the wall clock only for what people read.
 * @module
 */

export type CancelTimer = () => void;

export interface Clock {
  /** Monotonic milliseconds, fractional; differences only. */
  nowMs(): number;
  /** Wall-clock milliseconds since 1970, for logs and file names. */
  wallMs(): number;
  /**
   * Calls `fire` once, not before `delayMs`.
   * @param delayMs - 0 to 2^31-1.
   * @returns Cancels it; calling that again, or after it fired, does nothing.
   */
  after(delayMs: number, fire: () => void): CancelTimer;
}

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  after(delayMs, fire) {
    const timer = setTimeout(fire, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Waits, or ends early when `signal` aborts; never rejects. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      cancel();
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const cancel = clock.after(delayMs, done);
    signal?.addEventListener("abort", done, { once: true });
  });
}
