import type { PlaneContext } from "./context.ts";
import { PLANE_LIMITS } from "./limits.ts";
import type { ProcessEntry } from "./process-entry.ts";

/** Official SDKs jitter their heartbeats by up to a sixth of the interval. */
const JITTER = 1.25;

/** Counts the heartbeats of a process that were bad, and those that did not come. */
export class ProcessHealth {
  readonly #context: PlaneContext;
  readonly #onUnhealthy: (entry: ProcessEntry) => void;

  /** @param onUnhealthy - Three in a row; may be told more than once. */
  constructor(context: PlaneContext, onUnhealthy: (entry: ProcessEntry) => void) {
    this.#context = context;
    this.#onUnhealthy = onUnhealthy;
  }

  /** The process is ready: its first heartbeat is due. */
  begin(entry: ProcessEntry): void {
    this.#expect(entry, this.#context.durations.firstReportMs);
  }

  report(entry: ProcessEntry, isHealthy: boolean): void {
    const { process } = entry;
    process.reportedAtMs = this.#context.clock.wallMs();
    process.badReportsInRow = isHealthy ? 0 : process.badReportsInRow + 1;
    this.#expect(entry, this.#context.durations.reportMs);
    if (process.badReportsInRow >= PLANE_LIMITS.badReportsMax) this.#onUnhealthy(entry);
  }

  #expect(entry: ProcessEntry, intervalMs: number): void {
    const timer = this.#context.clock.after(intervalMs * JITTER, () => {
      entry.process.badReportsInRow++;
      this.#expect(entry, intervalMs);
      if (entry.process.badReportsInRow >= PLANE_LIMITS.badReportsMax) this.#onUnhealthy(entry);
    });
    entry.wait("report", timer);
  }
}
