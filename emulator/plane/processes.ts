import type { Computes } from "./computes.ts";
import type { PlaneContext } from "./context.ts";
import type { FleetEvents } from "./fleet-events.ts";
import type { Fleets } from "./fleets.ts";
import { PLANE_LIMITS } from "./limits.ts";
import type { ProcessHost, Push, ServerLink } from "./links.ts";
import { done, type Outcome, refused } from "./outcome.ts";
import { ProcessEntry, type ProcessIdentity, type TerminationCause } from "./process-entry.ts";
import { ProcessHealth } from "./process-health.ts";
import { ProcessTable } from "./process-table.ts";
import type { ProcessEndReason, ServerProcess } from "./records.ts";

/** Who must know before everybody else. */
export interface ProcessListener {
  terminating(process: ServerProcess, cause: TerminationCause): void;
  /** It hosts nothing any more; told once, at ProcessEnding or at its end. */
  released(process: ServerProcess): void;
}

/** The fleet event that each bad end is told as. */
const END_EVENTS: Readonly<Partial<Record<ProcessEndReason, string>>> = {
  crashed: "SERVER_PROCESS_CRASHED",
  "force-terminated": "SERVER_PROCESS_FORCE_TERMINATED",
  "initialization-timeout": "SERVER_PROCESS_SDK_INITIALIZATION_TIMEOUT",
  "ready-timeout": "SERVER_PROCESS_PROCESS_READY_TIMEOUT",
  "exit-timeout": "SERVER_PROCESS_PROCESS_EXIT_TIMEOUT",
};

/** WebSocket close code for a process that is over: it must not come back. */
const CLOSE_OVER = 1000;

/** Server processes and their lives, by the drawing at {@link ServerProcess.state}. */
export class Processes {
  /** Ends supervised processes by force. */
  host: ProcessHost | undefined;
  listener: ProcessListener | undefined;
  readonly #context: PlaneContext;
  readonly #computes: Computes;
  readonly #events: FleetEvents;
  readonly #health: ProcessHealth;
  readonly #table: ProcessTable;

  constructor(
    context: PlaneContext,
    deps: { fleets: Fleets; computes: Computes; fleetEvents: FleetEvents },
  ) {
    this.#context = context;
    this.#computes = deps.computes;
    this.#events = deps.fleetEvents;
    this.#table = new ProcessTable(context, deps.fleets);
    this.#health = new ProcessHealth(context, (entry) => this.#unhealthy(entry));
    deps.computes.onDeregister = ({ fleetId, computeName }) => {
      for (const entry of this.#table.of(fleetId, computeName)) this.#force(entry, "compute-gone");
    };
  }

  /** A supervisor is about to start it. */
  expect(identity: ProcessIdentity): Outcome<ServerProcess> {
    const compute = this.#computes.find(identity.fleetId, identity.computeName);
    if (compute === undefined) return refused("NotFound", "The compute is not registered");
    if (this.#table.find(identity) !== undefined) {
      return refused("Conflict", "A process with this id was there before");
    }
    const entry = this.#table.add(
      { ...identity, fleetId: compute.fleetId },
      compute.location,
      true,
    );
    const { processId } = identity;
    this.#tell("process-started", entry);
    this.#await(entry, "start", this.#context.durations.initializationMs, () =>
      this.#force(entry, "initialization-timeout", `Process ${processId} did not call InitSDK`),
    );
    return done(entry.process);
  }

  /**
   * First connection, reconnect and refresh alike: the newest link counts, and whoever opened the old one closes it.
   * @param isReconnect - It is the one that broke, by the same right: a refresh that is due stays due.
   */
  connect(
    identity: ProcessIdentity & { readonly sdkVersion: string; readonly sdkLanguage: string },
    link: ServerLink,
    isReconnect = false,
  ): Outcome<ServerProcess> {
    const entry = this.#connecting(identity);
    if (!(entry instanceof ProcessEntry)) return entry;
    const { process } = entry;
    entry.link = link;
    process.isConnected = true;
    process.sdkVersion = identity.sdkVersion;
    process.sdkLanguage = identity.sdkLanguage;
    entry.cancel("vanish");
    this.#tell("process-connected", entry);
    if (process.state === "STARTED") this.#initialized(entry);
    entry.isRefreshDue &&= isReconnect;
    const { refreshMs, refreshAgainMs } = this.#context.durations;
    this.#await(entry, "refresh", entry.isRefreshDue ? refreshAgainMs : refreshMs, () =>
      this.#refreshing(entry),
    );
    entry.flush();
    return done(process);
  }

  disconnected(process: ServerProcess, link: ServerLink): void {
    const entry = this.#table.alive(process);
    if (entry === undefined || entry.link !== link) return;
    entry.link = undefined;
    entry.process.isConnected = false;
    entry.cancel("refresh");
    this.#tell("process-disconnected", entry);
    if (process.isSupervised) return;
    // Nobody tells the end of a process that was started by hand.
    if (process.state === "ENDING") this.#finish(entry, "ended");
    else if (process.state === "CONNECTED") {
      this.#await(entry, "vanish", this.#context.durations.readyMs, () =>
        this.#finish(entry, "ready-timeout"),
      );
    }
  }

  /** ActivateServerProcess. */
  ready(
    process: ServerProcess,
    facts: Pick<ServerProcess, "port" | "logPaths" | "sdkVersion" | "sdkLanguage">,
  ): Outcome<void> {
    const entry = this.#table.alive(process);
    if (entry === undefined) return over();
    if (process.state !== "CONNECTED") return refused("Conflict", `Process is ${process.state}`);
    Object.assign(entry.process, facts, { state: "READY" });
    entry.cancel("start");
    entry.cancel("vanish");
    this.#tell("process-ready", entry, `port ${facts.port}`);
    this.#health.begin(entry);
    return done(undefined);
  }

  /** HeartbeatServerProcess. */
  report(process: ServerProcess, isHealthy: boolean): Outcome<void> {
    const entry = this.#table.alive(process);
    if (entry === undefined) return over();
    if (process.state !== "READY") return refused("Conflict", `Process is ${process.state}`);
    this.#health.report(entry, isHealthy);
    this.#tell("process-reported", entry, isHealthy ? "healthy" : "unhealthy");
    entry.flush();
    return done(undefined);
  }

  /** TerminateServerProcess, which may be said again by a client that heard no answer. */
  ending(process: ServerProcess): Outcome<void> {
    const entry = this.#table.alive(process);
    if (entry === undefined || process.state === "ENDING") return done(undefined);
    entry.cancelAll();
    entry.process.state = "ENDING";
    this.listener?.released(process);
    this.#tell("process-ending", entry);
    this.#await(entry, "deadline", this.#context.durations.exitMs, () =>
      this.#force(entry, "exit-timeout", `Process ${process.processId} did not exit`),
    );
    return done(undefined);
  }

  /** A supervised process is gone. Nothing happens when it was given up before. */
  exited(process: ServerProcess, how: { code: number | null; signal: string | null }): void {
    const entry = this.#table.alive(process);
    if (entry === undefined) return;
    const text = how.signal === null ? `code ${how.code}` : `signal ${how.signal}`;
    if (process.state === "ENDING") this.#finish(entry, "ended");
    else this.#finish(entry, "crashed", `Process ${process.processId} exited with ${text}`);
  }

  /**
   * Tells it to terminate; at the deadline it is ended by force. A deadline is never moved back. A process that has no
   * heartbeat behind it cannot be told and is ended at once.
   */
  terminate(process: ServerProcess, afterMs: number, cause: TerminationCause = "asked"): void {
    const entry = this.#table.alive(process);
    if (entry === undefined || process.state === "ENDING") return;
    if (process.state !== "READY") {
      this.#force(entry, "force-terminated");
      return;
    }
    const terminationAtMs = Math.floor(this.#context.clock.wallMs() + afterMs);
    if (terminationAtMs >= (process.terminationAtMs ?? Number.POSITIVE_INFINITY)) return;
    entry.process.terminationAtMs = terminationAtMs;
    entry.terminationCause ??= cause;
    this.listener?.terminating(process, entry.terminationCause);
    this.#tell("process-terminating", entry, entry.terminationCause);
    this.#await(entry, "deadline", afterMs, () => this.#overstayed(entry));
    entry.push({ kind: "terminate-process", terminationAtMs });
  }

  /** Ends it without a word: FORCE_TERMINATE. */
  kill(process: ServerProcess): void {
    const entry = this.#table.alive(process);
    if (entry !== undefined) this.#force(entry, "force-terminated");
  }

  /** Tells it to connect anew, with a fresh token. */
  refresh(process: ServerProcess): void {
    const entry = this.#table.alive(process);
    const token = this.#computes.token(process.fleetId, process.computeName);
    if (entry === undefined || !("value" in token)) return;
    const authToken = token.value.token;
    entry.push({ kind: "refresh-connection", endpoint: this.#context.endpoint(), authToken });
  }

  /** A spot instance is taken away: all its processes have two minutes. */
  interrupt(fleetId: string, computeName: string): Outcome<void> {
    const compute = this.#computes.find(fleetId, computeName);
    if (compute === undefined) return refused("NotFound", `Compute ${computeName} was not found`);
    this.#events.add(compute.fleetId, "INSTANCE_INTERRUPTED", `Compute ${computeName}`);
    for (const entry of this.#table.of(compute.fleetId, compute.computeName)) {
      this.terminate(entry.process, this.#context.durations.interruptionMs, "interrupted");
    }
    return done(undefined);
  }

  /** It will host that game session, and no other in its life. */
  assign(process: ServerProcess, gameSessionId: string): void {
    const entry = this.#table.alive(process);
    if (entry !== undefined) entry.process.gameSessionId = gameSessionId;
  }

  push(process: ServerProcess, push: Push): void {
    this.#table.alive(process)?.push(push);
  }

  /** Alive or among the newest that are over. */
  find(identity: ProcessIdentity): ServerProcess | undefined {
    return this.#table.find(identity)?.process;
  }

  /** Those that are over first, then the living, each in the order of their coming. */
  list(fleetId?: string): readonly ServerProcess[] {
    return this.#table.list(fleetId);
  }

  /** Of one fleet, and location, those that can take a game session at once; longest alive first. */
  idle(fleetId: string, location?: string): readonly ServerProcess[] {
    return this.#table.idle(fleetId, location);
  }

  /** Forgets all timers. */
  close(): void {
    this.#table.close();
  }

  #connecting(identity: ProcessIdentity): ProcessEntry | Outcome<never> {
    const compute = this.#computes.find(identity.fleetId, identity.computeName);
    if (compute === undefined) {
      return refused("NotFound", `Compute ${identity.computeName} is not registered`);
    }
    const present = this.#table.find({ ...identity, fleetId: compute.fleetId });
    if (present?.process.state === "ENDED") return over();
    if (present !== undefined) return present;
    if (compute.type === "EC2") {
      return refused("NotFound", `No process ${identity.processId} was started on this instance`);
    }
    const { fleetId, location } = compute;
    if (this.#table.of(fleetId).length >= PLANE_LIMITS.processesPerFleetMax) {
      return refused("LimitExceeded", `Fleet ${fleetId} has too many processes`);
    }
    const entry = this.#table.add({ ...identity, fleetId }, location, false);
    entry.process.state = "CONNECTED";
    return entry;
  }

  #initialized(entry: ProcessEntry): void {
    const { process } = entry;
    process.state = "CONNECTED";
    this.#await(entry, "start", this.#context.durations.readyMs, () =>
      this.#force(entry, "ready-timeout", `Process ${process.processId} did not call ProcessReady`),
    );
  }

  /** Repeated each minute until a new connection is seen. One that cannot hear it yet is not told all of them later. */
  #refreshing(entry: ProcessEntry): void {
    entry.isRefreshDue = true;
    if (entry.isListening) this.refresh(entry.process);
    this.#await(entry, "refresh", this.#context.durations.refreshAgainMs, () =>
      this.#refreshing(entry),
    );
  }

  #unhealthy(entry: ProcessEntry): void {
    const { process, terminationCause } = entry;
    if (terminationCause === "unhealthy") return;
    const text = `Process ${process.processId} sent ${process.badReportsInRow} bad health reports in a row, or none`;
    this.#events.add(process.fleetId, "SERVER_PROCESS_TERMINATED_UNHEALTHY", text);
    entry.terminationCause = "unhealthy";
    // Who cannot be told anything needs no time to obey.
    const isDeaf = entry.link === undefined || process.reportedAtMs === undefined;
    if (isDeaf) this.#force(entry, "unhealthy");
    else this.terminate(process, this.#context.durations.terminationMs, "unhealthy");
  }

  #overstayed(entry: ProcessEntry): void {
    const { process } = entry;
    const text = `Process ${process.processId} did not call ProcessEnding in time`;
    const isUnhealthy = entry.terminationCause === "unhealthy";
    this.#force(entry, isUnhealthy ? "unhealthy" : "force-terminated", text);
  }

  #force(entry: ProcessEntry, reason: ProcessEndReason, why?: string): void {
    if (entry.process.isSupervised) this.host?.kill(entry.process);
    this.#finish(entry, reason, why);
  }

  #finish(entry: ProcessEntry, reason: ProcessEndReason, why = "was ended by force"): void {
    const { process } = entry;
    if (process.state === "ENDED") return;
    const isReleased = process.state === "ENDING";
    entry.cancelAll();
    process.state = "ENDED";
    process.endReason = reason;
    process.isConnected = false;
    this.#table.end(entry);
    const event = END_EVENTS[reason];
    if (event !== undefined) this.#events.add(process.fleetId, event, why);
    if (!isReleased) this.listener?.released(process);
    const { link } = entry;
    entry.link = undefined;
    link?.close(CLOSE_OVER, "process is over");
    this.#tell("process-ended", entry, reason);
  }

  #await(
    entry: ProcessEntry,
    wait: Parameters<ProcessEntry["wait"]>[0],
    ms: number,
    fire: () => void,
  ): void {
    entry.wait(wait, this.#context.clock.after(ms, fire));
  }

  #tell(
    kind: Parameters<PlaneContext["happenings"]["tell"]>[0],
    { process }: ProcessEntry,
    detail?: string,
  ): void {
    const { fleetId, computeName, processId } = process;
    this.#context.happenings.tell(kind, {
      fleetId,
      computeName,
      processId,
      ...(detail !== undefined && { detail }),
    });
  }
}

function over() {
  return refused("Conflict", "The server process is over");
}
