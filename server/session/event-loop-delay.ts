import { monitorEventLoopDelay } from "node:perf_hooks";
import type { LoopDelay } from "./process-health.ts";

/** How far apart Node's own timer measures, milliseconds; it counts in what is measured. */
const RESOLUTION_MS = 20;

/**
 * Measures how late the turns of this process's event loop come, from a call that asks for more to the next that does not:
 * the timer behind it costs ten times what a process that hosts nothing may. Keeps no process from ending.
 */
export function eventLoopDelay(): LoopDelay {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  return {
    takeMedianMs(goesOn) {
      const medianMs = histogram.count === 0 ? 0 : histogram.percentile(50) / 1e6 - RESOLUTION_MS;
      if (goesOn) histogram.enable();
      else histogram.disable();
      histogram.reset();
      return Math.max(0, medianMs);
    },
  };
}
