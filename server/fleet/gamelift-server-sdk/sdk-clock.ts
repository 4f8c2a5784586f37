/** Time as this SDK sees it; a test steps it. */
export interface SdkClock {
  /** Monotonic milliseconds; differences only. */
  nowMs(): number;
  /** Wall-clock milliseconds since 1970: for signatures and expirations. */
  wallMs(): number;
  /** Calls `fire` once, not before `delayMs`. @returns Cancels it. */
  after(delayMs: number, fire: () => void): () => void;
}

export const systemClock: SdkClock = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  after(delayMs, fire) {
    const timer = setTimeout(fire, delayMs);
    return () => clearTimeout(timer);
  },
};
