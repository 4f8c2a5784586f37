import type { PlaneContext } from "./context.ts";
import { PLANE_LIMITS } from "./limits.ts";
import type { FleetEvent } from "./records.ts";

/** What DescribeFleetEvents tells: the newest 1,000 of each fleet. */
export class FleetEvents {
  readonly #context: PlaneContext;
  readonly #events = new Map<string, FleetEvent[]>();

  constructor(context: PlaneContext) {
    this.#context = context;
  }

  /** @param code - Of the API's closed list of event codes. */
  add(fleetId: string, code: string, message: string): void {
    const { uuid, clock, happenings } = this.#context;
    const event = { eventId: uuid(), fleetId, code, message, atMs: clock.wallMs() };
    const events = this.#events.get(fleetId) ?? [];
    events.push(event);
    if (events.length > PLANE_LIMITS.fleetEventsKeptMax) events.shift();
    this.#events.set(fleetId, events);
    happenings.tell("fleet-event", { fleetId, detail: `${code}: ${message}` });
  }

  /** Oldest first. */
  list(fleetId: string): readonly FleetEvent[] {
    return this.#events.get(fleetId) ?? [];
  }

  forget(fleetId: string): void {
    this.#events.delete(fleetId);
  }
}
