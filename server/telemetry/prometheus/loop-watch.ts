import {
  constants,
  createHistogram,
  monitorEventLoopDelay,
  type PerformanceEntry,
  PerformanceObserver,
} from "node:perf_hooks";
import type { GC_KINDS } from "../catalogue/labels.ts";
import { PROMETHEUS_LIMITS } from "./limits.ts";
import type { CounterMeter, GaugeMeter, Meters } from "./meters.ts";

/** What is later than an hour counts as more than any. */
const LATENESS_US_MAX = 3_600_000_000;

const KINDS: Readonly<Record<number, (typeof GC_KINDS)[number]>> = {
  [constants.NODE_PERFORMANCE_GC_MINOR]: "minor",
  [constants.NODE_PERFORMANCE_GC_MAJOR]: "major",
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: "incremental",
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: "weakcb",
};

/**
 * The event loop's delay and the time that collecting memory takes. Watched on demand: a timer for the first costs more than
 * all else that an idle process does. A match's steps are such a timer already; while there are any, how late they come is
 * how late turns come, and no other is armed.
 */
export class LoopWatch {
  readonly #delay: GaugeMeter;
  readonly #collected: CounterMeter;
  readonly #timer = monitorEventLoopDelay({
    resolution: PROMETHEUS_LIMITS.loopDelayResolutionMs,
  });
  /** Of steps since the last call of {@link show}, microseconds from 1. */
  readonly #steps = createHistogram({ highest: LATENESS_US_MAX, figures: 2 });
  #isWatching = false;
  readonly #collections: PerformanceObserver;

  constructor(meters: Meters) {
    this.#delay = meters.gauge("fleetroom_event_loop_delay_seconds");
    this.#collected = meters.counter("fleetroom_gc_seconds_total");
    this.#collections = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const { detail } = entry as PerformanceEntry & { readonly detail: { kind: number } };
        this.#collected.add(entry.duration / 1000, KINDS[detail.kind]);
      }
    });
    this.#delay.clear();
  }

  /** A second call changes nothing. */
  start(): void {
    if (this.#isWatching) return;
    this.#isWatching = true;
    this.#timer.enable();
    this.#collections.observe({ entryTypes: ["gc"] });
  }

  stop(): void {
    if (this.#isWatching) this.#collections.disconnect();
    this.#isWatching = false;
    this.#timer.disable();
    this.#timer.reset();
    this.#steps.reset();
  }

  /** A step began. @param lateMs - Finite, 0 or more. */
  stepBegan(lateMs: number): void {
    if (!this.#isWatching) return;
    if (this.#steps.count === 0) this.#timer.disable();
    this.#steps.record(1 + Math.round(lateMs * 1000));
  }

  /** Shows how it was since the last call. */
  show(): void {
    this.#delay.clear();
    const hasSteps = this.#steps.count > 0;
    const seen = hasSteps ? this.#steps : this.#timer;
    if (seen.count === 0) return;
    const seconds = (value: number) =>
      hasSteps ? (value - 1) / 1e6 : value / 1e9 - PROMETHEUS_LIMITS.loopDelayResolutionMs / 1000;
    this.#delay.set(Math.max(0, seconds(seen.percentile(50))), "50");
    this.#delay.set(Math.max(0, seconds(seen.percentile(99))), "99");
    this.#delay.set(Math.max(0, seconds(seen.max)), "100");
    seen.reset();
    // Until the next step, if there is one.
    if (this.#isWatching) this.#timer.enable();
  }
}
