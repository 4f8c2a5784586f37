/**
 * One build taken through what a fleet does with it, from the zip to the end of its processes.
 * @module
 */
import { createHash } from "node:crypto";
import { globSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { unpackZip } from "../../../emulator/builds/zip.ts";
import { isRefused } from "../../../emulator/plane/outcome.ts";
import {
  GAME_FOLDER,
  heapMegabytesPerProcess,
  LAUNCH_PATH_PATTERN,
  launchParameters,
  PARAMETERS_PATTERN,
  PORTS,
} from "../launch.ts";
import { Jail } from "./jail.ts";
import { hasTargets, outcomes, wrongWithLogs, wrongWithTargets } from "./observed.ts";
import { Player } from "./players.ts";
import type { Report } from "./report.ts";
import { FLEETS, type PlacedSession, Stage } from "./stage.ts";
import { folderState, writtenOutside } from "./written-files.ts";

/** Of the instances that the launch parameters are made for here: a c6i.large. */
const INSTANCE_MEGABYTES = 4_096;
const TLS_PROCESSES = 2;
const SEATS = 4;

const INSTALL_MS = 120_000;
/** With many processes on few cores. */
const READY_MS = 120_000;
const JOIN_MS = 15_000;
const PLAY_MS = 3_000;
/** Given to a process that is told to terminate, and what it may take to be gone. */
const TERMINATION_MS = 15_000;
const DRAIN_MS = 30_000;
const LOGS_MS = 10_000;

/** What a process may write: its logs, the file by which it is found, and what V8 compiled of the build. */
const WRITABLE = ["logs", "targets", "dist/.compile-cache"];
/** Of GameLift's own variables, and of what any process has. */
const OURS = /^(?:FLEETROOM_|NODE_)/;

interface Manifest {
  readonly version: string;
  readonly arch: string;
  readonly nodeVersion: string;
  readonly launchPath: string;
  readonly files: readonly {
    readonly path: string;
    readonly sizeBytes: number;
    readonly sha256: string;
    readonly mode: string;
  }[];
}

export interface Subject {
  readonly zip: string;
  /** Of the dense fleet. */
  readonly processes: number;
  /** Empty; everything is made in it. */
  readonly workFolder: string;
  readonly report: Report;
  readonly print: (line: string) => void;
}

/** @throws Error when it cannot be looked at here at all. */
export async function verify(subject: Subject): Promise<void> {
  const { zip, workFolder, report, print } = subject;
  print("unpacks it as an instance does …");
  const jail = new Jail(path.join(workFolder, "root"));
  const manifest = await unpack(zip, jail, report);
  if (manifest === undefined) return;
  const libraries = jail.bringLibrariesOf(path.join(jail.gameFolder, "bin/node"));
  jail.giveToUser(jail.gameFolder);
  const refusal = jail.refusal();
  if (refusal !== undefined) throw new Error(refusal);
  report.note(`the root has no Node but the build's, which needs ${libraries.map(shortName)}`);

  print("runs install.sh, twice …");
  if (!install(jail, report)) return;
  const before = folderState(jail.root);
  const dataFolder = path.join(workFolder, "data");
  await live(subject, jail, manifest, dataFolder);
  judgeFiles(jail, before, dataFolder, report);
}

async function unpack(zip: string, jail: Jail, report: Report): Promise<Manifest | undefined> {
  const unpacked = await unpackZip(zip, jail.gameFolder, new AbortController().signal);
  if (isRefused(unpacked)) {
    report.judge("an instance can unpack the zip", unpacked.message);
    return undefined;
  }
  const { files: names, empty } = entriesOf(jail.gameFolder);
  const text = names.includes("manifest.json")
    ? readFileSync(path.join(jail.gameFolder, "manifest.json"), "utf8")
    : undefined;
  if (text === undefined) {
    report.judge("the zip has a manifest", "there is none: make it with npm run build:gamelift");
    return undefined;
  }
  const manifest = JSON.parse(text) as Manifest;
  const known = new Set(manifest.files.map((file) => file.path));
  const others = names.filter((name) => name !== "manifest.json" && !known.has(name));
  const wrong = manifest.files.filter((file) => wrongFile(jail, file)).map((file) => file.path);
  const isWhole = report.judge(
    `the zip holds the ${manifest.files.length} files of its manifest and no others`,
    sentence([...others, ...empty, ...wrong], "are not what the manifest says: build it again"),
  );
  // What else is found in it would say nothing of what was built.
  return isWhole ? manifest : undefined;
}

/** An upload drops folders that are empty. */
function entriesOf(folder: string): { readonly files: string[]; readonly empty: string[] } {
  const entries = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const isFolder = (name: string) => lstatSync(path.join(folder, name)).isDirectory();
  const files = entries.filter((name) => !isFolder(name));
  const isFull = (name: string) => files.some((file) => file.startsWith(`${name}/`));
  return { files, empty: entries.filter((name) => isFolder(name) && !isFull(name)) };
}

function wrongFile({ gameFolder }: Jail, file: Manifest["files"][number]): boolean {
  const found = path.join(gameFolder, file.path);
  const stats = statSync(found, { throwIfNoEntry: false });
  if (stats === undefined || stats.size !== file.sizeBytes) return true;
  if ((stats.mode & 0o777).toString(8) !== file.mode) return true;
  return createHash("sha256").update(readFileSync(found)).digest("hex") !== file.sha256;
}

/** Twice, because an instance may be started again. */
function install(jail: Jail, report: Report): boolean {
  const runs = [1, 2].map(() =>
    jail.run({ program: "/bin/bash", args: [`${GAME_FOLDER}/install.sh`] }, INSTALL_MS),
  );
  const failed = runs.find(({ status }) => status !== 0);
  const isGood = report.judge(
    "install.sh ends with 0, also when it runs again",
    failed && `it ended with ${failed.status}: ${failed.text.trim()}`,
  );
  const said = runs[0]?.text ?? "";
  const kept = readFileSync(path.join(jail.gameFolder, "logs/install.log"), "utf8");
  report.judge(
    "what install.sh says is in logs/install.log",
    kept.includes(said.trim()) ? undefined : "it is not",
  );
  const without = /WITHOUT THE CLOUDWATCH AGENT.*/.exec(said)?.[0];
  if (without !== undefined) report.note(`install.sh: ${without}`);
  return isGood;
}

async function live(subject: Subject, jail: Jail, manifest: Manifest, dataFolder: string) {
  const { processes, report, print } = subject;
  const heapMegabytes = heapMegabytesPerProcess(INSTANCE_MEGABYTES, processes);
  if (heapMegabytes === undefined) {
    throw new Error(`${processes} processes do not fit into ${INSTANCE_MEGABYTES} MB: give fewer`);
  }
  const launch = {
    launchPath: manifest.launchPath,
    parameters: launchParameters(heapMegabytes),
  };
  report.judge(
    "launch path and parameters have only characters that GameLift allows",
    LAUNCH_PATH_PATTERN.test(launch.launchPath) && PARAMETERS_PATTERN.test(launch.parameters)
      ? undefined
      : `${launch.launchPath} ${launch.parameters}`,
  );
  mkdirSync(dataFolder, { mode: 0o700 });
  print(
    `starts ${processes} processes and ${TLS_PROCESSES} with a certificate: ${launch.parameters} …`,
  );
  const lines: string[] = [];
  const counts = { [FLEETS.plain]: processes, [FLEETS.tls]: TLS_PROCESSES };
  const stage = await Stage.open({
    ...{ jail, launch, processes: counts, dataFolder },
    print: (line) => lines.push(line),
  });
  try {
    if (await started(stage, counts, report, lines)) {
      await play(stage, jail, subject);
      await replaced(stage, counts, report);
    }
  } finally {
    print("ends the fleets …");
    await stage[Symbol.asyncDispose]();
  }
  judgeEnds(stage, report);
}

async function started(
  stage: Stage,
  counts: Readonly<Record<string, number>>,
  report: Report,
  lines: readonly string[],
): Promise<boolean> {
  let areReady = true;
  for (const fleetId of Object.values(FLEETS)) {
    const count = counts[fleetId] ?? 0;
    const isReady = await stage.untilReady(fleetId, count, READY_MS);
    const said = [...stage.children.output.values()].find(Boolean) ?? lines.at(-1) ?? "";
    const seen = `${stage.ready(fleetId).length} are; ${said.slice(-2_000)}`;
    const kind =
      fleetId === FLEETS.tls ? "with the fleet's certificate" : "with the same parameters";
    areReady &&= report.judge(`${count} processes ${kind} are ready`, isReady ? undefined : seen);
  }
  const ports = Object.values(FLEETS).flatMap((id) => stage.ready(id).map(({ port }) => port));
  const isOwn = new Set(ports).size === ports.length;
  const isOpen = ports.every((port) => port >= PORTS.first && port <= PORTS.last);
  report.judge(
    `each found a port of its own in ${PORTS.first}-${PORTS.last}`,
    isOwn && isOpen ? undefined : ports.join(", "),
  );
  const named = stage.children.environments.flatMap((each) => Object.keys(each));
  const extra = [...new Set(named.filter((name) => OURS.test(name)))];
  report.judge(
    "they run without any variable of ours",
    sentence(extra, "are set by whoever started this: unset them"),
  );
  return areReady;
}

/** Also lets no process be told to end while it still loads, when nothing of it can answer. */
async function replaced(
  stage: Stage,
  counts: Readonly<Record<string, number>>,
  report: Report,
): Promise<void> {
  const areAll = () =>
    Object.values(FLEETS).every((fleetId) => stage.ready(fleetId).length === counts[fleetId]);
  report.judge(
    "another process stands in the place of each that ended",
    (await stage.until(areAll, READY_MS)) ? undefined : "it does not",
  );
}

interface Match {
  readonly placed: PlacedSession;
  readonly players: readonly Player[];
  readonly secrets: readonly string[];
}

async function play(stage: Stage, jail: Jail, { report, print, processes }: Subject) {
  print("plays over WebSocket, TCP, WebSocket in TLS and TCP in TLS …");
  const { certificateFile } = stage.emulator;
  const matches = [
    await seat(stage, await stage.place(FLEETS.plain, SEATS), ["ws", "tcp"], undefined),
    await seat(stage, await stage.place(FLEETS.tls, SEATS), ["wss", "tls"], certificateFile),
  ];
  try {
    const players = matches.flatMap((match) => match.players);
    const wrongs = await Promise.all(players.map((player) => player.play(JOIN_MS)));
    players.forEach(({ url }, index) => {
      report.judge(`a player joins and plays over ${url}`, wrongs[index]);
    });
    if (hasTargets(jail)) {
      report.judge(
        "each process is found by its targets file and answers a scrape",
        await wrongWithTargets(jail, processes + TLS_PROCESSES),
      );
    } else report.note("the build names no folder for targets files: nobody would scrape it");
    print("tells the matches' processes to terminate …");
    await end(stage, jail, matches, report);
  } finally {
    for (const { players } of matches) for (const player of players) player.end();
  }
  const ports = new Set(matches.map(({ placed }) => placed.port));
  const secrets = matches.flatMap((match) => match.secrets);
  report.judge(
    "logs are where the agent reads them, JSON line by line, without player session ids",
    wrongWithLogs(jail, ports, secrets),
  );
}

async function seat(
  stage: Stage,
  placed: PlacedSession,
  schemes: readonly string[],
  certificateFile: string | undefined,
): Promise<Match> {
  const secrets: string[] = [];
  const players: Player[] = [];
  for (const scheme of schemes) {
    const playerSessionId = await stage.reserve(placed, `player-${scheme}`);
    secrets.push(playerSessionId);
    const url = `${scheme}://localhost:${placed.port}`;
    players.push(new Player({ url, playerSessionId, certificateFile, playMs: PLAY_MS }));
  }
  return { placed, players, secrets };
}

async function end(stage: Stage, jail: Jail, matches: readonly Match[], report: Report) {
  for (const { placed, players } of matches) {
    const ending = stage.processOf(placed);
    if (ending !== undefined) stage.terminate(ending, TERMINATION_MS);
    const wrongs = await Promise.all(players.map((player) => player.drained(DRAIN_MS)));
    const endOf = () => stage.children.ends.find((each) => each.processId === ending?.processId);
    await stage.until(() => endOf() !== undefined, DRAIN_MS);
    const seen = endOf();
    const how = seen === undefined ? "it did not end" : `it ended with ${seen.code ?? seen.signal}`;
    report.judge(
      `a process that is told to terminate tells its players, closes them and ends with 0`,
      wrongs.find(Boolean) ?? (seen?.code === 0 ? undefined : how),
    );
    const logs = await stage.logs(placed, LOGS_MS);
    const hasLines = logs?.includes("server.jsonl") === true;
    report.judge(
      "the service finds the logs that it named",
      hasLines ? undefined : `${logs?.length ?? 0} bytes of zip, and no server.jsonl in it`,
    );
  }
  const found = outcomes(jail).filter((outcome) => outcome === "drained").length;
  report.note(`${found} results were written, with the outcome "drained"`);
}

function judgeEnds(stage: Stage, report: Report): void {
  const { ends, output } = stage.children;
  const bad = ends.filter(({ code }) => code !== 0);
  const said = bad.map(({ processId }) => output.get(processId) ?? "").find(Boolean) ?? "";
  report.judge(
    `all ${ends.length} processes ended with 0`,
    bad.length === 0
      ? undefined
      : `${bad.length} did not, the first with ${bad[0]?.code ?? bad[0]?.signal}. ${said.slice(-1_000)}`,
  );
}

function judgeFiles(
  jail: Jail,
  before: ReturnType<typeof folderState>,
  dataFolder: string,
  report: Report,
): void {
  const game = path.relative("/", GAME_FOLDER);
  // The way to what the fleet hands out: on an instance it is there before the servers are.
  const own = dataFolder.split("/").filter(Boolean);
  const lent = own.map((_, index) => own.slice(0, index + 1).join("/"));
  const allowed = WRITABLE.map((folder) => `${game}/${folder}`);
  const written = writtenOutside(before, folderState(jail.root), [
    ...allowed,
    `${lent.at(-1)}/tls`,
  ]);
  report.judge(
    `nothing was written outside ${WRITABLE.join(", ")}`,
    sentence(
      written.filter((name) => !lent.includes(name)),
      "were written",
    ),
  );
  const left = globSync("targets/*", { cwd: jail.gameFolder });
  report.judge("no targets file is left", sentence(left, "are"));
}

function sentence(names: readonly string[], what: string): string | undefined {
  if (names.length === 0) return undefined;
  const shown = names.slice(0, 5).join(", ");
  return names.length > 5 ? `${shown} and ${names.length - 5} more ${what}` : `${shown} ${what}`;
}

function shortName(library: string): string {
  return path.basename(library);
}
