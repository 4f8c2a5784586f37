import { cpSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { systemClock } from "../../../emulator/clock.ts";
import { ControlPlane } from "../../../emulator/plane/control-plane.ts";
import { durations } from "../../../emulator/plane/durations.ts";
import type { Fleet, ServerProcess } from "../../../emulator/plane/records.ts";
import { ChildProcesses } from "../../../emulator/supervisor/child/child-processes.ts";
import { Supervisor } from "../../../emulator/supervisor/supervisor.ts";
import { until } from "../../support/in-process-server.ts";
import { granted, RecordingLink } from "../plane/plane-world.ts";

const FIXTURE = path.join(import.meta.dirname, "../../fixtures/supervised/server.mjs");

export interface RealWorldOptions {
  readonly parameters: string;
  readonly processes?: number;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** In which it makes its own. */
  readonly folder?: string;
}

/** What a process said of itself. */
export interface Said {
  readonly pid: number;
  readonly own?: number;
  readonly [field: string]: unknown;
}

/** A supervisor that starts real programs, on the real clock. */
export class RealWorld {
  readonly folder: string;
  readonly root: string;
  readonly children = new ChildProcesses();
  readonly plane: ControlPlane;
  readonly supervisor: Supervisor;
  readonly fleet: Fleet;
  readonly printed: string[] = [];

  constructor({ parameters, processes = 1, environment, folder = os.tmpdir() }: RealWorldOptions) {
    this.folder = realpathSync(mkdtempSync(path.join(folder, "fleetroom-supervised-")));
    this.root = path.join(this.folder, "game");
    cpSync(FIXTURE, path.join(this.root, "server.mjs"));
    this.plane = new ControlPlane({
      clock: systemClock,
      durations: durations(),
      region: "us-west-2",
      accountId: "123456789012",
      uuid: () => crypto.randomUUID(),
      endpoint: () => "ws://127.0.0.1:9080",
    });
    this.fleet = granted(
      this.plane.fleets.create({
        name: "games",
        computeType: "EC2",
        runtimeConfiguration: {
          serverProcesses: [
            { launchPath: "/local/game/server.mjs", parameters, concurrentExecutions: processes },
          ],
          maxConcurrentGameSessionActivations: 50,
          gameSessionActivationTimeoutSeconds: 300,
        },
      }),
    );
    this.supervisor = new Supervisor({
      plane: this.plane,
      launchRoots: [this.root],
      dataDirectory: path.join(this.folder, "data"),
      print: (line) => this.printed.push(line),
      environment: environment ?? { PATH: process.env["PATH"] },
      children: this.children,
    });
    this.supervisor.open();
  }

  /** Lines of JSON that processes wrote, read from their files. */
  said(): Said[] {
    const folder = path.join(this.folder, "data", "output");
    return readdirSync(folder)
      .flatMap((name) => readFileSync(path.join(folder, name), "utf8").split("\n").slice(0, -1))
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as Said);
  }

  /** Waits until so many lines were said. */
  async heard(count: number, withinMs = 30_000): Promise<Said[]> {
    await until(() => this.said().length >= count, withinMs);
    return this.said();
  }

  alive(): ServerProcess[] {
    return this.plane.processes.list().filter(({ state }) => state !== "ENDED");
  }

  ready(server: ServerProcess, logPaths: readonly string[]): void {
    const { fleetId, computeName, processId } = server;
    const sdk = { sdkVersion: "5.6.0", sdkLanguage: "Go" };
    const { processes } = this.plane;
    granted(processes.connect({ fleetId, computeName, processId, ...sdk }, new RecordingLink()));
    granted(processes.ready(server, { port: 7777, logPaths, ...sdk }));
    granted(processes.report(server, true));
  }

  async dispose(): Promise<void> {
    const closed = this.supervisor.close();
    // The second time: at once.
    await Promise.all([closed, this.supervisor.close()]);
    this.plane.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A process that ended and was not waited for yet is a zombie, and gone.
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** Processes of this machine whose command line has `mark` in it. */
export function pidsWith(mark: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(mark);
      } catch {
        return false;
      }
    })
    .map(Number)
    .filter((pid) => pid !== process.pid && isAlive(pid));
}
