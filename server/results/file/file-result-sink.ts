import { randomUUID } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { makeDirectory } from "../../make-directory.ts";
import type { MatchResult, ResultSink } from "../results.ts";

/** Writes each result to `<resultId>.json`. A reader of the directory never sees half a file. */
export class FileResultSink implements ResultSink {
  readonly #directory: string;

  /** @param directory - Made when the first result comes. */
  constructor(directory: string) {
    this.#directory = directory;
  }

  async deliver(result: MatchResult, signal: AbortSignal): Promise<void> {
    // The id names a file: nothing in it may lead out of the directory.
    if (!/^[A-Za-z0-9_-]{1,128}$/.test(result.resultId)) {
      throw new TypeError("a resultId is 1 to 128 of A-Z a-z 0-9 _ -");
    }
    signal.throwIfAborted();
    await makeDirectory(this.#directory);
    const path = join(this.#directory, `${result.resultId}.json`);
    // A try that was given up may still be writing: each has a file of its own until it is whole.
    const temporary = `${path}.${randomUUID()}.tmp`;
    try {
      await writeDurably(temporary, `${JSON.stringify(result, undefined, 2)}\n`);
      signal.throwIfAborted();
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }
}

/** On the disk before the rename shows it, so that a machine that stops leaves no empty result. */
async function writeDurably(path: string, text: string): Promise<void> {
  await using file = await open(path, "w", 0o644);
  await file.writeFile(text);
  await file.sync();
}
