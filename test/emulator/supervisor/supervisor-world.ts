import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { ControlPlane } from "../../../emulator/plane/control-plane.ts";
import { durations } from "../../../emulator/plane/durations.ts";
import type {
  Fleet,
  GameSession,
  ServerProcess,
  ServerProcessConfiguration,
} from "../../../emulator/plane/records.ts";
import type {
  Child,
  ChildCommand,
  ChildEnd,
  Children,
} from "../../../emulator/supervisor/child/child.ts";
import { Supervisor } from "../../../emulator/supervisor/supervisor.ts";
import { FakeClock, settle } from "../../support/fake-clock.ts";
import { granted, RecordingLink } from "../plane/plane-world.ts";

/** A child that does what a test says. */
export class ScriptedChild implements Child {
  readonly pid: number;
  readonly command: ChildCommand;
  readonly startedAtMs: number;
  readonly signals: string[] = [];
  /** What it does with a signal; goes, unless a test says otherwise. */
  onSignal: (signal: "SIGTERM" | "SIGKILL") => void = (signal) => this.end({ code: null, signal });
  readonly #ended = Promise.withResolvers<ChildEnd>();

  constructor(pid: number, command: ChildCommand, startedAtMs: number) {
    this.pid = pid;
    this.command = command;
    this.startedAtMs = startedAtMs;
  }

  get ended(): Promise<ChildEnd> {
    return this.#ended.promise;
  }

  get outputEnded(): Promise<void> {
    return this.ended.then(() => {});
  }

  get processId(): string {
    return this.command.environment["GAMELIFT_SDK_PROCESS_ID"] ?? "";
  }

  end(end: ChildEnd): void {
    this.#ended.resolve(end);
  }

  terminate(): void {
    this.signals.push("SIGTERM");
    this.onSignal("SIGTERM");
  }

  kill(): void {
    this.signals.push("SIGKILL");
    this.onSignal("SIGKILL");
  }
}

export interface SupervisorWorldOptions {
  readonly serverProcesses?: readonly ServerProcessConfiguration[];
  readonly locations?: readonly string[];
  readonly instancesPerLocation?: number;
  readonly timeScale?: number;
  readonly hasRoot?: boolean;
}

export const SERVER: ServerProcessConfiguration = {
  launchPath: "/local/game/bin/server",
  parameters: "",
  concurrentExecutions: 1,
};

/** A supervisor with one EC2 fleet, whose children are scripted and whose time stands until a test moves it. */
export class SupervisorWorld {
  readonly clock = new FakeClock();
  readonly plane: ControlPlane;
  readonly fleet: Fleet;
  readonly supervisor: Supervisor;
  readonly folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "fleetroom-supervisor-")));
  /** Has `bin/server` in it. */
  readonly root = path.join(this.folder, "game");
  /** In the order of their starts. */
  readonly children: ScriptedChild[] = [];
  readonly printed: string[] = [];
  isClosed = false;
  #ids = 0;

  constructor(options: SupervisorWorldOptions = {}) {
    mkdirSync(path.join(this.root, "bin"), { recursive: true });
    writeFileSync(path.join(this.root, "bin", "server"), "", { mode: 0o755 });
    this.plane = new ControlPlane({
      clock: this.clock,
      durations: durations(options.timeScale),
      region: "us-west-2",
      accountId: "123456789012",
      uuid: () => `00000000-0000-4000-8000-${String(++this.#ids).padStart(12, "0")}`,
      endpoint: () => "ws://127.0.0.1:9080",
    });
    this.fleet = granted(
      this.plane.fleets.create({
        name: "games",
        computeType: "EC2",
        locations: options.locations ?? [],
        instancesPerLocation: options.instancesPerLocation ?? 1,
        runtimeConfiguration: runtimeConfiguration(options.serverProcesses ?? [SERVER]),
      }),
    );
    const children: Children = {
      start: (command) => {
        const pid = 100 + this.children.length;
        const child = new ScriptedChild(pid, command, this.clock.nowMs());
        this.children.push(child);
        return child;
      },
      close: () => {
        this.isClosed = true;
      },
    };
    this.supervisor = new Supervisor({
      plane: this.plane,
      launchRoots: options.hasRoot === false ? [] : [this.root],
      dataDirectory: path.join(this.folder, "data"),
      print: (line) => this.printed.push(line),
      environment: { PATH: "/bin", AWS_SECRET_ACCESS_KEY: "canary" },
      children,
    });
  }

  /** Opens the supervisor; in 10 s it can start a hundred processes. */
  async open(passMs = 10_000): Promise<this> {
    this.supervisor.open();
    await this.pass(passMs);
    return this;
  }

  async pass(ms: number): Promise<void> {
    await this.clock.advanceAsync(ms);
    await settle();
  }

  /** Those that were not ended. */
  alive(): ServerProcess[] {
    return this.plane.processes.list().filter(({ state }) => state !== "ENDED");
  }

  processOf(child: ScriptedChild | undefined): ServerProcess {
    const found = this.plane.processes.list().find((each) => each.processId === child?.processId);
    if (found === undefined) throw new Error("no such process");
    return found;
  }

  childOf(process: ServerProcess): ScriptedChild {
    const found = this.children.find((child) => child.processId === process.processId);
    if (found === undefined) throw new Error("no such child");
    return found;
  }

  /** READY, and with its first heartbeat behind it. */
  ready(child: ScriptedChild | undefined, logPaths: readonly string[] = []): RecordingLink {
    const { fleetId, computeName, processId } = this.processOf(child);
    const link = new RecordingLink();
    const sdk = { sdkVersion: "5.6.0", sdkLanguage: "Go" };
    const process = granted(
      this.plane.processes.connect({ fleetId, computeName, processId, ...sdk }, link),
    );
    granted(this.plane.processes.ready(process, { port: 7777, logPaths, ...sdk }));
    granted(this.plane.processes.report(process, true));
    return link;
  }

  /** On any process that can take one. */
  place(): GameSession {
    const { fleetId } = this.fleet;
    return granted(this.plane.gameSessions.create({ fleetId, maximumPlayerSessionCount: 4 }));
  }

  async configure(serverProcesses: readonly ServerProcessConfiguration[]): Promise<void> {
    const wanted = runtimeConfiguration(serverProcesses);
    granted(this.plane.fleets.setRuntimeConfiguration(this.fleet.fleetId, wanted));
    await this.pass(0);
  }

  events(code: string): string[] {
    return this.plane.fleetEvents
      .list(this.fleet.fleetId)
      .filter((event) => event.code === code)
      .map(({ message }) => message);
  }

  /** Ends everything that is left, and removes what it wrote. */
  async dispose(): Promise<void> {
    const closed = this.supervisor.close();
    await this.pass(60_000);
    await closed;
    this.plane.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function runtimeConfiguration(serverProcesses: readonly ServerProcessConfiguration[]) {
  return {
    serverProcesses,
    maxConcurrentGameSessionActivations: 50,
    gameSessionActivationTimeoutSeconds: 300,
  };
}
