import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Below the ports that the system gives to whoever asks for any; fifty processes can share them. */
const FLEET_PORTS = "21000-21049";

export interface LogLine {
  readonly event: string;
  readonly [field: string]: unknown;
}

/** What a launch path names, and where it is started. */
export interface Program {
  readonly file: string;
  readonly cwd: string;
}

const FROM_SOURCE: Program = { file: "server/main.ts", cwd: ROOT };

interface Launch {
  readonly program: Program;
  readonly args: readonly string[];
  /** All of it. */
  readonly env: Record<string, string>;
  /** Files that it may have open; what the system allows when it is left out. */
  readonly openFilesMax?: number;
}

/** The real program in a process of its own, as `npm start` runs it or as it was built. */
export class ServerProcess {
  readonly folder: string;
  readonly lines: LogLine[] = [];
  readonly child: ChildProcess;
  stderr = "";
  stdout = "";
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;

  private constructor(folder: string, { program: { file, cwd }, args, env, openFilesMax }: Launch) {
    this.folder = folder;
    const program = [process.execPath, file, ...args];
    // The shell is replaced by the program, which keeps its limits.
    const limited = ["/bin/sh", "-c", 'ulimit -n "$0" && exec "$@"', `${openFilesMax}`];
    const [command = "", ...rest] = openFilesMax === undefined ? program : [...limited, ...program];
    this.child = spawn(command, rest, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    this.child.stderr?.on("data", (chunk) => {
      this.stderr += chunk;
    });
    const { stdout } = this.child;
    if (stdout !== null) {
      createInterface({ input: stdout }).on("line", (line) => {
        this.stdout += `${line}\n`;
        this.lines.push(JSON.parse(line) as LogLine);
      });
    }
    this.exited = new Promise((resolve) => {
      this.child.once("close", (code, signal) => resolve({ code, signal }));
    });
  }

  /** With the local fleet, on free ports. */
  static start(
    env: Record<string, string> = {},
    args: readonly string[] = [],
    program: Program = FROM_SOURCE,
  ): Promise<ServerProcess> {
    const folder = newFolder();
    const usual = {
      PATH: process.env["PATH"] ?? "",
      FLEETROOM_FLEET: "local",
      FLEETROOM_PORT: "0",
      FLEETROOM_JOURNAL_DIR: journalsIn(folder),
      FLEETROOM_RESULTS_DIR: resultsIn(folder),
    };
    return ServerProcess.#launch(folder, { program, args, env: { ...usual, ...env } });
  }

  /** As a fleet's agent starts it: with the fleet's variables alone, and flags. */
  static startOnFleet(
    variables: Record<string, string>,
    flags: readonly string[] = [],
    openFilesMax?: number,
    program: Program = FROM_SOURCE,
  ): Promise<ServerProcess> {
    const folder = newFolder();
    const args = [
      ...["--host", "127.0.0.1", "--port", FLEET_PORTS],
      ...["--journal-dir", journalsIn(folder), "--results-dir", resultsIn(folder)],
      ...["--log-dir", path.join(folder, "logs")],
      ...flags,
    ];
    return ServerProcess.#launch(folder, {
      program,
      args,
      env: variables,
      ...(openFilesMax !== undefined && { openFilesMax }),
    });
  }

  static async #launch(folder: string, launch: Launch): Promise<ServerProcess> {
    const server = new ServerProcess(folder, launch);
    await Promise.race([server.line("server_listening"), server.exited]);
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get port(): number {
    return Number(this.lines.find(({ event }) => event === "server_listening")?.["port"]);
  }

  get adminUrl(): string {
    return `http://127.0.0.1:${this.lines[0]?.["adminPort"]}`;
  }

  /** Waits for the `count`-th line of an event; bounded. */
  async line(event: string, count = 1, withinMs = 15_000): Promise<LogLine> {
    const endMs = performance.now() + withinMs;
    for (;;) {
      const found = this.lines.filter((line) => line.event === event)[count - 1];
      if (found !== undefined) return found;
      if (performance.now() > endMs || this.child.exitCode !== null) {
        throw new Error(`no "${event}" line; stdout:\n${this.stdout}\nstderr:\n${this.stderr}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** @returns How long the process took to end, and with what. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<{ code: number | null; ms: number }> {
    const startMs = performance.now();
    this.child.kill(signal);
    const { code } = await this.exited;
    return { code, ms: performance.now() - startMs };
  }

  async kill(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill("SIGKILL");
    await this.exited;
  }

  journals(): string[] {
    const folder = journalsIn(this.folder);
    return readdirSync(folder).map((name) => path.join(folder, name));
  }

  results(): Record<string, unknown>[] {
    const folder = resultsIn(this.folder);
    return readdirSync(folder).map((name) =>
      JSON.parse(readFileSync(path.join(folder, name), "utf8")),
    );
  }
}

const newFolder = () => mkdtempSync(path.join(os.tmpdir(), "fleetroom-test-"));
const journalsIn = (folder: string) => path.join(folder, "journals");
const resultsIn = (folder: string) => path.join(folder, "results");
