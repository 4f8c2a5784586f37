/**
 * What a process costs, as the kernel counts it: finer than `/proc/PID/stat`, whose ticks of 10 ms are more than a wave
 * of joins takes.
 * @module
 */
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

const TICK_MS = 10;
/** Collecting 500 connections' worth takes far less. */
const COLLECT_MS = 300;

/** @returns CPU time of all threads so far, milliseconds. */
export function cpuMs(pid: number): number {
  const tasks = `/proc/${pid}/task`;
  let nanoseconds = 0;
  for (const task of readdirSync(tasks)) {
    try {
      nanoseconds += Number(readFileSync(`${tasks}/${task}/schedstat`, "utf8").split(" ")[0]);
    } catch {
      // A thread that ended meanwhile; Node's own stay for good.
    }
  }
  return nanoseconds / 1e6;
}

export interface ProcessTimes {
  /** CPU time of all threads so far, milliseconds, in ticks of 10. */
  readonly userMs: number;
  readonly systemMs: number;
}

export function processTimes(pid: number): ProcessTimes {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name, in brackets, may have blanks.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { userMs: TICK_MS * Number(fields[11]), systemMs: TICK_MS * Number(fields[12]) };
}

/** @returns How often each thread gave its core up because it had nothing to do, by `id name`. */
export function wakeUps(pid: number): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const status = readFileSync(`/proc/${pid}/task/${task}/status`, "utf8");
    const name = /^Name:\s+(.+)$/m.exec(status)?.[1] ?? "";
    counts.set(`${task} ${name}`, Number(/^voluntary_ctxt_switches:\s+(\d+)$/m.exec(status)?.[1]));
  }
  return counts;
}

/** @returns Resident memory, bytes. */
export function residentBytes(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  return 1024 * Number(/^Rss:\s+(\d+) kB/m.exec(rollup)?.[1]);
}

/** The same once the server has collected its garbage (`subjects/collect-on-signal.js`). */
export async function collectedBytes(pid: number): Promise<number> {
  for (let time = 0; time < 2; time++) {
    process.kill(pid, "SIGWINCH");
    await delay(COLLECT_MS);
  }
  return residentBytes(pid);
}

/** @returns Time that one core was busy with anything, milliseconds. */
export function coreBusyMs(core: number): number {
  const line = readFileSync("/proc/stat", "utf8")
    .split("\n")
    .find((each) => each.startsWith(`cpu${core} `));
  // user, nice, system, idle, iowait, irq, softirq, steal
  const ticks = (line ?? "").split(/\s+/).slice(1, 9).map(Number);
  const [, , , idle = 0, iowait = 0] = ticks;
  return TICK_MS * (ticks.reduce((sum, each) => sum + each, 0) - idle - iowait);
}

export interface Cost {
  /** Of the server process, all its threads. */
  readonly cpuMs: number;
  readonly wallMs: number;
  /** What anything else on the server's core took, the hypervisor included, milliseconds. */
  readonly foreignMs: number;
}

/** What a server costs while `work` goes on. Read while it stands still before and after. */
export async function costOf<Value>(
  server: { readonly pid: number },
  core: number,
  work: () => Promise<Value>,
): Promise<Cost & { readonly value: Value }> {
  const [startMs, busyMs, ownMs] = [performance.now(), coreBusyMs(core), cpuMs(server.pid)];
  const value = await work();
  const cost = cpuMs(server.pid) - ownMs;
  return {
    value,
    cpuMs: cost,
    wallMs: performance.now() - startMs,
    foreignMs: Math.max(0, coreBusyMs(core) - busyMs - cost),
  };
}

/** What one process holds in memory, bytes. */
export interface Memory {
  /** Proportional: pages that several processes have are shared out among them. */
  readonly pss: number;
  /** Unique: what the system would get back if it ended. */
  readonly uss: number;
}

export function memoryOf(pid: number): Memory {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const bytes = (name: string) =>
    1024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(rollup)?.[1]);
  return { pss: bytes("Pss"), uss: bytes("Private_Clean") + bytes("Private_Dirty") };
}
