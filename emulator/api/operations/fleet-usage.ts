import { done, isRefused, refused } from "../../plane/outcome.ts";
import type { Fleet } from "../../plane/records.ts";
import { takenSlots } from "../game-session-members.ts";
import type { ApiContext, Members, Operations } from "../operation.ts";
import { fleetNamed } from "../target-fleet.ts";
import { describedFleets, managedFleet } from "./fleets.ts";

export const fleetUsageOperations: Operations = {
  /** An EC2 fleet's home Region; Anywhere fleets have no instances to count. */
  DescribeFleetCapacity(input, context) {
    const page = describedFleets("DescribeFleetCapacity", input, context);
    if (isRefused(page)) return page;
    const managed = page.value.records.filter(({ computeType }) => computeType === "EC2");
    return done({
      FleetCapacity: managed.map((fleet) => capacity(fleet, context.plane.region, context)),
      NextToken: page.value.nextToken,
    });
  },

  DescribeFleetLocationCapacity(input, context) {
    const fleet = managedFleet(input, context);
    if (isRefused(fleet)) return fleet;
    return done({ FleetCapacity: capacity(fleet.value, String(input["Location"]), context) });
  },

  /** An EC2 fleet's home Region; all of an Anywhere fleet, which has none. */
  DescribeFleetUtilization(input, context) {
    const page = describedFleets("DescribeFleetUtilization", input, context);
    if (isRefused(page)) return page;
    return done({
      FleetUtilization: page.value.records.map((fleet) =>
        utilization(fleet, fleet.computeType === "EC2" ? context.plane.region : undefined, context),
      ),
      NextToken: page.value.nextToken,
    });
  },

  DescribeFleetLocationUtilization(input, context) {
    const fleet = fleetNamed(input["FleetId"], context);
    if (isRefused(fleet)) return fleet;
    const { Location } = input as { Location: string };
    if (!fleet.value.locations.includes(Location)) {
      return refused("NotFound", `Fleet ${fleet.value.fleetId} has no location ${Location}`);
    }
    return done({ FleetUtilization: utilization(fleet.value, Location, context) });
  },
};

const NO_CAPACITY = { desired: 0, minimum: 0, maximum: 0 };

function capacity(fleet: Fleet, location: string, { plane }: ApiContext): Members {
  const { desired, minimum, maximum } = fleet.capacities[location] ?? NO_CAPACITY;
  const here = plane.computes
    .list(fleet.fleetId)
    .filter((compute) => compute.location === location && compute.status === "ACTIVE");
  const busy = new Set(
    plane.gameSessions
      .list()
      .filter(({ fleetId, status }) => fleetId === fleet.fleetId && status !== "TERMINATED")
      .map(({ computeName }) => computeName),
  );
  return {
    FleetId: fleet.fleetId,
    FleetArn: fleet.fleetArn,
    InstanceType: fleet.instanceType,
    InstanceCounts: {
      DESIRED: desired,
      MINIMUM: minimum,
      MAXIMUM: maximum,
      PENDING: Math.max(0, desired - here.length),
      ACTIVE: here.length,
      IDLE: here.filter(({ computeName }) => !busy.has(computeName)).length,
      TERMINATING: 0,
    },
    Location: location,
  };
}

/** @param location - All of them unless given. */
function utilization(fleet: Fleet, location: string | undefined, { plane }: ApiContext): Members {
  const isHere = (record: { readonly fleetId: string; readonly location: string }) =>
    record.fleetId === fleet.fleetId && (location === undefined || record.location === location);
  const processes = plane.processes.list(fleet.fleetId).filter(isHere);
  const sessions = plane.gameSessions
    .list()
    .filter((session) => isHere(session) && session.status === "ACTIVE");
  const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
  return {
    FleetId: fleet.fleetId,
    FleetArn: fleet.fleetArn,
    ActiveServerProcessCount: processes.filter(({ state }) => state === "READY").length,
    ActiveGameSessionCount: sessions.length,
    CurrentPlayerSessionCount: sum(sessions.map(takenSlots)),
    MaximumPlayerSessionCount: sum(
      sessions.map(({ maximumPlayerSessionCount }) => maximumPlayerSessionCount),
    ),
    Location: location,
  };
}
