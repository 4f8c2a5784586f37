import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpuMs, type Memory, memoryOf, wakeUps } from "../measure/process-cost.ts";
import { canPin, SERVER_CORE } from "../subjects/subject.ts";
import { DENSITY_LIMITS } from "./limits.ts";

const STDERR_CHARS_KEPT = 2_000;

/** One process under test. */
export class MeasuredProcess {
  readonly child: ChildProcess;
  readonly exited: Promise<void>;
  /** CPU of all its threads when it was ready, milliseconds. */
  readyCpuMs = Number.NaN;
  #said = "";

  /** @param env - All of it. */
  constructor(words: readonly string[], env: Record<string, string>, cwd: string) {
    // Pinned from the first instruction on: taskset is replaced by what it starts.
    const command = canPin
      ? ["taskset", "-c", String(SERVER_CORE), process.execPath]
      : [process.execPath];
    const [file = "", ...rest] = [...command, ...words];
    this.child = spawn(file, rest, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    living.add(this.child);
    this.child.stderr?.on("data", (chunk) => {
      this.#said = `${this.#said}${chunk}`.slice(-STDERR_CHARS_KEPT);
    });
    this.exited = new Promise((resolve) => {
      this.child.once("close", () => {
        living.delete(this.child);
        resolve();
      });
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get stdout() {
    if (this.child.stdout === null) throw new Error("it has no standard output");
    return this.child.stdout;
  }

  /** @throws Error with what the process said when it ends before `ready`. */
  async untilReady(ready: Promise<unknown>): Promise<void> {
    const ended = this.exited.then(() => {
      throw new Error(`a process ended before it was ready: ${this.#said}`);
    });
    ended.catch(() => {});
    let timer: NodeJS.Timeout | undefined;
    const overdue = new Promise((_resolve, reject) => {
      const { readyWithinMs } = DENSITY_LIMITS;
      timer = setTimeout(
        () => reject(new Error(`not ready in ${readyWithinMs} ms`)),
        readyWithinMs,
      );
    });
    await Promise.race([ready, ended, overdue]).finally(() => clearTimeout(timer));
    this.readyCpuMs = cpuMs(this.pid);
  }

  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.exited;
  }
}

/** All of them, so that none outlives the benchmark, however that ends. */
const living = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of living) child.kill("SIGKILL");
});

/** A process that was told to start. */
export interface Starting {
  readonly process: MeasuredProcess;
  /** Resolves when whoever started it would send it players. */
  readonly whenReady: Promise<unknown>;
}

/** Processes of one kind that were started together. */
export class ProcessSet implements AsyncDisposable {
  readonly processes: readonly MeasuredProcess[];
  /** From the first start to the last ready, milliseconds. */
  readonly wallMs: number;

  private constructor(processes: readonly MeasuredProcess[], wallMs: number) {
    this.processes = processes;
    this.wallMs = wallMs;
  }

  static async start(count: number, startOne: () => Starting): Promise<ProcessSet> {
    const startMs = performance.now();
    const started = Array.from({ length: count }, startOne);
    const processes = started.map(({ process }) => process);
    try {
      await Promise.all(started.map(({ process, whenReady }) => process.untilReady(whenReady)));
      return new ProcessSet(processes, performance.now() - startMs);
    } catch (error) {
      await Promise.all(processes.map((process) => process.kill()));
      throw error;
    }
  }

  get memory(): readonly Memory[] {
    return this.processes.map(({ pid }) => memoryOf(pid));
  }

  /** Of each process, while `work` goes on. */
  async costs(work: () => Promise<unknown>): Promise<readonly ProcessCost[]> {
    const read = () =>
      this.processes.map(({ pid }) => ({ cpuMs: cpuMs(pid), wakeUps: sum(wakeUps(pid).values()) }));
    const [startMs, before] = [performance.now(), read()];
    await work();
    const [after, tookMs] = [read(), performance.now() - startMs];
    return after.map((each, at) => ({
      share: (each.cpuMs - (before[at]?.cpuMs ?? 0)) / tookMs,
      wakeUpsPerSecond: ((each.wakeUps - (before[at]?.wakeUps ?? 0)) * 1000) / tookMs,
    }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.processes.map((process) => process.kill()));
  }
}

export interface ProcessCost {
  /** Of one core, 0 to 1. */
  readonly share: number;
  readonly wakeUpsPerSecond: number;
}

/** Whether so many more processes fit into the machine. */
export function hasRoomFor(count: number): boolean {
  const meminfo = readFileSync("/proc/meminfo", "utf8");
  const free = 1024 * Number(/^MemAvailable:\s+(\d+) kB/m.exec(meminfo)?.[1]);
  return free > count * DENSITY_LIMITS.bytesPerProcess + DENSITY_LIMITS.bytesLeft;
}

function sum(values: Iterable<number>): number {
  let all = 0;
  for (const value of values) all += value;
  return all;
}
