import { type FSWatcher, watch } from "node:fs";
import path from "node:path";

/** Editors write a file in several steps. */
const SETTLE_MS = 250;

/**
 * Calls `changed` once things are quiet after one of some files changed, came or went.
 * @param files - Absolute. Their folders are watched: an editor may put another file in one's place.
 * @returns Ends the watching, and says whether a change was still to be told.
 */
export function watchFiles(
  files: readonly string[],
  changed: () => void,
  failed: (folder: string, error: Error) => void,
): () => boolean {
  const wanted = new Set(files);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const fire = (): void => {
    timer = undefined;
    changed();
  };
  const watchers: FSWatcher[] = [];
  for (const folder of new Set(files.map((file) => path.dirname(file)))) {
    try {
      const watcher = watch(folder, (_event, name) => {
        if (name !== null && !wanted.has(path.join(folder, name))) return;
        clearTimeout(timer);
        timer = setTimeout(fire, SETTLE_MS);
      });
      watcher.on("error", (error) => failed(folder, error));
      watchers.push(watcher);
    } catch (error) {
      failed(folder, error as Error);
    }
  }
  return () => {
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
    return timer !== undefined;
  };
}
