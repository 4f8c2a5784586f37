import type { CancelTimer, Clock } from "../../server/clock.ts";

interface Timer {
  readonly dueMs: number;
  readonly order: number;
  readonly fire: () => void;
}

/** Time that moves only when a test says so. */
export class FakeClock implements Clock {
  #nowMs: number;
  readonly #wallOffsetMs: number;
  #timers: Timer[] = [];
  #order = 0;

  /** @param wallStartMs - What the wall clock shows at the start; 2026-01-01T00:00:00Z unless given. */
  constructor(startMs = 0, wallStartMs = Date.UTC(2026, 0, 1)) {
    this.#nowMs = startMs;
    this.#wallOffsetMs = wallStartMs - startMs;
  }

  /** Timers armed and not yet fired or cancelled. */
  get pendingTimers(): number {
    return this.#timers.length;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return Math.floor(this.#wallOffsetMs + this.#nowMs);
  }

  after(delayMs: number, fire: () => void): CancelTimer {
    const timer = { dueMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, fire };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Time passes while something holds the event loop: what falls due is fired late. */
  hold(forMs: number): void {
    this.#nowMs += forMs;
  }

  /** Moves time on, firing what falls due in order, timers armed on the way included. Promises do not run in between. */
  advance(deltaMs: number): void {
    const endMs = this.#nowMs + deltaMs;
    while (this.#fireNext(endMs));
    this.#nowMs = Math.max(this.#nowMs, endMs);
  }

  /** As `advance`, and lets promises and I/O callbacks run before, between and after the timers. */
  async advanceAsync(deltaMs: number): Promise<void> {
    const endMs = this.#nowMs + deltaMs;
    await settle();
    while (this.#fireNext(endMs)) await settle();
    this.#nowMs = Math.max(this.#nowMs, endMs);
    await settle();
  }

  #fireNext(endMs: number): boolean {
    const next = this.#timers
      .filter((timer) => timer.dueMs <= endMs)
      .sort((a, b) => a.dueMs - b.dueMs || a.order - b.order)[0];
    if (next === undefined) return false;
    this.#timers = this.#timers.filter((timer) => timer !== next);
    this.#nowMs = Math.max(this.#nowMs, next.dueMs);
    next.fire();
    return true;
  }
}

/** Lets every promise that can go on, go on; one turn of the real event loop, no waiting. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
