import { monitorEventLoopDelay } from "node:perf_hooks";
import type { LoopDelay } from "./process-health.ts";

/** How far apart Node's own timer measures, milliseconds; it counts in what is measured. */
const RESOLUTION_MS = 20;
/** A sample is over after this long, if it has that many turns. */
const SAMPLE = { lastsMs: 1_000, turnsMin: 20 };

/**
 * Measures how late the turns of this process's event loop come, by a sample of them after each call that asks for more:
 * the timer behind it would wake a match of few players more often than they do. Keeps no process from ending.
 */
export function eventLoopDelay(sample = SAMPLE): LoopDelay {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  let end: NodeJS.Timeout | undefined;
  const endLater = () => {
    end = setTimeout(() => {
      if (histogram.count >= sample.turnsMin) histogram.disable();
      else endLater();
    }, sample.lastsMs).unref();
  };
  return {
    takeMedianMs(goesOn) {
      const medianMs = histogram.count === 0 ? 0 : histogram.percentile(50) / 1e6 - RESOLUTION_MS;
      clearTimeout(end);
      if (goesOn) {
        histogram.enable();
        endLater();
      } else histogram.disable();
      histogram.reset();
      return Math.max(0, medianMs);
    },
  };
}
