import {
  constants,
  monitorEventLoopDelay,
  type PerformanceEntry,
  PerformanceObserver,
} from "node:perf_hooks";
import type { GC_KINDS } from "../catalogue/labels.ts";
import { PROMETHEUS_LIMITS } from "./limits.ts";
import type { CounterMeter, GaugeMeter, Meters } from "./meters.ts";

const KINDS: Readonly<Record<number, (typeof GC_KINDS)[number]>> = {
  [constants.NODE_PERFORMANCE_GC_MINOR]: "minor",
  [constants.NODE_PERFORMANCE_GC_MAJOR]: "major",
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: "incremental",
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: "weakcb",
};

/**
 * The event loop's delay and the time that collecting memory takes. Watched on demand: the timer of the first costs more
 * than all else that an idle process does.
 */
export class LoopWatch {
  readonly #delay: GaugeMeter;
  readonly #collected: CounterMeter;
  readonly #histogram = monitorEventLoopDelay({
    resolution: PROMETHEUS_LIMITS.loopDelayResolutionMs,
  });
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
    if (this.#histogram.enable()) this.#collections.observe({ entryTypes: ["gc"] });
  }

  stop(): void {
    if (this.#histogram.disable()) this.#collections.disconnect();
    this.#histogram.reset();
  }

  /** Shows how it was since the last call. */
  show(): void {
    this.#delay.clear();
    const { count, max } = this.#histogram;
    if (count === 0) return;
    for (const [percentile, nanoseconds] of [
      ["50", this.#histogram.percentile(50)],
      ["99", this.#histogram.percentile(99)],
      ["100", max],
    ] as const) {
      const delayMs = nanoseconds / 1e6 - PROMETHEUS_LIMITS.loopDelayResolutionMs;
      this.#delay.set(Math.max(0, delayMs) / 1000, percentile);
    }
    this.#histogram.reset();
  }
}
