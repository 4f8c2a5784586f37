import { done, isRefused, type Outcome, refused } from "../../plane/outcome.ts";
import type { Fleet } from "../../plane/records.ts";
import {
  fleetAttributes,
  fleetDefinition,
  ipPermissionMembers,
  type RuntimeConfigurationMembers,
  runtimeConfigurationIn,
  runtimeConfigurationMembers,
} from "../fleet-definition.ts";
import {
  type ApiContext,
  epochSeconds,
  given,
  type Members,
  type Operations,
} from "../operation.ts";
import type { Page } from "../pages.ts";
import { fleetNamed } from "../target-fleet.ts";

/** What a fleet of the emulator's own configuration has beside the members of CreateFleet. */
export interface FleetExtras {
  /** Made up when it is left out. */
  readonly fleetId?: string;
  /** In each location of an EC2 fleet. @defaultValue 1 */
  readonly instancesPerLocation?: number;
}

interface EventsInput {
  /** Epoch seconds. */
  readonly StartTime?: number;
  readonly EndTime?: number;
}

export const fleetOperations: Operations = {
  CreateFleet(input, context) {
    if (input["ComputeType"] !== "ANYWHERE") {
      return refused(
        "InvalidRequest",
        'ComputeType must be ANYWHERE: programs are not started by a call; put an EC2 fleet into the file of --config, under "Fleets"',
      );
    }
    return createFleet(input, context);
  },

  DeleteFleet(input, context) {
    const fleet = fleetNamed(input["FleetId"], context);
    if (isRefused(fleet)) return fleet;
    const { fleets, computes } = context.plane;
    const { fleetId } = fleet.value;
    // With its computes the fleet's processes and sessions are over.
    for (const { computeName } of computes.list(fleetId)) computes.deregister(fleetId, computeName);
    const deleted = fleets.delete(fleetId);
    return isRefused(deleted) ? deleted : done({});
  },

  ListFleets(input, context) {
    const { BuildId, ScriptId } = input as { BuildId?: string; ScriptId?: string };
    if (ScriptId !== undefined) {
      return refused("InvalidRequest", "ScriptId: scripts are not emulated");
    }
    const page = context.pages.page(
      { operation: "ListFleets", input },
      {
        ...allFleets(context),
        matches: ({ buildId }) => BuildId === undefined || buildId === BuildId.split("/").at(-1),
      },
    );
    if (isRefused(page)) return page;
    const { records, nextToken } = page.value;
    return done({ FleetIds: records.map(({ fleetId }) => fleetId), NextToken: nextToken });
  },

  DescribeFleetAttributes(input, context) {
    const page = describedFleets("DescribeFleetAttributes", input, context);
    if (isRefused(page)) return page;
    const { records, nextToken } = page.value;
    return done({ FleetAttributes: records.map(fleetAttributes), NextToken: nextToken });
  },

  DescribeFleetEvents(input, context) {
    const fleet = fleetNamed(input["FleetId"], context);
    if (isRefused(fleet)) return fleet;
    const { StartTime = -Infinity, EndTime = Infinity } = input as EventsInput;
    if (StartTime > EndTime)
      return refused("InvalidRequest", "StartTime must not be after EndTime");
    const page = context.pages.page(
      { operation: "DescribeFleetEvents", input },
      {
        records: context.plane.fleetEvents.list(fleet.value.fleetId),
        matches: ({ atMs }) => atMs >= StartTime * 1_000 && atMs <= EndTime * 1_000,
        keyOf: ({ eventId }) => eventId,
        orderOf: ({ atMs }) => atMs,
      },
    );
    if (isRefused(page)) return page;
    const Events = page.value.records.map(({ eventId, fleetId, code, message, atMs }) => ({
      EventId: eventId,
      ResourceId: fleetId,
      EventCode: code,
      Message: message,
      EventTime: epochSeconds(atMs),
    }));
    return done({ Events, NextToken: page.value.nextToken });
  },

  DescribeFleetPortSettings(input, context) {
    const fleet = managedFleet(input, context);
    if (isRefused(fleet)) return fleet;
    const { fleetId, fleetArn, inboundPermissions } = fleet.value;
    return done({
      FleetId: fleetId,
      FleetArn: fleetArn,
      InboundPermissions: inboundPermissions.map(ipPermissionMembers),
      Location: input["Location"],
    });
  },

  DescribeFleetLocationAttributes(input, context) {
    const fleet = fleetNamed(input["FleetId"], context);
    if (isRefused(fleet)) return fleet;
    const { fleetId, fleetArn, locations, status } = fleet.value;
    const { Locations = locations } = input as { Locations?: readonly string[] };
    // The home Region is told by DescribeFleetAttributes; a location that the fleet does not have is left out.
    const remote = locations.filter((name) => name !== context.plane.region);
    const page = context.pages.page(
      { operation: "DescribeFleetLocationAttributes", input },
      {
        records: [...new Set(Locations)],
        matches: (name) => remote.includes(name),
        keyOf: (name) => name,
      },
    );
    if (isRefused(page)) return page;
    const LocationAttributes = page.value.records.map((name) => ({
      LocationState: { Location: name, Status: status },
    }));
    const { nextToken } = page.value;
    return done({ FleetId: fleetId, FleetArn: fleetArn, LocationAttributes, NextToken: nextToken });
  },

  DescribeRuntimeConfiguration(input, context) {
    const fleet = fleetNamed(input["FleetId"], context);
    if (isRefused(fleet)) return fleet;
    const { runtimeConfiguration } = fleet.value;
    return done({ RuntimeConfiguration: runtimeConfigurationMembers(runtimeConfiguration) });
  },

  UpdateRuntimeConfiguration(input, { plane }) {
    const { FleetId, RuntimeConfiguration } = input as unknown as {
      FleetId: string;
      RuntimeConfiguration: RuntimeConfigurationMembers;
    };
    const wanted = runtimeConfigurationIn(RuntimeConfiguration);
    if (wanted.serverProcesses.length === 0) {
      return refused(
        "InvalidRequest",
        "RuntimeConfiguration must have at least one of ServerProcesses",
      );
    }
    const fleet = plane.fleets.setRuntimeConfiguration(FleetId, wanted);
    if (isRefused(fleet)) return fleet;
    const { runtimeConfiguration } = fleet.value;
    return done({ RuntimeConfiguration: runtimeConfigurationMembers(runtimeConfiguration) });
  },
};

/** A fleet of either compute type: for the emulator's own configuration, which may say what programs it starts. */
export function createFleet(
  input: Members,
  { plane }: ApiContext,
  extras: FleetExtras = {},
): Outcome<Members> {
  const definition = fleetDefinition(input);
  if (isRefused(definition)) return definition;
  const fleet = plane.fleets.create({ ...definition.value, ...given(extras) });
  if (isRefused(fleet)) return fleet;
  const { locations, status } = fleet.value;
  return done({
    FleetAttributes: fleetAttributes(fleet.value),
    LocationStates: locations.map((name) => ({ Location: name, Status: status })),
  });
}

/** Those of `FleetIds` that exist, or all of them in pages. */
export function describedFleets(
  operation: string,
  input: Members,
  context: ApiContext,
): Outcome<Page<Fleet>> {
  const { FleetIds } = input as { FleetIds?: readonly string[] };
  if (FleetIds === undefined) {
    return context.pages.page({ operation, input }, allFleets(context));
  }
  const records = FleetIds.map((id) => context.plane.fleets.find(id));
  return done({ records: records.filter((fleet) => fleet !== undefined), nextToken: undefined });
}

function allFleets({ plane }: ApiContext) {
  return {
    records: plane.fleets.list(),
    keyOf: ({ fleetId }: Fleet) => fleetId,
    orderOf: ({ createdAtMs }: Fleet) => createdAtMs,
  };
}

/** Instances and ports are the service's affair on an EC2 fleet only. */
export function managedFleet(input: Members, context: ApiContext): Outcome<Fleet> {
  const fleet = fleetNamed(input["FleetId"], context);
  if (isRefused(fleet)) return fleet;
  const { fleetId, computeType, locations } = fleet.value;
  if (computeType !== "EC2") {
    return refused(
      "InvalidRequest",
      `Fleet ${fleetId} is an Anywhere fleet, which has none of this`,
    );
  }
  const { Location } = input as { Location?: string };
  return Location === undefined || locations.includes(Location)
    ? fleet
    : refused("NotFound", `Fleet ${fleetId} has no location ${Location}`);
}
