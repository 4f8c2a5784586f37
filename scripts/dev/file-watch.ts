import { type FSWatcher, watch } from "node:fs";
import path from "node:path";
import { ROOT } from "../source-files.ts";

/** Editors write a file in several steps, and a checkout touches many: one call for all of them. */
const SETTLE_MS = 250;

/** Files whose change means something. */
const WATCHED_EXTENSIONS = /\.(?:ts|html|css|json)$/;

/**
 * Calls `changed` once things are quiet after files below some folders of the project changed.
 * @param changed - Gets the top folders that changed, such as `rooms`.
 * @returns Ends the watching.
 */
export function watchFolders(
  folders: readonly string[],
  changed: (folders: ReadonlySet<string>) => void,
  failed: (folder: string, error: Error) => void,
): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let dirty = new Set<string>();
  const fire = (): void => {
    const folders = dirty;
    dirty = new Set();
    changed(folders);
  };
  const watchers: FSWatcher[] = [];
  for (const folder of folders) {
    try {
      const watcher = watch(path.join(ROOT, folder), { recursive: true }, (_event, file) => {
        if (file !== null && !WATCHED_EXTENSIONS.test(file)) return;
        dirty.add(folder);
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
  };
}
