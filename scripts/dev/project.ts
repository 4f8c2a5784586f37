/**
 * A project's own rooms, as what a development fleet runs.
 * @module
 */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { listRooms, type RoomsListing } from "../project/rooms-listing.ts";
import { sourceFile } from "../source-files.ts";
import { PARAMETER, type ServerLaunch } from "./fleet-file.ts";
import { buildProjectPage, type PageFiles } from "./page-build.ts";
import { watchFiles } from "./source-watch.ts";
import type { Subject, SubjectListener } from "./subject.ts";

/** Below the project; stands for the Node that runs this, which lies elsewhere. */
const NODE = ".fleetroom/dev/node";

export interface ProjectOptions {
  /** Absolute. */
  readonly folder: string;
  /** The rooms module, as the project's folder has it. */
  readonly rooms: string;
}

/** @throws Error with what is wrong with the rooms module, or with the names of files. */
export async function openProject(options: ProjectOptions): Promise<Subject> {
  const { folder, rooms } = options;
  const listed = await listRooms(path.resolve(folder, rooms), folder);
  if ("mistake" in listed) throw new Error(listed.mistake);
  const script = path.relative(folder, sourceFile("server/main.ts"));
  for (const name of [rooms, script]) {
    if (PARAMETER.test(name)) continue;
    throw new Error(`${name} has a character that launch parameters cannot have: rename it`);
  }
  writeNode(path.join(folder, NODE));
  const launch = { launchPath: `/local/game/${NODE}`, script, flags: ["--rooms", rooms] };
  return new Project(options, launch, listed);
}

/** A script, because a link would make a launch root of the folder that Node lies in. */
function writeNode(file: string): void {
  const node = `'${process.execPath.replaceAll("'", "'\\''")}'`;
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\nexec ${node} "$@"\n`, { mode: 0o755 });
}

class Project implements Subject {
  readonly folder: string;
  readonly launch: ServerLaunch;
  readonly launchRoots: readonly string[];
  readonly hasBots = false;
  readonly #file: string;
  #listing: RoomsListing;
  #stopWatching: () => boolean = () => false;
  /** Looks follow one another. */
  #looking: Promise<void> = Promise.resolve();
  #hasEnded = false;

  constructor({ folder, rooms }: ProjectOptions, launch: ServerLaunch, listing: RoomsListing) {
    this.folder = folder;
    this.launchRoots = [folder];
    this.launch = launch;
    this.#file = path.resolve(folder, rooms);
    this.#listing = listing;
  }

  get games(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#listing.games.map(({ name, seatsMax }) => [name, seatsMax]));
  }

  invitation(url: string): string {
    const names = this.#listing.games.map(({ name }) => name).join(", ");
    return `Open ${url} to see and join your rooms: ${names}.`;
  }

  page(): Promise<PageFiles> {
    return buildProjectPage(this.#listing.games);
  }

  watch(listener: SubjectListener): () => void {
    this.#watchSources(listener);
    return () => {
      this.#hasEnded = true;
      this.#stopWatching();
    };
  }

  #watchSources(listener: SubjectListener): void {
    const settings = ["fleetroom.json", "tsconfig.json"].map((name) =>
      path.join(this.folder, name),
    );
    this.#stopWatching = watchFiles(
      [...this.#listing.sources, ...settings],
      () => this.#lookNext(listener),
      (folder, error) => listener.failed(`${folder} is not watched: ${error.message}`),
    );
  }

  #lookNext(listener: SubjectListener): void {
    this.#looking = this.#looking.then(() => this.#look(listener));
  }

  /** Looks at the rooms before servers that could not load them would replace those that run. */
  async #look(listener: SubjectListener): Promise<void> {
    const listed = await listRooms(this.#file, this.folder);
    if (this.#hasEnded) return;
    if ("mistake" in listed) {
      listener.failed(`The servers go on with the rooms as they were. ${listed.mistake}`);
      return;
    }
    const before = this.#listing;
    this.#listing = listed;
    // A file may have come to it.
    const hasMissedOne = this.#stopWatching();
    this.#watchSources(listener);
    if (hasMissedOne) this.#lookNext(listener);
    // First: a game that the lobby offers is placed on servers that have it.
    listener.serversChanged();
    if (JSON.stringify(listed.games) === JSON.stringify(before.games)) return;
    listener.pageChanged();
    listener.lobbyChanged();
  }
}
