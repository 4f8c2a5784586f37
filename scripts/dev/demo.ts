/**
 * The demo games of this repository, as what a development fleet runs.
 * @module
 */
import { realpathSync } from "node:fs";
import path from "node:path";
import { ROOT } from "../source-files.ts";
import { watchFolders } from "./file-watch.ts";
import { REPOSITORY_LAUNCH } from "./fleet-file.ts";
import { buildPage } from "./page-build.ts";
import type { Subject, SubjectListener } from "./subject.ts";

const SERVER_SOURCES = new Set(["server", "rooms", "protocol"]);
const PAGE_SOURCES = new Set(["client", "rooms", "protocol"]);

export function openDemo(): Subject {
  return {
    folder: ROOT,
    launch: REPOSITORY_LAUNCH,
    // The packages may be a link to a folder elsewhere.
    launchRoots: [ROOT, realpathSync(path.join(ROOT, "node_modules"))],
    games: { arena: 32, duel: 2 },
    hasBots: true,
    invitation: (url) => `Open ${url} in two tabs to play against yourself.`,
    page: buildPage,
    watch,
  };
}

function watch(listener: SubjectListener): () => void {
  return watchFolders(
    ["server", "rooms", "protocol", "client", "backend"],
    (folders) => {
      const some = (sources: ReadonlySet<string>) => [...folders].some((each) => sources.has(each));
      if (some(PAGE_SOURCES)) listener.pageChanged();
      if (some(SERVER_SOURCES)) listener.serversChanged();
      if (folders.has("backend")) listener.lobbyChanged();
    },
    (folder, error) => listener.failed(`${folder}/ is not watched: ${error.message}`),
  );
}
