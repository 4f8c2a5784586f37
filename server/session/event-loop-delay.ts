import { monitorEventLoopDelay } from "node:perf_hooks";
import type { LoopDelay } from "./process-health.ts";

/** How far apart Node's own timer measures, milliseconds; it counts in what is measured. */
const RESOLUTION_MS = 20;

/** Measures how late the turns of this process's event loop come, from now on. Keeps no process from ending. */
export function eventLoopDelay(): LoopDelay {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  return {
    takeMedianMs() {
      const medianMs = histogram.count === 0 ? 0 : histogram.percentile(50) / 1e6 - RESOLUTION_MS;
      histogram.reset();
      return Math.max(0, medianMs);
    },
  };
}
