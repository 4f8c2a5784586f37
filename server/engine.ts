/**
 * How the JavaScript engine behaves in a process that is one match among many on its machine
 * (docs/decisions/0011-engine-settings.md).
 * @module
 */
import { readdirSync, readFileSync } from "node:fs";
import os from "node:os";
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Of 19: a tenth of what the match's own thread gets where both want the same core. */
const HELPER_NICENESS = 10;
/** All of them; 2 is V8's own value. Functions that wait to be compiled keep their memory, some 100 KB each. */
const COMPILING_THREADS_MAX = 4;
/** For short-lived objects while a match is hosted. With half as much, joins over TCP cost a tenth more. */
const YOUNG_BYTES_OF_MATCH = 8 * 1024 * 1024;
/** Some 100 KB each: whoever survives two collections makes V8 grow, so a few MB of them are held. */
const CHUNKS_MAX = 400;
const CHUNKS_HELD = 100;
const CHUNK_OBJECTS = 2_000;
/** How often V8 may collect to give memory back that is allocated seldom; 2 is its own value. */
const TIDYINGS_OF_MATCH = 0;
const TIDYINGS = 2;

let isSettled = false;

/**
 * Sets V8 up for many processes on few cores. Memory for short-lived objects stays at what loading the server has made it,
 * 4 MB for the built one, where V8 would let a match that fills grow it again and again; the match's own thread collects it
 * alone, so that it waits for no helper; and V8's helpers, which compile and collect, give way to the threads that run
 * matches, but all of them compile, and what compiling needed is given back by whoever takes its result.
 */
export function settleEngine(): void {
  isSettled = true;
  setFlagsFromString("--semi-space-growth-factor=1");
  setFlagsFromString("--no-parallel-scavenge");
  setFlagsFromString(`--concurrent-maglev-max-threads=${COMPILING_THREADS_MAX}`);
  // Helpers that give way would get to it late, and what was compiled would keep its memory until then.
  setFlagsFromString("--no-maglev-destroy-on-background");
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

/**
 * Gives a settled process what a match needs, in some 20 ms: to be called when it hosts one and nobody plays yet. That is
 * memory for short-lived objects, without which one that waits for its match does. By itself V8 would take it back after 8 s
 * in which little was allocated, with 50 ms of work, and what is left would be collected five times as often.
 */
export function beginMatch(): void {
  if (!isSettled) return;
  setFlagsFromString(`--memory-reducer-gc-count=${TIDYINGS_OF_MATCH}`);
  setFlagsFromString("--semi-space-growth-factor=2");
  let held: object[] = [];
  for (let chunks = 0; chunks < CHUNKS_MAX && youngBytes() < YOUNG_BYTES_OF_MATCH; chunks++) {
    held.push(Array.from({ length: CHUNK_OBJECTS }, (_, at) => ({ at, inner: [at] })));
    if (held.length > CHUNKS_HELD) held = held.slice(CHUNKS_HELD / 2);
  }
  setFlagsFromString("--semi-space-growth-factor=1");
}

/** Lets V8 give back what a match needed, some seconds later. */
export function endMatch(): void {
  if (isSettled) setFlagsFromString(`--memory-reducer-gc-count=${TIDYINGS}`);
}

function youngBytes(): number {
  const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space");
  return young?.space_size ?? Number.POSITIVE_INFINITY;
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
