import type { CancelTimer } from "../clock.ts";
import type { ServerProcess, ServerProcessConfiguration } from "../plane/records.ts";
import type { Child } from "./child/child.ts";
import type { LaunchTarget } from "./launch-path.ts";
import { SUPERVISOR_LIMITS } from "./limits.ts";

/** A server process that runs on an instance. */
export interface RunningProcess {
  readonly process: ServerProcess;
  readonly child: Child;
  readonly target: LaunchTarget;
  /** By the monotonic clock. */
  readonly startedAtMs: number;
}

/** Ends that speak against starting the same again at once. */
const BAD_ENDS: readonly unknown[] = ["crashed", "initialization-timeout", "ready-timeout"];

/**
 * One of an instance's concurrent executions, filled again and again:
 *
 *     resting ──> in the queue ──> running ──> resting …
 *
 * A surplus place is left for good when its process has ended.
 */
export class Place {
  readonly configuration: ServerProcessConfiguration;
  running: RunningProcess | undefined;
  isSurplus = false;
  /** Its turn came while the instance was full. */
  isHeldUp = false;
  /** Ends its rest, or takes it from the queue. */
  cancelWait: CancelTimer | undefined;
  #quickBadEnds = 0;

  constructor(configuration: ServerProcessConfiguration) {
    this.configuration = configuration;
  }

  get isWaiting(): boolean {
    return this.running === undefined;
  }

  stopWaiting(): void {
    this.cancelWait?.();
    this.cancelWait = undefined;
    this.isHeldUp = false;
  }

  /**
   * Its process has ended.
   * @param scaled - Makes the service's time the emulator's.
   * @returns How long it rests before the next start, in milliseconds.
   */
  vacate(nowMs: number, scaled: (ms: number) => number): number {
    const { running } = this;
    this.running = undefined;
    if (running === undefined) return 0;
    const livedMs = nowMs - running.startedAtMs;
    const isBad = BAD_ENDS.includes(running.process.endReason);
    const isQuick = livedMs < SUPERVISOR_LIMITS.steadyMs;
    this.#quickBadEnds = isBad && isQuick ? this.#quickBadEnds + 1 : 0;
    const spacingMs = scaled(SUPERVISOR_LIMITS.placeSpacingMs) - livedMs;
    return Math.max(0, spacingMs, scaled(restMs(this.#quickBadEnds)));
  }
}

/** @param failures - In a row; doubles the rest with each after the first, up to a minute. */
export function restMs(failures: number): number {
  const { restMs: firstMs, restMsMax } = SUPERVISOR_LIMITS;
  return failures === 0 ? 0 : Math.min(firstMs * 2 ** (failures - 1), restMsMax);
}
