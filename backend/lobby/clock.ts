/**
 * Time as the lobby sees it: monotonic for every decision, the wall clock beside what the fleet's records say.
 * @module
 */

export type CancelTimer = () => void;

export interface Clock {
  /** Monotonic milliseconds, fractional; differences only. */
  nowMs(): number;
  /** Wall-clock milliseconds since 1970. */
  wallMs(): number;
  /** Calls `fire` once, not before `delayMs`. @returns Cancels it; calling that again does nothing. */
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
