import { rmSync, statSync } from "node:fs";
import { rename } from "node:fs/promises";
import path from "node:path";
import type { Clock } from "../../clock.ts";
import type { LaunchTarget } from "../launch-path.ts";
import { SUPERVISOR_LIMITS } from "../limits.ts";
import { openKeptFolder } from "./kept-folder.ts";
import { type LogSource, logSource } from "./log-paths.ts";
import { writeLogZip } from "./log-zip.ts";

/** A process that hosted a game session and is over. */
export interface LoggedProcess {
  readonly gameSessionId: string;
  readonly fleetId: string;
  readonly processId: string;
  /** As it named them in ProcessReady. */
  readonly logPaths: readonly string[];
  readonly target: LaunchTarget;
}

export interface LogArchivesDeps {
  readonly clock: Clock;
  /** For the zips. */
  readonly folder: string;
  /** Of all zips that are kept, the newest in any case. @defaultValue 2 GB */
  readonly bytesMax?: number;
  readonly failed: (logged: LoggedProcess, why: string) => void;
}

/**
 * One zip for each game session that is over, the newest ones kept. Logs are copied: unlike the agent on an instance,
 * which removes them, nothing is deleted that the emulator did not write itself.
 */
export class LogArchives {
  readonly #deps: LogArchivesDeps;
  readonly #waiting: LoggedProcess[] = [];
  /** By game session, oldest first. */
  readonly #archives = new Map<string, { readonly file: string; readonly bytes: number }>();
  #packing: Promise<void> | undefined;

  constructor(deps: LogArchivesDeps) {
    this.#deps = deps;
  }

  /** Zips of earlier runs count as well, though nobody can ask for them. */
  open(): void {
    openKeptFolder(this.#deps.folder, ".zip", SUPERVISOR_LIMITS.archivesMax);
  }

  /** @returns The zip's file, once it is whole. */
  find(gameSessionId: string): string | undefined {
    return this.#archives.get(gameSessionId)?.file;
  }

  add(logged: LoggedProcess): void {
    if (this.#waiting.length >= SUPERVISOR_LIMITS.archivesWaitingMax) {
      this.#deps.failed(logged, "too many game sessions' logs wait to be collected");
      return;
    }
    this.#waiting.push(logged);
    this.#packing ??= this.#pack().finally(() => {
      this.#packing = undefined;
    });
  }

  /** Waits for those that are under way, within bounds. */
  async close(): Promise<void> {
    const late = Promise.withResolvers<void>();
    const cancel = this.#deps.clock.after(SUPERVISOR_LIMITS.archivesCloseMs, late.resolve);
    await Promise.race([this.#packing, late.promise]);
    cancel();
    this.#waiting.length = 0;
  }

  async #pack(): Promise<void> {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      try {
        await this.#write(next);
      } catch (error) {
        this.#deps.failed(next, (error as Error).message);
      }
    }
  }

  async #write({ gameSessionId, processId, logPaths, target }: LoggedProcess): Promise<void> {
    const { folder } = this.#deps;
    const sources: LogSource[] = [];
    const refused: { named: string; why: string }[] = [];
    for (const named of new Set(logPaths.slice(0, SUPERVISOR_LIMITS.logPathsMax))) {
      const source = logSource(named, target);
      if (typeof source === "string") refused.push({ named, why: source });
      else sources.push(source);
    }
    const file = path.join(folder, `${processId}.zip`);
    try {
      await writeLogZip(`${file}.part`, sources, refused);
      await rename(`${file}.part`, file);
    } finally {
      rmSync(`${file}.part`, { force: true });
    }
    this.#archives.set(gameSessionId, { file, bytes: statSync(file).size });
    this.#dropOldest();
  }

  #dropOldest(): void {
    const { bytesMax = SUPERVISOR_LIMITS.archiveBytesMax } = this.#deps;
    let bytes = [...this.#archives.values()].reduce((sum, each) => sum + each.bytes, 0);
    for (const [gameSessionId, oldest] of this.#archives) {
      const { archivesMax } = SUPERVISOR_LIMITS;
      if (this.#archives.size <= archivesMax && bytes <= bytesMax) return;
      if (this.#archives.size === 1) return;
      rmSync(oldest.file, { force: true });
      this.#archives.delete(gameSessionId);
      bytes -= oldest.bytes;
    }
  }
}
