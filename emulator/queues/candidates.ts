/**
 * Where a placement may go, and in which order it is tried. Pure: it reads what there is at the moment.
 * @module
 */
import type { ControlPlane } from "../plane/control-plane.ts";
import type { Fleet } from "../plane/records.ts";
import type { Latencies } from "./latencies.ts";
import type { PriorityType, QueueSettings } from "./queue.ts";

/** One location of one fleet. */
export interface Candidate {
  /** Of fleet and location. */
  readonly key: string;
  readonly fleet: Fleet;
  readonly location: string;
  /** Its destination's place in the queue's list. */
  readonly destinationIndex: number;
}

export type Destinations = Pick<ControlPlane, "fleets" | "aliases">;

/**
 * Destinations × locations, without those that the queue does not allow. A destination that stands for no fleet at the
 * moment, such as a terminal alias, has none; a fleet that several destinations stand for counts at the first of them.
 */
export function candidatesOf(
  { destinations, allowedLocations }: QueueSettings,
  plane: Destinations,
): readonly Candidate[] {
  const candidates = new Map<string, Candidate>();
  for (const [destinationIndex, arn] of destinations.entries()) {
    const fleet = fleetOf(arn, plane);
    if (fleet === undefined) continue;
    for (const location of fleet.locations) {
      const key = `${fleet.fleetId} ${location}`;
      const isAllowed = allowedLocations.length === 0 || allowedLocations.includes(location);
      if (!isAllowed || candidates.has(key)) continue;
      candidates.set(key, { key, fleet, location, destinationIndex });
    }
  }
  return [...candidates.values()];
}

export function fleetOf(arn: string, { fleets, aliases }: Destinations): Fleet | undefined {
  if (!arn.includes(":alias/")) return fleets.find(arn);
  const resolved = aliases.resolve(arn);
  return "value" in resolved ? resolved.value : undefined;
}

/** With latencies, and the order in which a queue's own priorities are continued. */
const DEFAULT_ORDER: readonly PriorityType[] = ["LATENCY", "COST", "DESTINATION", "LOCATION"];
/**
 * Without latencies and priorities cost does not count: so says the API's reference. A page of the developer guide has
 * it otherwise.
 */
const DEFAULT_ORDER_WITHOUT_LATENCIES: readonly PriorityType[] = ["DESTINATION", "LOCATION"];

export interface Priorities {
  readonly latencies: Latencies;
  readonly priorityOrder: readonly PriorityType[];
  readonly locationOrder: readonly string[];
}

/** Best first. */
export function inOrder(
  candidates: readonly Candidate[],
  { latencies, priorityOrder, locationOrder }: Priorities,
): readonly Candidate[] {
  const scores: Readonly<Record<PriorityType, (candidate: Candidate) => number>> = {
    LATENCY: ({ location }) => (latencies.isEmpty ? 0 : latencies.averageMs(location)),
    COST: ({ fleet }) => costOf(fleet),
    DESTINATION: ({ destinationIndex }) => destinationIndex,
    LOCATION: ({ location }) => {
      const index = locationOrder.indexOf(location);
      return index < 0 ? locationOrder.length : index;
    },
  };
  const order = wholeOrder(priorityOrder, latencies).map((type) => scores[type]);
  return [...candidates].sort((a, b) => {
    for (const score of order) {
      const [ofA, ofB] = [score(a), score(b)];
      if (ofA !== ofB) return ofA < ofB ? -1 : 1;
    }
    return a.location < b.location ? -1 : 1;
  });
}

function wholeOrder(
  priorityOrder: readonly PriorityType[],
  latencies: Latencies,
): readonly PriorityType[] {
  if (priorityOrder.length === 0) {
    return latencies.isEmpty ? DEFAULT_ORDER_WITHOUT_LATENCIES : DEFAULT_ORDER;
  }
  return [...new Set([...priorityOrder, ...DEFAULT_ORDER])];
}

/** Added to a rank as its fraction, so that no cost per hour reaches the next rank. */
const asFraction = (cost: number) => cost / (1 + cost);

/**
 * Prices of instances are not known here. Own hardware is paid for already and comes first, by the cost that the fleet
 * states; then spot, then on-demand instances, whatever their type and place.
 */
function costOf({ computeType, fleetType, anywhereCost }: Fleet): number {
  if (computeType === "ANYWHERE") return asFraction(Number(anywhereCost) || 0);
  return fleetType === "SPOT" ? 1 : 2;
}
