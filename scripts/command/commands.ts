/**
 * The commands of `fleetroom`: what they take, what they say of themselves, what they do.
 * @module
 */
import { existsSync, globSync, statSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { findRooms } from "../project/find-rooms.ts";
import { sourceFile } from "../source-files.ts";
import { type Arguments, type Flag, HELP, ROOMS } from "./arguments.ts";

/** What a command is told of where it runs. */
export interface Place {
  /** Absolute: the project's. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly print: (line: string) => void;
}

export interface Command {
  readonly name: string;
  /** Completes "fleetroom NAME". */
  readonly meaning: string;
  readonly flags: readonly Flag[];
  /** Whether its other words are judged by the program that it becomes, and in what words its help says so. */
  readonly passesOn?: string;
  /**
   * @returns The exit code; `undefined` where the program that it has become sets its own.
   * @throws CommandMistake
   */
  run(given: Arguments, place: Place): Promise<number | undefined>;
}

/** Something that the person at the terminal has to put right; the message says what. */
export class CommandMistake extends Error {
  override readonly name = "CommandMistake";
}

const DEFAULT_PAGE_PORT = 8080;
const ZIP: Flag = {
  name: "zip",
  value: "FILE",
  meaning: "the build; unless given, the newest of this machine's kind in dist",
};
const OUT: Flag = { name: "out", value: "FOLDER", meaning: "where to; dist unless given" };

const dev: Command = {
  name: "dev",
  meaning:
    "runs the rooms on an emulated GameLift fleet with a lobby and a page, again at each change",
  flags: [
    ROOMS,
    { name: "port", value: "PORT", meaning: `of the page; ${DEFAULT_PAGE_PORT} unless given` },
    { name: "no-prometheus", meaning: "runs no Prometheus beside it, also where one is installed" },
    HELP,
  ],
  async run({ given }, place) {
    const port = portOf(given.get("port"));
    const { name: rooms } = roomsOf(given, place);
    const [{ runDevelopment }, { openProject }] = await Promise.all([
      import("../dev/development.ts"),
      import("../dev/project.ts"),
    ]);
    const project = await openProject({ folder: place.folder, rooms });
    return runDevelopment({ port, hasPrometheus: !given.has("no-prometheus") }, project);
  },
};

const start: Command = {
  name: "start",
  meaning: "runs one server with the rooms, without a fleet",
  flags: [ROOMS, HELP],
  passesOn:
    "every setting of the server is a flag as well, such as --port 7777: docs/CONFIGURATION.md",
  async run({ given, rest }, place) {
    const { name } = roomsOf(given, place, valueIn(rest, "--config"));
    return become("server/main.ts", ["--rooms", name, ...rest]);
  },
};

const build: Command = {
  name: "build",
  meaning: "makes the build for a fleet, with the rooms in it",
  flags: [ROOMS, OUT, HELP],
  passesOn: "--arch, --agent, --room and --settings are the build's: docs/GAMELIFT.md",
  async run({ given, rest }, place) {
    const { file } = roomsOf(given, place);
    const out = path.resolve(place.folder, given.get("out") ?? "dist");
    return become(firstOf("scripts/build-gamelift.ts", "scripts/build.ts"), [
      ...["--rooms", file, "--out", out],
      ...rest,
    ]);
  },
};

const verify: Command = {
  name: "verify",
  meaning: "starts the build as a fleet would, and plays a match on it",
  flags: [ZIP, HELP],
  passesOn: "--processes and --keep are the verification's: docs/GAMELIFT.md",
  async run({ given, rest }, { folder }) {
    const program = firstOf("scripts/verify-gamelift.ts");
    return become(program, ["--zip", zipOf(folder, given.get("zip")), ...rest]);
  },
};

const anywhere: Command = {
  name: "anywhere",
  meaning: "makes this machine a compute of a GameLift Anywhere fleet, with servers of the rooms",
  flags: [ROOMS, HELP],
  passesOn:
    "its settings are flags or variables, and another server may follow --: docs/ANYWHERE.md",
  async run({ given, rest }, place) {
    const hasCommand = rest.includes("--");
    if (hasCommand && given.has("rooms")) {
      throw new CommandMistake("--rooms: not with a command behind --, which has its own rooms");
    }
    if (hasCommand) return become("scripts/anywhere.ts", rest);
    const { name } = roomsOf(given, place);
    const server = [process.execPath, sourceFile("server/main.ts"), "--rooms", name];
    return become("scripts/anywhere.ts", [...rest, "--", ...server]);
  },
};

const doctor: Command = {
  name: "doctor",
  meaning: "looks at Node, the rooms, packages, ports and programs, and says what to do",
  flags: [ROOMS, HELP],
  async run({ given }, place) {
    const { runDoctor } = await import("./doctor/doctor.ts");
    return runDoctor({ ...place, givenRooms: given.get("rooms") });
  },
};

export const COMMANDS: readonly Command[] = [dev, start, build, verify, anywhere, doctor];

function roomsOf(given: Arguments["given"], { folder, env }: Place, configFile?: string) {
  const found = findRooms({ folder, given: given.get("rooms"), configFile, env });
  if ("mistake" in found) throw new CommandMistake(found.mistake);
  return found;
}

function portOf(text = String(DEFAULT_PAGE_PORT)): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new CommandMistake(`--port ${text}: a whole number from 0 to 65535 is allowed`);
}

function zipOf(folder: string, given: string | undefined): string {
  const pattern = given ?? `dist/*-linux-${process.arch}.zip`;
  const found = given === undefined ? globSync(pattern, { cwd: folder }) : [given];
  const files = found.map((name) => path.resolve(folder, name)).filter((file) => existsSync(file));
  const [newest] = files.sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  if (newest !== undefined) return newest;
  throw new CommandMistake(`there is no ${pattern} in ${folder}: make one with fleetroom build`);
}

function valueIn(words: readonly string[], flag: string): string | undefined {
  const at = words.indexOf(flag);
  const joined = words.find((word) => word.startsWith(`${flag}=`));
  return at >= 0 ? words[at + 1] : joined?.slice(flag.length + 1);
}

function firstOf(...programs: readonly string[]): string {
  const found = programs.find((program) => existsSync(sourceFile(program)));
  if (found !== undefined) return found;
  throw new CommandMistake("this version of fleetroom does not have it yet: see its CHANGELOG.md");
}

/** Goes on as another program of this tree: what it does at signals, and its exit code, are its own. */
async function become(program: string, argv: readonly string[]): Promise<undefined> {
  const file = sourceFile(program);
  process.argv = [process.execPath, file, ...argv];
  await import(pathToFileURL(file).href);
  return undefined;
}
