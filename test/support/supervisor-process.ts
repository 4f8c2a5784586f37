import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { until } from "./in-process-server.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const FIXTURE = fileURLToPath(new URL("../scripts/anywhere/server-fixture.ts", import.meta.url));

/** Where the supervisors of a test file hold their names. */
const FOLDER = mkdtempSync(path.join(os.tmpdir(), "fleetroom-test-"));

export const SECRET_KEY = "verysecretkeyofaws";
const ACCESS_KEY = "AKIDEXAMPLE";

export interface Line {
  readonly event: string;
  readonly pid?: number;
  readonly [field: string]: unknown;
}

export interface SupervisorOptions {
  readonly endpoint: { readonly url: string; readonly fleetId: string; readonly location: string };
  readonly env?: Record<string, string>;
  readonly flags?: readonly string[];
  /** What the servers do, see `server-fixture.ts`, or `real` for our own server. */
  readonly way?: string;
  /** Through npm, in a process group as a terminal makes one. */
  readonly isNpm?: boolean;
}

/** `scripts/anywhere.ts` in a process of its own, against an endpoint on this machine. */
export class SupervisorProcess {
  readonly child: ChildProcess;
  /** Of the supervisor and its servers. */
  readonly lines: Line[] = [];
  stderr = "";
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;

  constructor({ endpoint, env = {}, flags = [], way = "serves", isNpm }: SupervisorOptions) {
    const command = way === "real" ? [] : ["--", process.execPath, FIXTURE, way];
    const args = [...flags, ...command];
    const [program, ...before] =
      isNpm === true
        ? ["npm", "run", "--silent", "anywhere", "--"]
        : [process.execPath, "scripts/anywhere.ts"];
    this.child = spawn(program ?? "", [...before, ...args], {
      cwd: ROOT,
      detached: isNpm === true,
      env: {
        PATH: process.env["PATH"] ?? "",
        HOME: process.env["HOME"] ?? "",
        TMPDIR: FOLDER,
        FLEETROOM_ANYWHERE_FLEET_ID: endpoint.fleetId,
        FLEETROOM_ANYWHERE_LOCATION: endpoint.location,
        FLEETROOM_ANYWHERE_COMPUTE_NAME: `laptop-${crypto.randomUUID()}`,
        FLEETROOM_AWS_REGION: "eu-central-1",
        FLEETROOM_AWS_ENDPOINT_URL: endpoint.url,
        AWS_ACCESS_KEY_ID: ACCESS_KEY,
        AWS_SECRET_ACCESS_KEY: SECRET_KEY,
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child.stderr?.on("data", (chunk) => {
      this.stderr += chunk;
    });
    if (this.child.stdout !== null) {
      createInterface({ input: this.child.stdout }).on("line", (line) => {
        this.lines.push(JSON.parse(line) as Line);
      });
    }
    this.exited = new Promise((resolve) => {
      this.child.once("exit", (code, signal) => resolve({ code, signal }));
    });
  }

  all(event: string): Line[] {
    return this.lines.filter((line) => line.event === event);
  }

  /** The `count`-th line of an event. */
  async line(event: string, count = 1): Promise<Line> {
    const found = () => this.all(event)[count - 1];
    await until(() => found() !== undefined || this.child.exitCode !== null, 15_000);
    const line = found();
    if (line !== undefined) return line;
    throw new Error(`no "${event}": ${JSON.stringify(this.lines, null, 1)}\n${this.stderr}`);
  }

  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    this.child.kill(signal);
    return (await this.exited).code;
  }

  /** Ends the supervisor and every server that it started, whatever they are doing. */
  async kill(): Promise<void> {
    const isRunning = this.child.exitCode === null && this.child.signalCode === null;
    if (isRunning) this.child.kill("SIGKILL");
    await this.exited;
    for (const { pid } of this.all("process_started")) {
      if (pid === undefined || !ownsProcess(this, pid)) continue;
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // Gone already.
      }
    }
  }
}

/** Whether a process that was started was never said to have ended. */
function ownsProcess(supervisor: SupervisorProcess, pid: number): boolean {
  const ends = [...supervisor.all("process_ended"), ...supervisor.all("process_crashed")];
  return !ends.some((line) => line.pid === pid);
}
