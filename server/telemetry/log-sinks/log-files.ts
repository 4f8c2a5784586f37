import { mkdirSync, openSync, renameSync, statSync, unlinkSync } from "node:fs";
import { type FileHandle, mkdir, open, readdir, rename, stat, unlink } from "node:fs/promises";
import path from "node:path";

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
    return await open(this.path, "a", FILE_MODE);
  }

  /**
   * As `open`, for the end of the process; a file that has so many bytes is rotated. Processes that fail at their start
   * write in this way alone, one after another into the same file.
   * @returns A descriptor that is the caller's to close.
   */
  openAtOnce(fileBytes: number): number {
    mkdirSync(this.#dir, { recursive: true, mode: DIRECTORY_MODE });
    if ((statSync(this.path, { throwIfNoEntry: false })?.size ?? 0) >= fileBytes) {
      this.#rotateAtOnce();
    }
    return openSync(this.path, "a", FILE_MODE);
  }

  /** Puts away what an earlier process wrote, and removes what is more than may be kept. */
  async takeOver(): Promise<void> {
    const size = await stat(this.path).then(
      (found) => found.size,
      () => 0,
    );
    if (size > 0) await this.rotate();
    const names = await readdir(this.#dir).catch(() => []);
    for (const name of names) {
      const index = Number(ROTATED.exec(name)?.[1] ?? 0);
      if (index >= this.#filesMax) await unlink(path.join(this.#dir, name));
    }
  }

  /** Frees the name `server.jsonl`. The oldest file beyond those to keep is gone by it. */
  async rotate(): Promise<void> {
    for (let index = this.#filesMax - 1; index > 1; index--) {
      await rename(this.#rotated(index - 1), this.#rotated(index)).catch(unlessMissing);
    }
    if (this.#filesMax > 1) await rename(this.path, this.#rotated(1)).catch(unlessMissing);
    else await unlink(this.path).catch(unlessMissing);
  }

  #rotateAtOnce(): void {
    const names = Array.from({ length: this.#filesMax }, (_, index) =>
      index === 0 ? this.path : this.#rotated(index),
    );
    const isThere = (name: string) => statSync(name, { throwIfNoEntry: false }) !== undefined;
    for (let index = names.length - 1; index > 0; index--) {
      const [older = "", newer = ""] = [names[index], names[index - 1]];
      if (isThere(newer)) renameSync(newer, older);
    }
    if (this.#filesMax === 1) unlinkSync(this.path);
  }

  #rotated(index: number): string {
    return path.join(this.#dir, `server.${index}.jsonl`);
  }
}

export function unlessMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
}
