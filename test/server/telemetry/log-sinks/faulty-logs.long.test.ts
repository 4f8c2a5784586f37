import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LightPlayer } from "../../../support/light-player.ts";
import { Fifo, mayMount, newFolder, SmallDisk } from "../../../support/log-places.ts";

const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));
const WATCHED_LOG = pathToFileURL(fileURLToPath(new URL("./watched-log.ts", import.meta.url))).href;
const WATCHED_MS = 66_000;
const PLAYERS = 4;

/** Processes that must not outlive the test. */
const started: ChildProcess[] = [];
const afterMs = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

interface Report {
  readonly made: number;
  readonly ticks: number;
  readonly p99LateMs: number;
  /** Without what other processes are to blame for. */
  readonly p99OwnLateMs: number;
  readonly rssStartMb: number;
  readonly rssMaxMb: number;
}

/** `npm start` with a match, players who play, and a log of 400 lines a second. */
class WatchedServer {
  readonly child: ChildProcess;
  readonly #told: Record<string, unknown>[] = [];
  readonly #players: LightPlayer[] = [];
  #steering: NodeJS.Timeout | undefined;

  /** @param place - A descriptor for standard output, or where files go. */
  constructor(place: { readonly stdout: number } | { readonly logDir: string }) {
    const folder = newFolder();
    const session = path.join(folder, "session.json");
    const playerSessions = Array.from({ length: PLAYERS }, (_, index) => ({
      playerSessionId: `psess-w${index}`,
      playerId: `player-${index}`,
    }));
    writeFileSync(
      session,
      JSON.stringify({
        gameSession: { gameProperties: { matchSeconds: "3600", scoreLimit: "1000" } },
        playerSessions,
      }),
    );
    this.child = spawn(process.execPath, [`--import=${WATCHED_LOG}`, "server/main.ts"], {
      cwd: ROOT,
      env: {
        PATH: process.env["PATH"] ?? "",
        WATCHED_MS: String(WATCHED_MS),
        ...("logDir" in place && {
          FLEETROOM_LOG_DIR: place.logDir,
          FLEETROOM_LOG_STDOUT: "0",
        }),
        FLEETROOM_FLEET: "local",
        FLEETROOM_PORT: "0",
        FLEETROOM_LOCAL_SESSION: session,
        FLEETROOM_JOURNAL_DIR: "",
        FLEETROOM_RESULTS_DIR: "",
        FLEETROOM_LOG_LEVEL: "debug",
      },
      stdio: ["ignore", "stdout" in place ? place.stdout : "ignore", "pipe"],
    });
    started.push(this.child);
    if (this.child.stderr === null) throw new Error("no standard error");
    createInterface({ input: this.child.stderr }).on("line", (line) => {
      this.#told.push(line.startsWith("{") ? JSON.parse(line) : { line });
    });
  }

  /** Waits for a state of the watch. */
  async state(name: string, withinMs: number): Promise<Record<string, unknown>> {
    for (const endMs = performance.now() + withinMs; ; await afterMs(20)) {
      const found = this.#told.find(({ state }) => state === name);
      if (found !== undefined) return found;
      if (performance.now() > endMs || this.child.exitCode !== null) {
        throw new Error(`not ${name}: ${JSON.stringify(this.#told)}`);
      }
    }
  }

  async play(): Promise<void> {
    const port = Number((await this.state("listening", 30_000))["port"]);
    for (let index = 0; index < PLAYERS; index++) {
      const answer = await LightPlayer.join({ port, transport: "tcp" }, `psess-w${index}`);
      if (typeof answer === "number") throw new Error(`refused with ${answer}`);
      this.#players.push(answer);
    }
    this.#steering = setInterval(() => {
      for (const player of this.#players) player.steer();
    }, 50);
    await this.state("watched", 30_000);
  }

  async report(): Promise<Report> {
    return (await this.state("done", WATCHED_MS + 20_000)) as unknown as Report;
  }

  get hasPlayers(): boolean {
    return this.#players.every(({ isClosed }) => !isClosed);
  }

  async end(): Promise<number | null> {
    clearInterval(this.#steering);
    for (const player of this.#players) player.socket.destroy();
    if (this.child.exitCode !== null) return this.child.exitCode;
    const exited = new Promise<number | null>((resolve) => this.child.once("exit", resolve));
    this.child.kill("SIGTERM");
    return exited;
  }
}

/** What reads a FIFO into a file, and can be stopped, resumed and ended. */
function reader(fifo: Fifo, file: string): ChildProcess {
  const words = ["-c", 'exec cat "$0" >>"$1"', fifo.path, file];
  const cat = spawn("/bin/sh", words, { stdio: "ignore" });
  started.push(cat);
  return cat;
}

/** A server whose standard output is a FIFO with a reader. */
function serverInto(fifo: Fifo): WatchedServer {
  const stdout = openSync(fifo.path, "w");
  const server = new WatchedServer({ stdout });
  closeSync(stdout);
  return server;
}

interface Found {
  /** Numbers of the lines made for the test. */
  readonly made: Set<number>;
  readonly torn: number;
  readonly toldLost: number;
  readonly reasons: ReadonlySet<string>;
}

function find(...files: string[]): Found {
  const made = new Set<number>();
  const reasons = new Set<string>();
  let torn = 0;
  let toldLost = 0;
  for (const text of files.flatMap((file) => readFileSync(file, "utf8").split("\n"))) {
    if (text === "") continue;
    try {
      const line = JSON.parse(text) as Record<string, unknown>;
      const number = /^made (\d+) /.exec(String(line["message"]))?.[1];
      if (number !== undefined) made.add(Number(number));
      if (line["event"] !== "log_lines_dropped") continue;
      toldLost += Number(line["count"]);
      reasons.add(String(line["reason"]));
    } catch {
      torn++;
    }
  }
  return { made, torn, toldLost, reasons };
}

interface Outcome {
  readonly report: Report;
  readonly found: Found;
  readonly exitCode: number | null;
  readonly hasPlayers: boolean;
}

async function finish(server: WatchedServer, files: () => string[]): Promise<Outcome> {
  const report = await server.report();
  const { hasPlayers } = server;
  await afterMs(1_000);
  const exitCode = await server.end();
  await afterMs(200);
  return { report, found: find(...files()), exitCode, hasPlayers };
}

/** The files of the one process that writes there. */
function filesIn(logDir: string): string[] {
  const [ordinal = ""] = readdirSync(logDir);
  const dir = path.join(logDir, ordinal);
  return readdirSync(dir).map((name) => path.join(dir, name));
}

async function undisturbed(): Promise<Outcome> {
  const logDir = newFolder();
  const server = new WatchedServer({ logDir });
  await server.play();
  return finish(server, () => filesIn(logDir));
}

async function fullDisk(): Promise<Outcome> {
  const disk = new SmallDisk(64);
  try {
    const logDir = path.join(disk.dir, "logs");
    const server = new WatchedServer({ logDir });
    await server.play();
    await afterMs(30_000);
    disk.grow(65_536);
    return await finish(server, () => filesIn(logDir));
  } finally {
    disk.remove();
  }
}

async function stalledReader(): Promise<Outcome> {
  const fifo = new Fifo();
  const file = path.join(newFolder(), "out");
  const cat = reader(fifo, file);
  const server = serverInto(fifo);
  await server.play();
  cat.kill("SIGSTOP");
  await afterMs(60_000);
  cat.kill("SIGCONT");
  return finish(server, () => [file]);
}

async function readerGone(): Promise<Outcome> {
  const fifo = new Fifo();
  const files = ["first", "second"].map((name) => path.join(newFolder(), name));
  const [first = "", second = ""] = files;
  const cat = reader(fifo, first);
  const server = serverInto(fifo);
  await server.play();
  cat.kill("SIGKILL");
  await afterMs(40_000);
  reader(fifo, second);
  return finish(server, () => files);
}

async function removedFile(): Promise<Outcome & { before: Found }> {
  const logDir = path.join(newFolder(), "logs");
  const server = new WatchedServer({ logDir });
  await server.play();
  await afterMs(20_000);
  const before = find(...filesIn(logDir));
  rmSync(logDir, { recursive: true });
  const outcome = await finish(server, () => filesIn(logDir));
  return { ...outcome, before };
}

describe("a server whose log fails, beside one whose log does not", () => {
  const outcomes: Partial<Record<string, Outcome>> = {};
  let removed: Outcome & { before: Found };

  beforeAll(async () => {
    const [control, stalled, gone, gap, disk] = await Promise.all([
      undisturbed(),
      stalledReader(),
      readerGone(),
      removedFile(),
      mayMount ? fullDisk() : undefined,
    ]);
    removed = gap;
    Object.assign(outcomes, { control, stalled, gone, removed, disk });
    for (const [name, outcome] of Object.entries(outcomes)) {
      if (outcome === undefined) continue;
      const { report, found } = outcome;
      const lost = report.made - found.made.size;
      process.stderr.write(
        `${JSON.stringify({ name, ...report, lost, toldLost: found.toldLost, torn: found.torn })}\n`,
      );
    }
  }, 180_000);
  afterAll(() => {
    for (const child of started) child.kill("SIGKILL");
    if (!mayMount) process.stderr.write("skipped the full disk: only root may mount one\n");
  });

  function outcomeOf(name: string): Outcome {
    const outcome = outcomes[name];
    if (outcome === undefined) throw new Error(`${name} did not run`);
    return outcome;
  }

  const FAULTS = ["stalled", "gone", "removed", ...(mayMount ? ["disk"] : [])];

  it.each(["control", ...FAULTS])("[LO11] plays on and ends well: %s", (name) => {
    const { exitCode, hasPlayers, report } = outcomeOf(name);
    expect({ exitCode, hasPlayers }).toEqual({ exitCode: 0, hasPlayers: true });
    expect(report.ticks).toBeGreaterThan((WATCHED_MS / 1_000) * 20 * 0.95);
  });

  it.each(FAULTS)("[LO11] makes its ticks no later than the other: %s", (name) => {
    const control = outcomeOf("control").report.p99OwnLateMs;
    expect(outcomeOf(name).report.p99OwnLateMs).toBeLessThanOrEqual(control + 2);
  });

  it.each(FAULTS)("[LO11] keeps its memory bounded: %s", (name) => {
    const control = outcomeOf("control").report;
    const growthMb = ({ rssMaxMb, rssStartMb }: Report) => rssMaxMb - rssStartMb;
    const { report } = outcomeOf(name);
    expect(growthMb(report)).toBeLessThan(growthMb(control) + 8);
  });

  it.each(FAULTS)("[LO11] has the last line that was made: %s", (name) => {
    const { report, found } = outcomeOf(name);
    expect(found.made.has(report.made - 1)).toBe(true);
  });

  it.each(FAULTS.filter((name) => name !== "removed"))(
    "[LO11] tells within 1 % how many lines it lost: %s",
    (name) => {
      const { report, found } = outcomeOf(name);
      const lost = report.made - found.made.size;
      expect(lost).toBeGreaterThan(1_000);
      expect(Math.abs(found.toldLost - lost)).toBeLessThanOrEqual(lost / 100);
      expect([...found.reasons]).toEqual([{ stalled: "full", gone: "gone", disk: "disk" }[name]]);
      expect(found.torn).toBe(0);
    },
  );

  it("[LO11] loses no line that came after its file was removed", () => {
    const { report, found, before } = removed;
    const numbers = Array.from({ length: report.made }, (_, index) => index);
    const missing = numbers.filter((line) => !before.made.has(line) && !found.made.has(line));
    expect(before.made.size).toBeGreaterThan(1_000);
    expect(missing).toEqual([]);
    expect(found.torn + before.torn).toBe(0);
  });

  it("[LO11] loses nothing while nothing is wrong", () => {
    const { report, found } = outcomeOf("control");
    expect(found.made.size).toBe(report.made);
    expect(found.toldLost).toBe(0);
  });
});
