import { mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import path from "node:path";

/**
 * Makes a folder for files that are named by a process id, and removes all but the newest of them.
 * @param extension - With its dot. Files of any other name are left alone.
 */
export function openKeptFolder(folder: string, extension: string, filesMax: number): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const ours = readdirSync(folder)
    .filter((name) => /^[0-9a-f-]{36}$/.test(path.basename(name, extension)))
    .filter((name) => name.endsWith(extension))
    .map((name) => ({ name, atMs: statSync(path.join(folder, name)).mtimeMs }))
    .sort((a, b) => b.atMs - a.atMs);
  for (const { name } of ours.slice(filesMax)) rmSync(path.join(folder, name), { force: true });
}
