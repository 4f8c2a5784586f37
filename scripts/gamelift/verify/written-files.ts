import { lstatSync, readdirSync } from "node:fs";
import path from "node:path";

/** What a folder holds: each file's size and times, by its path below it. */
export type FolderState = ReadonlyMap<string, string>;

export function folderState(folder: string): FolderState {
  const state = new Map<string, string>();
  for (const entry of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    const stats = lstatSync(path.join(folder, entry), { bigint: true });
    // A folder's own times change with what is in it.
    const said = stats.isDirectory() ? "folder" : `${stats.mode} ${stats.size} ${stats.mtimeNs}`;
    state.set(entry, said);
  }
  return state;
}

/**
 * @param allowed - Folders in which anything may be written.
 * @returns What is new, changed or gone anywhere else, in order.
 */
export function writtenOutside(
  before: FolderState,
  after: FolderState,
  allowed: readonly string[],
): readonly string[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  const isAllowed = (name: string) =>
    allowed.some((folder) => name === folder || name.startsWith(`${folder}/`));
  return [...names]
    .filter((name) => before.get(name) !== after.get(name) && !isAllowed(name))
    .sort();
}
