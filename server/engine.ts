/**
 * How the JavaScript engine behaves in a process that is one match among many on its machine
 * (docs/decisions/0011-engine-settings.md).
 * @module
 */
import { readdirSync, readFileSync } from "node:fs";
import os from "node:os";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Of 19: a tenth of what the match's own thread gets where both want the same core. */
const HELPER_NICENESS = 10;

/**
 * Sets V8 up for many processes on few cores. Memory for short-lived objects stays at what loading the server has made it,
 * 16 MB, where V8 would let a match that fills double it; the match's own thread collects it alone, so that it waits for no
 * helper; and V8's helpers, which compile and collect, give way to the threads that run matches.
 */
export function settleEngine(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
  setFlagsFromString("--no-parallel-scavenge");
  if (process.platform === "linux") yieldHelpers();
}

/**
 * Collects what starting has left, some 10 MB, in some 50 ms: to be called when the server is up and hosts nothing yet.
 * By itself V8 would do so about two minutes later, in the middle of a match or of a rest that is to cost nothing.
 */
export function collectStart(): void {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("globalThis.gc");
  setFlagsFromString("--no-expose-gc");
  if (typeof collect === "function") collect();
}

function yieldHelpers(): void {
  try {
    for (const thread of readdirSync("/proc/self/task")) {
      const name = readFileSync(`/proc/self/task/${thread}/comm`, "utf8");
      if (name.startsWith("V8Worker")) os.setPriority(Number(thread), HELPER_NICENESS);
    }
  } catch {
    // Where the system does not let it be, nothing is lost but some smoothness.
  }
}
