/**
 * Directories with their parents. Node's own `recursive` never comes back where a file system says ENOENT of what it does
 * not let anybody make, as `/proc` does: it tries again and again, and the end of the process waits for it.
 * @module
 */
import { mkdirSync, statSync } from "node:fs";
import { mkdir, stat } from "node:fs/promises";
import path from "node:path";

const ANYBODY = 0o777;

/** Does nothing where there is one. @throws What the system says. */
export async function makeDirectory(dir: string, mode = ANYBODY): Promise<void> {
  try {
    await mkdir(dir, mode);
  } catch (error) {
    if (lacksParent(error, dir)) {
      await makeDirectory(path.dirname(dir), mode);
      await mkdir(dir, mode).catch(unlessThere);
    } else if (!isThere(error) || !(await stat(dir)).isDirectory()) throw error;
  }
}

/** As `makeDirectory`, blocking. */
export function makeDirectoryAtOnce(dir: string, mode = ANYBODY): void {
  try {
    mkdirSync(dir, mode);
  } catch (error) {
    if (lacksParent(error, dir)) {
      makeDirectoryAtOnce(path.dirname(dir), mode);
      try {
        mkdirSync(dir, mode);
      } catch (cause) {
        unlessThere(cause);
      }
    } else if (!isThere(error) || !statSync(dir).isDirectory()) throw error;
  }
}

function lacksParent(error: unknown, dir: string): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT" && path.dirname(dir) !== dir;
}

function isThere(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "EEXIST";
}

/** Another process may have been quicker. */
function unlessThere(error: unknown): void {
  if (!isThere(error)) throw error;
}
