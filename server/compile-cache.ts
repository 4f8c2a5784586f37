import { accessSync, constants, lstatSync, mkdirSync } from "node:fs";
import { enableCompileCache, flushCompileCache, getCompileCacheDir } from "node:module";
import os from "node:os";
import path from "node:path";

const NAME = "compile-cache";
const FOR_OWNER_ALONE = 0o700;
const FOR_OTHERS_TO_WRITE = 0o022;

/**
 * Lets V8 keep what it compiles of this program for the processes that start after this one: in the server's own folder,
 * or, where that cannot be written to, among this user's temporary files. Somebody who set `NODE_COMPILE_CACHE` has
 * chosen. Without any such place everything is compiled each time.
 * @param serverFolder - Where the program lies.
 * @param temporaryFolder - For all users of the machine; what lies in it may be anyone's.
 */
export function useCompileCache(serverFolder: string, temporaryFolder = os.tmpdir()): void {
  if (getCompileCacheDir() !== undefined) return;
  const folder = compileCacheFolder(serverFolder, temporaryFolder);
  if (folder !== undefined) enableCompileCache(folder);
}

/**
 * Writes down what V8 has compiled so far. By itself Node does so when the process ends, which one that is killed never
 * reaches. Does nothing where there is no cache, and little where it is there already.
 */
export function keepCompiled(): void {
  flushCompileCache();
}

/** @returns A folder that is there and that this user alone can write to, if there is one. */
export function compileCacheFolder(
  serverFolder: string,
  temporaryFolder: string,
): string | undefined {
  const owner = process.getuid?.() ?? "windows";
  const candidates = [
    path.join(serverFolder, `.${NAME}`),
    path.join(temporaryFolder, `fleetroom-${NAME}-${owner}`),
  ];
  return candidates.find(isOwnFolder);
}

/** Whoever else could write there could have this process run what he likes. */
function isOwnFolder(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true, mode: FOR_OWNER_ALONE });
    const found = lstatSync(folder);
    accessSync(folder, constants.W_OK);
    if (process.getuid === undefined) return found.isDirectory();
    const isOwn = found.uid === process.getuid();
    return found.isDirectory() && isOwn && (found.mode & FOR_OTHERS_TO_WRITE) === 0;
  } catch {
    return false;
  }
}
