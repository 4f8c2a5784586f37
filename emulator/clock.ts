/**
 * Time as the emulator sees it: monotonic for every decision, the wall clock for what clients and people read.
 * @module
 */

export type CancelTimer = () => void;

export interface Clock {
  /** Monotonic milliseconds, fractional; differences only. */
  nowMs(): number;
  /** Wall-clock milliseconds since 1970. */
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
