/**
 * Takes fleets of uploaded builds from NEW to ACTIVE, with the fleet events of each step, or to ERROR with the event
 * that says why: the build unpacked for this fleet alone, its installer, its launch paths, its first process.
 * @module
 */
import { mkdirSync } from "node:fs";
import { access, rm } from "node:fs/promises";
import path from "node:path";
import type { CancelTimer } from "../clock.ts";
import type { ControlPlane } from "../plane/control-plane.ts";
import type { Happening } from "../plane/happenings.ts";
import { isRefused } from "../plane/outcome.ts";
import type { Fleet, ProcessEndReason } from "../plane/records.ts";
import type { Installer } from "./installer.ts";
import { BUILD_LIMITS } from "./limits.ts";
import { unpackZip } from "./zip.ts";

export interface FleetStartsDeps {
  readonly plane: ControlPlane;
  /** Each fleet has its own below it. */
  readonly folder: string;
  readonly zipOf: (buildId: string) => string | undefined;
  /** Why nothing can be started by that launch path with this root, in words. */
  readonly wrongLaunchPath: (launchPath: string, root: string) => string | undefined;
  /** install.sh is left alone without one: it would change this machine. */
  readonly installer: Installer | undefined;
  readonly print: (line: string) => void;
}

/** Ends that speak against a build whose processes were never ready. */
const BAD_ENDS: readonly ProcessEndReason[] = [
  "crashed",
  "initialization-timeout",
  "ready-timeout",
];

/** What became of a step: nothing, or a fleet event that ends the fleet's way. */
interface Failure {
  readonly event: string;
  readonly message: string;
}

export class FleetStarts {
  readonly #deps: FleetStartsDeps;
  readonly #ending = new AbortController();
  /** Bytes unpacked, by fleet. */
  readonly #unpacked = new Map<string, number>();
  /** Bad ends of processes of fleets that are ACTIVATING. */
  readonly #badEnds = new Map<string, number>();
  readonly #removals = new Set<CancelTimer>();
  #stopListening: () => void = () => {};
  /** One fleet after the other: two would share the disk and both be slow. */
  #work: Promise<void> = Promise.resolve();

  constructor(deps: FleetStartsDeps) {
    this.#deps = deps;
  }

  open(): void {
    this.#stopListening = this.#deps.plane.happenings.listen((each) => this.#heard(each));
  }

  /** What `/local/game` is for a fleet of a build. */
  rootOf(fleetId: string): string {
    return path.join(this.#deps.folder, fleetId);
  }

  /** Its processes must be over. Removes every file of theirs. */
  async close(): Promise<void> {
    this.#stopListening();
    this.#ending.abort();
    for (const cancel of this.#removals) cancel();
    await this.#work;
    for (const fleetId of this.#unpacked.keys()) await this.#remove(fleetId);
  }

  #heard({ kind, fleetId, detail }: Happening): void {
    const fleet = fleetId === undefined ? undefined : this.#deps.plane.fleets.find(fleetId);
    if (kind === "fleet-deleted" && fleetId !== undefined) this.#removeLater(fleetId);
    if (fleet === undefined || !fleet.isOfBuild) return;
    if (kind === "fleet-created") this.#work = this.#work.then(() => this.#begin(fleet));
    if (fleet.status !== "ACTIVATING") return;
    if (kind === "process-ready") this.#activated(fleet);
    if (kind === "process-ended") this.#endedBadly(fleet, detail as ProcessEndReason);
  }

  async #begin(fleet: Fleet): Promise<void> {
    const steps = [
      () => this.#unpack(fleet),
      () => this.#install(fleet),
      () => this.#validate(fleet),
    ];
    for (const step of steps) {
      if (this.#isOver(fleet)) return;
      try {
        const failure = await step();
        if (failure !== undefined) return this.#fail(fleet, failure);
      } catch (fault) {
        // Such as a disk that is full.
        const message = fault instanceof Error ? fault.message : String(fault);
        return this.#fail(fleet, { event: "FLEET_INITIALIZATION_FAILED", message });
      }
    }
    if (this.#isOver(fleet)) return;
    const { fleets } = this.#deps.plane;
    fleets.advance(fleet.fleetId, "BUILDING");
    // From here on the supervisor starts its processes.
    fleets.advance(fleet.fleetId, "ACTIVATING");
  }

  #isOver({ fleetId }: Fleet): boolean {
    return this.#ending.signal.aborted || this.#deps.plane.fleets.find(fleetId) === undefined;
  }

  async #unpack({ fleetId, buildId }: Fleet): Promise<Failure | undefined> {
    this.#deps.plane.fleets.advance(fleetId, "DOWNLOADING");
    const event = "FLEET_BINARY_DOWNLOAD_FAILED";
    const zip = this.#deps.zipOf(buildId);
    if (zip === undefined) return { event, message: `Build ${buildId} is gone` };
    this.#tell(fleetId, "FLEET_CREATION_EXTRACTING_BUILD", `Unpacking build ${buildId}`);
    const root = this.rootOf(fleetId);
    mkdirSync(root, { recursive: true, mode: 0o700 });
    this.#unpacked.set(fleetId, 0);
    const unpacked = await unpackZip(zip, root, this.#ending.signal);
    if (isRefused(unpacked)) return { event, message: unpacked.message };
    this.#unpacked.set(fleetId, unpacked.value.bytes);
    const bytes = [...this.#unpacked.values()].reduce((sum, each) => sum + each, 0);
    return bytes <= BUILD_LIMITS.unpackedBytesOfAllMax
      ? undefined
      : {
          event,
          message: "The builds of all fleets together have too many bytes: delete some fleets",
        };
  }

  async #install({ fleetId }: Fleet): Promise<Failure | undefined> {
    const root = this.rootOf(fleetId);
    const isThere = await access(path.join(root, "install.sh")).then(
      () => true,
      () => false,
    );
    if (!isThere) return undefined;
    const { installer } = this.#deps;
    if (installer === undefined) {
      const words = "install.sh is not run: it would change this machine. --run-installers runs it";
      this.#tell(fleetId, "GENERIC_EVENT", words);
      return undefined;
    }
    this.#tell(fleetId, "FLEET_CREATION_RUNNING_INSTALLER", "Running install.sh");
    const end = await installer.run({ fleetId, root }, this.#ending.signal);
    if ("failure" in end) {
      return { event: "FLEET_CREATION_FAILED_INSTALLER", message: end.failure };
    }
    this.#tell(fleetId, "FLEET_CREATION_COMPLETED_INSTALLER", `install.sh: ${end.outputFile}`);
    return undefined;
  }

  async #validate(fleet: Fleet): Promise<Failure | undefined> {
    const { fleetId, runtimeConfiguration } = fleet;
    const { plane, wrongLaunchPath } = this.#deps;
    plane.fleets.advance(fleetId, "VALIDATING");
    const words = "Looking for the launch paths of the runtime configuration";
    this.#tell(fleetId, "FLEET_CREATION_VALIDATING_RUNTIME_CONFIG", words);
    for (const { launchPath } of runtimeConfiguration.serverProcesses) {
      const wrong = wrongLaunchPath(launchPath, this.rootOf(fleetId));
      if (wrong !== undefined) {
        return { event: "FLEET_VALIDATION_LAUNCH_PATH_NOT_FOUND", message: wrong };
      }
    }
    return undefined;
  }

  #activated({ fleetId, name }: Fleet): void {
    this.#badEnds.delete(fleetId);
    this.#deps.plane.fleets.advance(fleetId, "ACTIVE");
    this.#deps.print(`[${name}] fleet ${fleetId} is ACTIVE`);
  }

  /** Of one that was not ready yet: the first one that is makes the fleet ACTIVE. */
  #endedBadly(fleet: Fleet, reason: ProcessEndReason): void {
    if (!BAD_ENDS.includes(reason)) return;
    const { fleetId } = fleet;
    const count = (this.#badEnds.get(fleetId) ?? 0) + 1;
    this.#badEnds.set(fleetId, count);
    if (reason === "crashed" && count < BUILD_LIMITS.badEndsMax) return;
    this.#badEnds.delete(fleetId);
    const message = `No server process called ProcessReady; the last one's end: ${reason}`;
    const event = "FLEET_VALIDATION_EXECUTABLE_RUNTIME_FAILURE";
    this.#tell(fleetId, event, message);
    this.#fail(fleet, { event: "FLEET_ACTIVATION_FAILED", message });
  }

  #fail(fleet: Fleet, { event, message }: Failure): void {
    if (this.#isOver(fleet)) return;
    const { fleetId, name } = fleet;
    this.#tell(fleetId, event, message);
    this.#deps.plane.fleets.advance(fleetId, "ERROR");
    this.#deps.print(`[${name}] fleet ${fleetId} is in ERROR. ${event}: ${message}`);
  }

  #tell(fleetId: string, event: string, message: string): void {
    this.#deps.plane.fleetEvents.add(fleetId, event, message);
  }

  /** Its processes are being killed, and their logs packed. */
  #removeLater(fleetId: string): void {
    this.#badEnds.delete(fleetId);
    if (!this.#unpacked.has(fleetId)) return;
    const cancel = this.#deps.plane.clock.after(BUILD_LIMITS.removeAfterMs, () => {
      this.#removals.delete(cancel);
      this.#work = this.#work.then(() => this.#remove(fleetId));
    });
    this.#removals.add(cancel);
  }

  async #remove(fleetId: string): Promise<void> {
    this.#unpacked.delete(fleetId);
    await rm(this.rootOf(fleetId), { recursive: true, force: true, maxRetries: 3 }).catch(
      (error: unknown) => this.#deps.print(`Files of fleet ${fleetId} are left: ${error}`),
    );
  }
}
