import type { CancelTimer, Clock } from "../clock.ts";
import { HOST_LIMITS } from "./limits.ts";

/**
 * Lets time pass until a step is due.
 * @param delayMs - Until then; 0 or more.
 * @param fire - Called once: then, or earlier, when what has come meanwhile has been taken in.
 * @returns Cancels it; `undefined`, and nothing will be called, if there is no rest now.
 */
export type Rest = (delayMs: number, fire: () => void) => CancelTimer | undefined;

/** Nobody ever writes here, so that whoever waits for it does so for as long as he said. */
const NOTHING = new Int32Array(new SharedArrayBuffer(4));

/**
 * Rests the whole thread between two steps, in place of Node's event loop, which would wake for each command only to queue
 * it for the next step: most of what a command costs is the waking. The system keeps what comes; it is taken in before the
 * step, and every `restMsMax` at the latest (docs/decisions/0018-the-thread-rests-between-steps.md).
 * @param isAwaited - Somebody is on the way in and would wait for each of his messages: no rest now.
 */
export function threadRest(clock: Clock, isAwaited: () => boolean): Rest {
  return (delayMs, fire) => {
    if (isAwaited()) return undefined;
    const dueMs = clock.nowMs() + delayMs;
    // What this turn has to write or to call goes first; what comes while the thread rests is read between the two.
    let next = setImmediate(() => {
      const leftMs = dueMs - clock.nowMs();
      // Rests of one length: nothing waits longer than it must for the same number of them.
      if (leftMs > 0) restThread(leftMs / Math.ceil(leftMs / HOST_LIMITS.restMsMax));
      next = setImmediate(fire);
    });
    return () => clearImmediate(next);
  };
}

/** By its name profiles tell resting from work. */
function restThread(restMs: number): void {
  Atomics.wait(NOTHING, 0, 0, restMs);
}
