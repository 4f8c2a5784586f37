import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface LogLine {
  readonly event: string;
  readonly [field: string]: unknown;
}

/** The real program in a process of its own, as `npm start` runs it. */
export class ServerProcess {
  readonly folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-test-"));
  readonly lines: LogLine[] = [];
  readonly child: ChildProcess;
  stderr = "";
  stdout = "";
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;

  private constructor(env: Record<string, string>, args: readonly string[]) {
    this.child = spawn(process.execPath, ["server/main.ts", ...args], {
      cwd: ROOT,
      env: {
        PATH: process.env["PATH"] ?? "",
        FLEETROOM_FLEET: "local",
        FLEETROOM_PORT: "0",
        FLEETROOM_JOURNAL_DIR: path.join(this.folder, "journals"),
        FLEETROOM_RESULTS_DIR: path.join(this.folder, "results"),
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
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

  static async start(
    env: Record<string, string> = {},
    args: readonly string[] = [],
  ): Promise<ServerProcess> {
    const server = new ServerProcess(env, args);
    await Promise.race([server.line("server_listening"), server.exited]);
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.lines[0]?.["port"]}`;
  }

  get port(): number {
    return Number(this.lines[0]?.["port"]);
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
    const folder = path.join(this.folder, "journals");
    return readdirSync(folder).map((name) => path.join(folder, name));
  }

  results(): Record<string, unknown>[] {
    const folder = path.join(this.folder, "results");
    return readdirSync(folder).map((name) =>
      JSON.parse(readFileSync(path.join(folder, name), "utf8")),
    );
  }
}
