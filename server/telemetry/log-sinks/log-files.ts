import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  renameSync,
  type Stats,
  statSync,
  unlinkSync,
} from "node:fs";
import { type FileHandle, mkdir, open, readdir, rename, stat, unlink } from "node:fs/promises";
import path from "node:path";

const { O_APPEND, O_CREAT, O_NOCTTY, O_NONBLOCK, O_WRONLY } = constants;
/** Opening a FIFO that nobody reads would wait for ever, and with it the end of the process. A file does not care. */
const FLAGS = O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY;
const DIRECTORY_MODE = 0o750;
const FILE_MODE = 0o640;
const ROTATED = /^server\.(\d+)\.jsonl$/;

/** `server.jsonl` and what it was rotated to: `server.1.jsonl` is the newest. All methods throw what the disk says. */
export class LogFiles {
  readonly #dir: string;
  readonly #filesMax: number;
  readonly path: string;

  /** @param filesMax - The current one included, at least 1. */
  constructor(dir: string, filesMax: number) {
    this.#dir = dir;
    this.#filesMax = filesMax;
    this.path = path.join(dir, "server.jsonl");
  }

  /** Makes directory and file as needed. */
  async open(): Promise<FileHandle> {
    await mkdir(this.#dir, { recursive: true, mode: DIRECTORY_MODE });
    const handle = await open(this.path, FLAGS, FILE_MODE);
    try {
      mustBeFile(await handle.stat());
      return handle;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /**
   * As `open`, for the end of the process; a file that has so many bytes is rotated. Processes that fail at their start
   * write in this way alone, one after another into the same file.
   * @returns A descriptor that is the caller's to close.
   */
  openAtOnce(fileBytes: number): number {
    mkdirSync(this.#dir, { recursive: true, mode: DIRECTORY_MODE });
    const found = statSync(this.path, { throwIfNoEntry: false });
    if (found?.isFile() && found.size >= fileBytes) this.#rotateAtOnce();
    const fd = openSync(this.path, FLAGS, FILE_MODE);
    try {
      mustBeFile(fstatSync(fd));
      return fd;
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  /** Puts away what an earlier process wrote, and removes what is more than may be kept. */
  async takeOver(): Promise<void> {
    const found = await stat(this.path).catch(() => undefined);
    if (found?.isFile() && found.size > 0) await this.rotate();
    const names = await readdir(this.#dir).catch(() => []);
    for (const name of names) {
      const index = Number(ROTATED.exec(name)?.[1] ?? 0);
      // What cannot be removed, such as a directory of that name, is no reason to write nothing.
      if (index >= this.#filesMax) await unlink(path.join(this.#dir, name)).catch(() => {});
    }
  }

  /** Frees the name `server.jsonl`. The oldest file beyond those to keep is gone by it. */
  async rotate(): Promise<void> {
    for (let index = this.#filesMax - 1; index > 1; index--) {
      // One that cannot be moved gives way to the next, which is newer.
      await rename(this.#rotated(index - 1), this.#rotated(index)).catch(() => {});
    }
    if (this.#filesMax > 1) await rename(this.path, this.#rotated(1)).catch(unlessMissing);
    else await unlink(this.path).catch(unlessMissing);
  }

  #rotateAtOnce(): void {
    for (let index = this.#filesMax - 1; index > 0; index--) {
      const newer = index === 1 ? this.path : this.#rotated(index - 1);
      try {
        renameSync(newer, this.#rotated(index));
      } catch {
        // It is not there, or stays where it is: lines go into the file that has the name.
      }
    }
    if (this.#filesMax === 1) unlinkSync(this.path);
  }

  #rotated(index: number): string {
    return path.join(this.#dir, `server.${index}.jsonl`);
  }
}

/** Of a device or a FIFO nobody can say what is in it, or how much. */
function mustBeFile(found: Stats): void {
  if (!found.isFile()) throw Object.assign(new Error("not a regular file"), { code: "NOT_A_FILE" });
}

export function unlessMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
}
