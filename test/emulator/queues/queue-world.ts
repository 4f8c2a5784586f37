import type { FleetDefinition } from "../../../emulator/plane/fleets.ts";
import type { Fleet, ServerProcess } from "../../../emulator/plane/records.ts";
import type { Placement, PlacementRequest } from "../../../emulator/queues/placement.ts";
import type { PlacementEvent } from "../../../emulator/queues/placement-event.ts";
import type { Queue, QueueSettings } from "../../../emulator/queues/queue.ts";
import { Queues } from "../../../emulator/queues/queues.ts";
import { granted, PlaneWorld } from "../plane/plane-world.ts";

/** Steps in which time passes, shorter than the time between two heartbeats. */
const STEP_MS = 30_000;

export const REQUEST: PlacementRequest = {
  placementId: "placement",
  maximumPlayerSessionCount: 4,
  gameProperties: [],
  gameSessionName: "",
  gameSessionData: "",
  playerLatencies: [],
  desiredPlayerSessions: [],
  priorityOverride: undefined,
};

/** Queues over a control plane whose fleets, processes and time a test moves. */
export class QueueWorld extends PlaneWorld {
  readonly placementEvents: PlacementEvent[] = [];
  readonly topics: string[] = [];
  readonly queues = new Queues({
    plane: this.plane,
    events: {
      deliver: (event, topicArn) => {
        this.placementEvents.push(event);
        this.topics.push(topicArn);
      },
    },
  });
  readonly processes: ServerProcess[] = [];
  #count = 0;

  /** A managed fleet with a compute in each of its locations; `us-west-2` is always one. */
  fleet(locations: readonly string[], definition: Partial<FleetDefinition> = {}): Fleet {
    const name = `fleet-${++this.#count}`;
    const fleet = granted(
      this.plane.fleets.create({ name, computeType: "EC2", locations, ...definition }),
    );
    for (const location of fleet.locations) {
      granted(
        this.plane.computes.register({
          fleetId: fleet.fleetId,
          computeName: location,
          ipAddress: "127.0.0.1",
          dnsName: "localhost",
          location,
          type: fleet.computeType,
        }),
      );
    }
    return fleet;
  }

  /** A process of that fleet and location that can take a game session. */
  free(fleet: Fleet, location = "us-west-2"): ServerProcess {
    const { fleetId, computeType } = fleet;
    const identity = { fleetId, computeName: location, processId: `process-${++this.#count}` };
    if (computeType === "EC2") granted(this.plane.processes.expect(identity));
    const process = this.connect(identity);
    granted(this.activate(process));
    granted(this.plane.processes.report(process, true));
    this.processes.push(process);
    return process;
  }

  queue(destinations: readonly Fleet[], settings: Partial<QueueSettings> = {}): Queue {
    return granted(
      this.queues.create(`queue-${++this.#count}`, {
        destinations: destinations.map(({ fleetArn }) => fleetArn),
        ...settings,
      }),
    );
  }

  start(queue: Queue, request: Partial<PlacementRequest> = {}): Placement {
    const placementId = `placement-${++this.#count}`;
    return granted(this.queues.start(queue.name, { ...REQUEST, placementId, ...request }));
  }

  /** What is due at once happens. */
  settle(): void {
    this.clock.advance(0);
  }

  /** Time passes, and living processes report in between. */
  pass(ms: number): void {
    for (let leftMs = ms; leftMs > 0; leftMs -= STEP_MS) {
      this.clock.advance(Math.min(STEP_MS, leftMs));
      for (const process of this.processes) this.plane.processes.report(process, true);
    }
    this.settle();
  }

  /** Its process says that the game session of a placement can be played. */
  activateFor(placement: Placement): void {
    const process = this.hostOf(placement);
    granted(this.plane.gameSessions.activate(process, placement.gameSessionId ?? ""));
    this.settle();
  }

  /** The process that hosts, or hosted, the game session that a placement has. */
  hostOf({ gameSessionId }: Placement): ServerProcess {
    const host = this.processes.find((process) => process.gameSessionId === gameSessionId);
    if (gameSessionId === undefined || host === undefined) throw new Error("no game session");
    return host;
  }

  /** Where a placement's game session is, as fleet and location. */
  siteOf({ gameSessionId = "" }: Placement): string | undefined {
    const session = this.plane.gameSessions.find(gameSessionId);
    return session && `${session.fleetId} ${session.location}`;
  }

  /** Types of the events so far. */
  get told(): readonly string[] {
    return this.placementEvents.map(({ detail }) => detail.type);
  }
}

/** One latency of each player in each location. */
export function latencies(table: Readonly<Record<string, Readonly<Record<string, number>>>>) {
  return Object.entries(table).flatMap(([playerId, byLocation]) =>
    Object.entries(byLocation).map(([location, latencyMs]) => ({ playerId, location, latencyMs })),
  );
}
