/**
 * Game session queues: they look for a server process for each placement request, in the order that the queue's
 * priorities ask for, until its time is over. Pure but for the clock.
 * @module
 */
import type { ControlPlane } from "../plane/control-plane.ts";
import { done, isRefused, type Outcome } from "../plane/outcome.ts";
import type { Placement, PlacementRequest } from "./placement.ts";
import type { PlacementEventSink } from "./placement-event.ts";
import { Placements } from "./placements.ts";
import type { Queue, QueueSettings } from "./queue.ts";
import { QueueTable } from "./queue-table.ts";

export interface QueuesOptions {
  readonly plane: ControlPlane;
  readonly events: PlacementEventSink;
}

export class Queues {
  readonly #table: QueueTable;
  readonly #placements: Placements;

  constructor({ plane, events }: QueuesOptions) {
    this.#table = new QueueTable(plane);
    this.#placements = new Placements(plane, events);
  }

  /** What is left out is empty, the timeout 600 s. */
  create(name: string, settings: Partial<QueueSettings>): Outcome<Queue> {
    return this.#table.create(name, settings);
  }

  /** What is left out stays. Holds for requests that wait as well, but for their deadline. */
  update(nameOrArn: string, changes: Partial<QueueSettings>): Outcome<Queue> {
    const updated = this.#table.update(nameOrArn, changes);
    if (!isRefused(updated)) this.#placements.lookAgain();
    return updated;
  }

  /** Its placements that are PENDING end FAILED. */
  delete(nameOrArn: string): Outcome<void> {
    const deleted = this.#table.delete(nameOrArn);
    if (isRefused(deleted)) return deleted;
    this.#placements.failAllOf(deleted.value);
    return done(undefined);
  }

  find(nameOrArn: string): Queue | undefined {
    return this.#table.find(nameOrArn);
  }

  /** In the order of their creation. */
  list(): readonly Queue[] {
    return this.#table.list();
  }

  /** Puts a request into a queue; PENDING from here on. It is looked after a moment later. */
  start(queueNameOrArn: string, request: PlacementRequest): Outcome<Placement> {
    const queue = this.#table.find(queueNameOrArn);
    if (queue === undefined) return this.#table.missing(queueNameOrArn);
    return this.#placements.start(queue, request);
  }

  placement(placementId: string): Placement | undefined {
    return this.#placements.find(placementId);
  }

  /** Those that have ended and are still kept first, then those that are PENDING, each in their order. */
  placements(): readonly Placement[] {
    return this.#placements.list();
  }

  /** Takes a request that has no game session out of its queue: CANCELLED. */
  stop(placementId: string): Outcome<Placement> {
    return this.#placements.stop(placementId);
  }

  /** Forgets all timers; nothing happens by itself from here on. */
  close(): void {
    this.#placements.close();
  }
}
