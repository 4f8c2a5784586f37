import type { ControlPlane } from "../plane/control-plane.ts";
import { isRefused } from "../plane/outcome.ts";
import type { Compute, ServerProcess, ServerProcessConfiguration } from "../plane/records.ts";
import type { Child, ChildEnd, Children } from "./child/child.ts";
import { childEnvironment } from "./environment.ts";
import { inLaunchRoot, type LaunchTarget, launchTarget } from "./launch-path.ts";
import { SUPERVISOR_LIMITS } from "./limits.ts";
import type { LogArchives } from "./logs/log-archives.ts";
import type { ProcessOutputs } from "./logs/process-output.ts";
import { hasQuotedBlank, splitParameters } from "./parameters.ts";
import { Place, type RunningProcess, restMs } from "./place.ts";
import type { StartQueue } from "./start-queue.ts";

/** What every instance works with; where its programs lie is its fleet's. */
export interface InstanceDeps {
  readonly plane: ControlPlane;
  readonly launchRoots: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly print: (line: string) => void;
  readonly children: Children;
  readonly queue: StartQueue;
  readonly outputs: ProcessOutputs;
  readonly archives: LogArchives;
  /** One of its processes has ended; the configuration is then applied again. */
  readonly vacated: () => void;
}

/** A launch path that leads nowhere: all places of its entry rest together. */
interface PathFailure {
  readonly refusal: string;
  readonly failures: number;
  /** By the monotonic clock. */
  readonly untilMs: number;
}

/** One instance of an EC2 fleet: a compute, and the processes that its runtime configuration asks for. */
export class Instance {
  readonly compute: Compute;
  readonly #deps: InstanceDeps;
  readonly #fleetName: string;
  #places: Place[] = [];
  /** Of all entries together. More never run, those included that an earlier configuration asked for. */
  #runningMax = 0;
  readonly #pathFailures = new Map<string, PathFailure>();
  #isLeaving = false;

  constructor(compute: Compute, fleetName: string, deps: InstanceDeps) {
    this.compute = compute;
    this.#fleetName = fleetName;
    this.#deps = deps;
  }

  /** Nothing is started here any more. */
  get isLeaving(): boolean {
    return this.#isLeaving;
  }

  get running(): readonly RunningProcess[] {
    return this.#places.flatMap(({ running }) => running ?? []);
  }

  /** Takes over a runtime configuration: what is missing is started, what is idle and too much is told to terminate. */
  apply(configurations: readonly ServerProcessConfiguration[]): void {
    if (this.#isLeaving) return;
    const wanted = new Map<string, ServerProcessConfiguration>();
    for (const each of configurations) {
      const before = wanted.get(keyOf(each))?.concurrentExecutions ?? 0;
      const concurrentExecutions = before + each.concurrentExecutions;
      wanted.set(keyOf(each), { ...each, concurrentExecutions });
    }
    this.#runningMax = sum([...wanted.values()].map((each) => each.concurrentExecutions));
    for (const place of [...this.#places]) {
      const key = keyOf(place.configuration);
      if (!wanted.has(key)) wanted.set(key, { ...place.configuration, concurrentExecutions: 0 });
    }
    for (const key of this.#pathFailures.keys()) {
      if (!wanted.has(key)) this.#pathFailures.delete(key);
    }
    for (const each of wanted.values()) this.#resize(each);
    this.#resumeHeldUp();
  }

  /** Starts nothing from here on; what runs goes on until somebody ends it. */
  leave(): void {
    this.#isLeaving = true;
    for (const place of this.#places) place.stopWaiting();
    this.#places = this.#places.filter((place) => !place.isWaiting);
  }

  #resize(configuration: ServerProcessConfiguration): void {
    const key = keyOf(configuration);
    const places = this.#places.filter((place) => keyOf(place.configuration) === key);
    const kept = places.filter((place) => !place.isSurplus);
    const missing = configuration.concurrentExecutions - kept.length;
    if (missing < 0) {
      for (const place of inOrderOfLeaving(kept).slice(0, -missing)) this.#retire(place);
      return;
    }
    // A process that was to go may stay; one that was told already is replaced like any other.
    const stayers = places.filter((place) => place.isSurplus).slice(0, missing);
    for (const place of stayers) place.isSurplus = false;
    if (places.length === 0 && missing > 0) this.#warnOfQuotes(configuration);
    for (let added = stayers.length; added < missing; added++) {
      const place = new Place(configuration);
      this.#places.push(place);
      this.#queue(place);
    }
  }

  #retire(place: Place): void {
    const process = place.running?.process;
    place.isSurplus = true;
    if (process === undefined) {
      place.stopWaiting();
      this.#remove(place);
    } else if (process.gameSessionId === undefined) {
      const { processes, durations } = this.#deps.plane;
      processes.terminate(process, durations.terminationMs);
    }
  }

  #remove(place: Place): void {
    this.#places = this.#places.filter((other) => other !== place);
  }

  #queue(place: Place): void {
    place.cancelWait = this.#deps.queue.add(() => this.#turn(place));
  }

  #rest(place: Place, forMs: number): void {
    place.cancelWait = this.#deps.plane.clock.after(forMs, () => this.#queue(place));
  }

  #resumeHeldUp(): void {
    for (const place of this.#places.filter(({ isHeldUp }) => isHeldUp)) {
      place.isHeldUp = false;
      this.#queue(place);
    }
  }

  #turn(place: Place): void {
    place.cancelWait = undefined;
    if (this.running.length >= this.#runningMax) {
      place.isHeldUp = true;
      return;
    }
    const key = keyOf(place.configuration);
    const waitMs = (this.#pathFailures.get(key)?.untilMs ?? 0) - this.#deps.plane.clock.nowMs();
    if (waitMs > 0) {
      this.#rest(place, waitMs);
      return;
    }
    const target = launchTarget(place.configuration.launchPath, this.#deps.launchRoots);
    if ("refusal" in target) {
      this.#rest(place, this.#pathFailed(key, target.refusal));
      return;
    }
    this.#pathFailures.delete(key);
    this.#start(place, target);
  }

  /** @returns How long to wait before the next look, in milliseconds. */
  #pathFailed(key: string, refusal: string): number {
    const { plane, print } = this.#deps;
    const before = this.#pathFailures.get(key);
    const failures = (before?.failures ?? 0) + 1;
    const forMs = plane.durations.scaled(restMs(failures));
    const untilMs = plane.clock.nowMs() + forMs;
    this.#pathFailures.set(key, { refusal, failures, untilMs });
    const { fleetId, computeName } = this.compute;
    const text = `Compute ${computeName}: ${refusal}`;
    plane.fleetEvents.add(fleetId, "SERVER_PROCESS_INVALID_PATH", text);
    if (before?.refusal !== refusal) print(`[${this.#fleetName} ${computeName}] ${refusal}`);
    return forMs;
  }

  #start(place: Place, target: LaunchTarget): void {
    const { plane, print, outputs } = this.#deps;
    const { fleetId, computeName } = this.compute;
    const processId = plane.uuid();
    const expected = plane.processes.expect({ fleetId, computeName, processId });
    const token = plane.computes.token(fleetId, computeName);
    if (isRefused(expected) || isRefused(token)) {
      // The compute is gone; whoever took it away tells this instance to leave.
      this.#rest(place, SUPERVISOR_LIMITS.restMsMax);
      return;
    }
    const prefix = `[${this.#fleetName} ${processId.slice(0, 8)}] `;
    const authToken = token.value.token;
    const output = outputs.of(processId, prefix, () => [
      authToken,
      ...plane.computes.tokensOf(fleetId, computeName),
    ]);
    const child = this.#deps.children.start({
      program: target.program,
      args: splitParameters(place.configuration.parameters).map((each) =>
        inLaunchRoot(each, target.root),
      ),
      folder: target.root,
      environment: childEnvironment(this.#deps.environment, {
        webSocketUrl: plane.endpoint(),
        authToken,
        fleetId,
        computeName,
        processId,
      }),
      output: output.out,
      errorOutput: output.errorOut,
    });
    const process = expected.value;
    place.running = { process, child, target, startedAtMs: plane.clock.nowMs() };
    print(`${prefix}started on ${computeName} (${this.compute.location}), pid ${child.pid}`);
    void child.ended.then((end) => this.#ended(place, process, end, prefix));
    void child.outputEnded.then(() => output.end());
  }

  #ended(place: Place, process: ServerProcess, end: ChildEnd, prefix: string): void {
    const { plane, print, archives } = this.#deps;
    const { running } = place;
    plane.processes.exited(process, { code: end.code, signal: end.signal });
    print(`${prefix}${endText(process, end)}`);
    const { gameSessionId, fleetId, processId, logPaths } = process;
    if (running !== undefined && gameSessionId !== undefined) {
      const { target } = running;
      archives.add({ gameSessionId, fleetId, processId, logPaths, target });
    }
    const forMs = place.vacate(plane.clock.nowMs(), plane.durations.scaled);
    if (place.isSurplus || this.#isLeaving) this.#remove(place);
    else this.#rest(place, forMs);
    this.#deps.vacated();
  }

  #warnOfQuotes({ launchPath, parameters }: ServerProcessConfiguration): void {
    if (!hasQuotedBlank(parameters)) return;
    const text = `Parameters of ${launchPath} have a blank in quotes: as on an instance, it separates two arguments`;
    this.#deps.print(`[${this.#fleetName} ${this.compute.computeName}] ${text}`);
  }
}

function keyOf({ launchPath, parameters }: ServerProcessConfiguration): string {
  return JSON.stringify([launchPath, parameters]);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, each) => total + each, 0);
}

/** Empty places first, then idle processes, then those that host a game session; the newest first. */
function inOrderOfLeaving(places: readonly Place[]): Place[] {
  const rank = ({ running }: Place) =>
    running === undefined ? 0 : running.process.gameSessionId === undefined ? 1 : 2;
  return [...places].reverse().sort((a, b) => rank(a) - rank(b));
}

function endText(process: ServerProcess, { code, signal, cause }: ChildEnd): string {
  if (cause !== undefined) return `could not be started: ${(cause as Error).message}`;
  const how = signal === null ? `exit code ${code}` : signal;
  return `is over (${process.endReason ?? "given up"}, ${how})`;
}

/** For whoever asks it to end: the child behind a server process. */
export function childOf(
  instances: Iterable<Instance>,
  { computeName, processId }: ServerProcess,
): Child | undefined {
  for (const instance of instances) {
    if (instance.compute.computeName !== computeName) continue;
    const found = instance.running.find(({ process }) => process.processId === processId);
    if (found !== undefined) return found.child;
  }
  return undefined;
}
