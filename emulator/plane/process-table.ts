import { keepNewest, type PlaneContext } from "./context.ts";
import type { Fleets } from "./fleets.ts";
import { PLANE_LIMITS } from "./limits.ts";
import { keyOf, ProcessEntry, type ProcessIdentity } from "./process-entry.ts";
import type { ServerProcess } from "./records.ts";

/** Every process that is known: the living, and the newest of those that are over. */
export class ProcessTable {
  readonly #context: PlaneContext;
  readonly #fleets: Fleets;
  readonly #alive = new Map<string, ProcessEntry>();
  readonly #ended = new Map<string, ProcessEntry>();

  constructor(context: PlaneContext, fleets: Fleets) {
    this.#context = context;
    this.#fleets = fleets;
  }

  add(identity: ProcessIdentity, location: string, isSupervised: boolean): ProcessEntry {
    const { fleetId, computeName, processId } = identity;
    const entry = new ProcessEntry({
      processId,
      fleetId,
      computeName,
      location,
      state: "STARTED",
      isSupervised,
      isConnected: false,
      sdkVersion: "",
      sdkLanguage: "",
      port: 0,
      logPaths: [],
      startedAtMs: this.#context.clock.wallMs(),
      reportedAtMs: undefined,
      badReportsInRow: 0,
      gameSessionId: undefined,
      terminationAtMs: undefined,
      endReason: undefined,
    });
    this.#alive.set(keyOf(identity), entry);
    return entry;
  }

  /** It is among those that are over. */
  end({ process }: ProcessEntry): void {
    const key = keyOf(process);
    const entry = this.#alive.get(key);
    if (entry === undefined) return;
    this.#alive.delete(key);
    this.#ended.set(key, entry);
    keepNewest(this.#ended, PLANE_LIMITS.endedProcessesKeptMax);
  }

  alive(identity: ProcessIdentity): ProcessEntry | undefined {
    return this.#alive.get(keyOf(identity));
  }

  /** Alive or not. @param identity - Its fleet by id or ARN. */
  find(identity: ProcessIdentity): ProcessEntry | undefined {
    const fleetId = this.#fleets.find(identity.fleetId)?.fleetId ?? identity.fleetId;
    const key = keyOf({ ...identity, fleetId });
    return this.#alive.get(key) ?? this.#ended.get(key);
  }

  /** The living of one fleet, or of one of its computes. */
  of(fleetId: string, computeName?: string): readonly ProcessEntry[] {
    return [...this.#alive.values()].filter(
      ({ process }) =>
        process.fleetId === fleetId &&
        (computeName === undefined || process.computeName === computeName),
    );
  }

  list(fleetId?: string): readonly ServerProcess[] {
    return [...this.#ended.values(), ...this.#alive.values()]
      .map(({ process }) => process)
      .filter((process) => fleetId === undefined || process.fleetId === fleetId);
  }

  idle(fleetId: string, location?: string): readonly ServerProcess[] {
    return this.of(fleetId)
      .filter(({ link, terminationCause }) => link !== undefined && terminationCause === undefined)
      .map(({ process }) => process)
      .filter(
        (process) =>
          (location === undefined || process.location === location) &&
          process.state === "READY" &&
          process.reportedAtMs !== undefined &&
          process.badReportsInRow === 0 &&
          process.gameSessionId === undefined,
      );
  }

  close(): void {
    for (const entry of this.#alive.values()) entry.cancelAll();
  }
}
