/**
 * Tells whoever scrapes metrics on this machine where this process is: a file of Prometheus's file discovery, one for
 * each process, since ports are not known beforehand. Processes that were killed leave theirs behind, so each process
 * removes the files of dead ones.
 * @module
 */
import { lstat, mkdir, opendir, rename, stat, unlink, writeFile } from "node:fs/promises";
import path from "node:path";
import type { CancelTimer, Clock } from "../../clock.ts";
import type { Telemetry } from "../telemetry.ts";
import { TARGETS_LIMITS } from "./limits.ts";
import {
  type ProcessKey,
  type ProcessTable,
  systemProcesses,
  unseenProcesses,
} from "./process-table.ts";

/** What discovery reads, as `infra/cloudwatch-agent/prometheus.yaml` has it. */
export const TARGETS_GLOB = "server-*.json";

const NAMES_AT_ONCE = 64;

/** A name that the glob matches, or the one that a file has until it is whole. */
const NAME = /^(?:server-(\d{1,10})-(\d{1,20})\.json|\.server-(\d{1,10})-(\d{1,20})\.tmp)$/;

export interface TargetsFileOptions {
  /** Made if it is not there. */
  readonly dir: string;
  /**
   * Whether processes that do not see one another write into it, as those of several containers: then each writes its file
   * again and again, and an old one is a dead one's. False unless given.
   */
  readonly isShared?: boolean;
  /** Host and port of `/metrics`. */
  readonly target: string;
  /** Labels of every series of this process: FleetId, Location, Ordinal. */
  readonly labels: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly telemetry: Pick<Telemetry, "vendorMessage">;
  /** From 0 to 1; `Math.random` unless given. */
  readonly random?: () => number;
  /** Of this machine, or nobody's when the directory is shared, unless given. */
  readonly processes?: ProcessTable;
}

/** Never throws and never rejects: without its file a process is not seen, and goes on. */
export class TargetsFile {
  readonly #options: TargetsFileOptions;
  readonly #processes: ProcessTable;
  readonly #random: () => number;
  #isClosed = false;
  #isWritten = false;
  #hasFailed = false;
  #cancelSweep: CancelTimer = () => {};
  /** Everything that touches the disk, one after the other. */
  #work: Promise<void> = Promise.resolve();

  constructor(options: TargetsFileOptions) {
    this.#options = options;
    const { processes, isShared } = options;
    this.#processes = processes ?? (isShared ? unseenProcesses() : systemProcesses());
    this.#random = options.random ?? Math.random;
  }

  /** Where the file is. */
  get path(): string {
    return this.#in(nameOf(this.#processes.own));
  }

  /** Writes the file, and from then on sees to it that it and no dead process's is there. */
  open(): Promise<void> {
    return this.#sweep();
  }

  /** Removes the file. A second call does nothing. */
  close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelSweep();
    return this.#enqueue(() => remove(this.path));
  }

  /** Settles when the disk has done what was asked of it so far. @internal */
  idle(): Promise<void> {
    return this.#work;
  }

  async #sweep(): Promise<void> {
    await this.#enqueue(async () => {
      await this.#makeDirectory();
      // What is there at first is not ours, whatever its name.
      const isKept = this.#isWritten && !this.#options.isShared && (await isThere(this.path));
      if (!isKept) await this.#write();
      this.#isWritten = true;
      await this.#removeDead(await this.#names());
    });
    if (this.#isClosed) return;
    const { sweepMsMin, sweepMsMax } = TARGETS_LIMITS;
    const delayMs = sweepMsMin + this.#random() * (sweepMsMax - sweepMsMin);
    this.#cancelSweep();
    this.#cancelSweep = this.#options.clock.after(delayMs, () => void this.#sweep());
  }

  async #makeDirectory(): Promise<void> {
    const { dir } = this.#options;
    if (!(await isThere(dir))) {
      await mkdir(dir, { recursive: true, mode: TARGETS_LIMITS.directoryMode });
    }
  }

  /** Of files of this kind in the directory, as far as a look goes: somebody may have filled it with others. */
  async #names(): Promise<readonly string[]> {
    const { namesMax } = TARGETS_LIMITS;
    const directory = await opendir(this.#options.dir, { bufferSize: NAMES_AT_ONCE });
    const names: string[] = [];
    try {
      for (let seen = 0; seen < namesMax; seen++) {
        const entry = await directory.read();
        if (entry === null) break;
        if (keyOf(entry.name) !== undefined) names.push(entry.name);
      }
      return names;
    } finally {
      await directory.close();
    }
  }

  /** What is not named as ours is somebody else's and stays. */
  async #removeDead(names: readonly string[]): Promise<void> {
    const keys = names.map((name) => [name, keyOf(name)] as const);
    const failures: unknown[] = [];
    for (const [name, key] of keys) {
      if (key === undefined || !(await this.#isDead(name, key))) continue;
      // Another process may have been quicker. One that cannot be removed is no reason to leave the others.
      await remove(this.#in(name)).catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  }

  async #isDead(name: string, key: ProcessKey): Promise<boolean> {
    if (!this.#options.isShared) return !this.#processes.isAlive(key);
    try {
      const { mtimeMs } = await stat(this.#in(name));
      return this.#options.clock.wallMs() - mtimeMs > TARGETS_LIMITS.ageMsMax;
    } catch {
      return false; // Gone, or not to be looked at: nothing to remove.
    }
  }

  /** Under a name that discovery does not see until it is whole. */
  async #write(): Promise<void> {
    const { target, labels } = this.#options;
    const { pid, startTicks } = this.#processes.own;
    const unfinished = this.#in(`.server-${pid}-${startTicks}.tmp`);
    const text = `${JSON.stringify([{ targets: [target], labels }])}\n`;
    // A file of its own: what somebody has put there may be a link to a file elsewhere.
    await remove(unfinished);
    await writeFile(unfinished, text, { mode: TARGETS_LIMITS.fileMode, flag: "wx" });
    await rename(unfinished, this.path);
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(work).then(
      () => {
        this.#hasFailed = false;
      },
      (error: unknown) => this.#tell(error),
    );
    return this.#work;
  }

  /** Once, until it works again. */
  #tell(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    const message = `The targets file is not as it should be, so that metrics of this process may not be collected: ${(error as Error).message}`;
    this.#options.telemetry.vendorMessage({ level: "warn", message });
  }

  #in(name: string): string {
    return path.join(this.#options.dir, name);
  }
}

function nameOf({ pid, startTicks }: ProcessKey): string {
  return `server-${pid}-${startTicks}.json`;
}

function keyOf(name: string): ProcessKey | undefined {
  const [, pid, startTicks, unfinishedPid, unfinishedTicks] = NAME.exec(name) ?? [];
  if (pid === undefined && unfinishedPid === undefined) return undefined;
  return { pid: Number(pid ?? unfinishedPid), startTicks: Number(startTicks ?? unfinishedTicks) };
}

async function isThere(file: string): Promise<boolean> {
  try {
    await lstat(file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

async function remove(file: string): Promise<void> {
  try {
    await unlink(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
