/**
 * What a development fleet runs: the demo games of this repository, or the rooms of a project.
 * @module
 */
import type { ServerLaunch } from "./fleet-file.ts";
import type { PageFiles } from "./page-build.ts";

/** Told of what changed, once things are quiet. */
export interface SubjectListener {
  pageChanged(): void;
  serversChanged(): void;
  lobbyChanged(): void;
  /** Something cannot be watched or read; all goes on as it was. */
  failed(words: string): void;
}

export interface Subject {
  /** Absolute: the working directory of all that runs; what is of no use after the run lies below it. */
  readonly folder: string;
  readonly launch: ServerLaunch;
  /** Absolute; programs are started from below them alone. The first is `folder`. */
  readonly launchRoots: readonly string[];
  /** Most players of each game, now. */
  readonly games: Readonly<Record<string, number>>;
  /** Whether there are bots that play them. */
  readonly hasBots: boolean;
  /** What a person is to do with the page. */
  invitation(url: string): string;
  /** @throws Error in esbuild's words, with file and line. */
  page(): Promise<PageFiles>;
  /** @returns Ends the watching. */
  watch(listener: SubjectListener): () => void;
}
