/**
 * What the service's agent does on the instances of EC2 fleets: it starts the server processes of the runtime
 * configuration, replaces those that end, ends those that must go, and collects their logs. Every instance is on this
 * machine.
 * @module
 */
import path from "node:path";
import type { CancelTimer } from "../clock.ts";
import type { ControlPlane } from "../plane/control-plane.ts";
import type { Happening } from "../plane/happenings.ts";
import type { ProcessHost } from "../plane/links.ts";
import { isRefused } from "../plane/outcome.ts";
import type { Compute, Fleet, FleetStatus, GameSession, ServerProcess } from "../plane/records.ts";
import type { Children } from "./child/child.ts";
import { childOf, Instance, type InstanceDeps } from "./instance.ts";
import { SUPERVISOR_LIMITS } from "./limits.ts";
import { LogArchives } from "./logs/log-archives.ts";
import { ProcessOutputs } from "./logs/process-output.ts";
import { StartQueue } from "./start-queue.ts";

export interface SupervisorOptions {
  readonly plane: ControlPlane;
  /** Folders below which programs may be started; `/local/game` stands for each. None: nothing is ever started. */
  readonly launchRoots: readonly string[];
  /** The one launch root of a fleet of an uploaded build. */
  readonly rootOfBuild?: (fleetId: string) => string;
  /** For the output of processes and the zips of their logs; made when it is missing. */
  readonly dataDirectory: string;
  readonly print: (line: string) => void;
  /** The emulator's own; children get PATH, HOME, LANG, LC_*, TZ and TMPDIR of it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly children: Children;
}

/** Fleets whose processes are started: a fleet of a build becomes ACTIVE by its first one. */
const RUNS: readonly FleetStatus[] = ["ACTIVATING", "ACTIVE"];

export class Supervisor implements ProcessHost {
  readonly #options: SupervisorOptions;
  readonly #instanceDeps: Omit<InstanceDeps, "launchRoots">;
  readonly #outputs: ProcessOutputs;
  readonly #archives: LogArchives;
  readonly #instances = new Set<Instance>();
  #stopListening: () => void = () => {};
  #cancelSoon: CancelTimer | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: SupervisorOptions) {
    const { plane, dataDirectory, print } = options;
    const { clock, fleetEvents } = plane;
    this.#options = options;
    this.#outputs = new ProcessOutputs({
      clock,
      print,
      folder: path.join(dataDirectory, "output"),
    });
    this.#archives = new LogArchives({
      clock,
      folder: path.join(dataDirectory, "logs"),
      failed: ({ fleetId, gameSessionId }, why) => {
        const text = `Logs of ${gameSessionId} were not collected: ${why}`;
        fleetEvents.add(fleetId, "COMPUTE_LOG_UPLOAD_FAILED", text);
        print(text);
      },
    });
    this.#instanceDeps = {
      ...options,
      queue: new StartQueue(clock),
      outputs: this.#outputs,
      archives: this.#archives,
      vacated: () => this.#soon(),
    };
  }

  /** Starts what the fleets ask for, and follows them from here on. */
  open(): void {
    const { plane } = this.#options;
    this.#outputs.open();
    this.#archives.open();
    plane.processes.host = this;
    this.#stopListening = plane.happenings.listen((happening) => this.#heard(happening));
    this.#reconcile();
  }

  /** Ends a process with all it started, at once. */
  kill(process: ServerProcess): void {
    childOf(this.#instances, process)?.kill();
  }

  /** The zip with the logs of a game session that is over, while it is among the newest 100. */
  logArchive(gameSessionId: string): string | undefined {
    return this.#archives.find(gameSessionId);
  }

  /**
   * Tells all processes to terminate, waits 5 s, and ends what is left by force. Where processes connect must be open
   * until then. Called a second time, it ends them at once.
   */
  close(): Promise<void> {
    if (this.#closing !== undefined) this.#killAll();
    this.#closing ??= this.#end();
    return this.#closing;
  }

  #heard({ kind, computeName, detail }: Happening): void {
    if (kind === "compute-deregistered") this.#leave(computeName);
    // The plane tells its processes; what is started here would go with the instance.
    if (kind === "fleet-event")
      this.#leave(detail?.match(/^INSTANCE_INTERRUPTED: Compute (.+)$/)?.[1]);
    if (kind.startsWith("fleet-") && kind !== "fleet-event") this.#soon();
  }

  #leave(computeName: string | undefined): void {
    for (const instance of this.#instances) {
      if (instance.compute.computeName !== computeName) continue;
      instance.leave();
      this.#soon();
    }
  }

  /** Not at once: whoever tells of a change is in the middle of it. */
  #soon(): void {
    if (this.#cancelSoon !== undefined || this.#closing !== undefined) return;
    this.#cancelSoon = this.#options.plane.clock.after(0, () => {
      this.#cancelSoon = undefined;
      this.#reconcile();
    });
  }

  #reconcile(): void {
    const { plane } = this.#options;
    const fleets = plane.fleets.list().filter(({ computeType }) => computeType === "EC2");
    const alive = new Map(
      fleets.filter(({ status }) => RUNS.includes(status)).map((fleet) => [fleet.fleetId, fleet]),
    );
    for (const instance of [...this.#instances]) {
      if (!alive.has(instance.compute.fleetId)) this.#abandon(instance);
      if (instance.isLeaving && instance.running.length === 0) this.#drop(instance);
    }
    for (const fleet of alive.values()) {
      this.#thin(fleet);
      this.#staff(fleet);
    }
    for (const instance of this.#instances) {
      const fleet = alive.get(instance.compute.fleetId);
      if (fleet !== undefined) instance.apply(fleet.runtimeConfiguration.serverProcesses);
    }
  }

  /** Its fleet is gone. */
  #abandon(instance: Instance): void {
    instance.leave();
    for (const { process } of instance.running) this.#options.plane.processes.kill(process);
  }

  #drop({ compute }: Instance): void {
    for (const instance of this.#instances) {
      if (instance.compute === compute) this.#instances.delete(instance);
    }
    // Refused when it was deregistered by somebody else, or went with its fleet.
    this.#options.plane.computes.deregister(compute.fleetId, compute.computeName);
  }

  /** Registers the instances that a fleet has not yet, in each of its locations. */
  #staff(fleet: Fleet): void {
    const present = [...this.#instances].map(({ compute }) => compute);
    for (const location of fleet.locations) {
      const here = present.filter((each) => each.fleetId === fleet.fleetId);
      const count = here.filter((each) => each.location === location).length;
      for (let added = count; added < (fleet.capacities[location]?.desired ?? 0); added++) {
        const compute = this.#register(fleet, location);
        if (compute === undefined) return;
        const deps = { ...this.#instanceDeps, launchRoots: this.#rootsOf(fleet) };
        this.#instances.add(new Instance(compute, fleet.name, deps));
      }
    }
  }

  #rootsOf({ fleetId, isOfBuild }: Fleet): readonly string[] {
    const { launchRoots, rootOfBuild } = this.#options;
    return isOfBuild && rootOfBuild !== undefined ? [rootOfBuild(fleetId)] : launchRoots;
  }

  /** Takes away the instances that are too many: idle ones first, and none that has a protected game session. */
  #thin(fleet: Fleet): void {
    const { plane } = this.#options;
    for (const location of fleet.locations) {
      const staying = [...this.#instances].filter(
        ({ compute, isLeaving }) =>
          compute.fleetId === fleet.fleetId && compute.location === location && !isLeaving,
      );
      const surplus = staying.length - (fleet.capacities[location]?.desired ?? 0);
      if (surplus <= 0) continue;
      const free = staying.filter((each) => !this.#isProtected(each));
      const byUse = free.sort((a, b) => this.#sessionsOn(a).length - this.#sessionsOn(b).length);
      for (const instance of byUse.slice(0, surplus)) {
        instance.leave();
        const { terminationMs } = plane.durations;
        for (const { process } of instance.running)
          plane.processes.terminate(process, terminationMs);
        this.#soon();
      }
    }
  }

  #isProtected(instance: Instance): boolean {
    return this.#sessionsOn(instance).some(
      ({ protectionPolicy }) => protectionPolicy === "FullProtection",
    );
  }

  #sessionsOn({ compute, running }: Instance): readonly GameSession[] {
    const { gameSessions } = this.#options.plane;
    return running
      .map(({ process }) => process.gameSessionId && gameSessions.find(process.gameSessionId))
      .filter((session) => typeof session === "object")
      .filter(({ status, fleetId }) => status !== "TERMINATED" && fleetId === compute.fleetId);
  }

  #register({ fleetId, name }: Fleet, location: string): Compute | undefined {
    const { plane, print } = this.#options;
    const registered = plane.computes.register({
      fleetId,
      location,
      computeName: `i-${plane.uuid().replaceAll("-", "").slice(-17)}`,
      ipAddress: "127.0.0.1",
      dnsName: "localhost",
      type: "EC2",
    });
    if (!isRefused(registered)) return registered.value;
    print(`[${name}] has no instance in ${location}: ${registered.message}`);
    return undefined;
  }

  async #end(): Promise<void> {
    const { plane, print, children } = this.#options;
    const { closeAskedMs, closeMs, closeKilledMs } = SUPERVISOR_LIMITS;
    this.#stopListening();
    this.#cancelSoon?.();
    for (const instance of this.#instances) instance.leave();
    const running = this.#running();
    const gone = Promise.all(running.map(({ child }) => child.ended));
    for (const { process, child } of running) {
      if (canHear(process)) plane.processes.terminate(process, closeMs);
      else if (process.state !== "ENDING") child.terminate();
    }
    await this.#within(closeAskedMs, gone);
    for (const { child } of this.#running()) child.terminate();
    await this.#within(closeMs - closeAskedMs, gone);
    this.#killAll();
    await this.#within(closeKilledMs, gone);
    const left = this.#running();
    if (left.length > 0) print(`${left.length} server processes cannot be ended`);
    await this.#outputs.close();
    await this.#archives.close();
    children.close();
    plane.processes.host = undefined;
  }

  #running() {
    return [...this.#instances].flatMap(({ running }) => running);
  }

  #killAll(): void {
    for (const { child } of this.#running()) child.kill();
  }

  async #within(ms: number, gone: Promise<unknown>): Promise<void> {
    const late = Promise.withResolvers<void>();
    const cancel = this.#options.plane.clock.after(ms, late.resolve);
    await Promise.race([gone, late.promise]);
    cancel();
  }
}

/** Whether TerminateProcess reaches it. */
function canHear({ state, isConnected, reportedAtMs }: ServerProcess): boolean {
  return state === "READY" && isConnected && reportedAtMs !== undefined;
}
