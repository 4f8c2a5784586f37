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
import { buildNamed } from "./builds.ts";

/** What a fleet of the emulator's own configuration has beside the members of CreateFleet. */
export interface FleetExtras {
  /** Made up when it is left out. */
  readonly fleetId?: string;
  /** In each location of an EC2 fleet. @defaultValue 1 */
  readonly instancesPerLocation?: number;
  /** Its programs are an uploaded build's. @defaultValue false */
  readonly isOfBuild?: boolean;
}

interface EventsInput {
  /** Epoch seconds. */
  readonly StartTime?: number;
  readonly EndTime?: number;
}

export const fleetOperations: Operations = {
  CreateFleet(input, context) {
    return input["ComputeType"] === "ANYWHERE"
      ? createFleet(input, context)
      : createFleetOfBuild(input, context);
  },

  DeleteFleet(input, context) {
    const fleet = fleetNamed(input["FleetId"], context);
    if (isRefused(fleet)) return fleet;
    const { fleets, computes } = context.plane;
    const { fleetId } = fleet.value;
    // With its computes the fleet's processes and sessions are over.
    for (const { computeName } of computes.list(fleetId)) computes.deregister(fleetId, computeName);
    context.plane.scalingPolicies.forget(fleetId);
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
    const { scalingStoppedIn } = fleet.value;
    const LocationAttributes = page.value.records.map((name) => ({
      LocationState: { Location: name, Status: status },
      StoppedActions: scalingStoppedIn.includes(name) ? ["AUTO_SCALING"] : undefined,
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

/** An EC2 fleet by a call: of an uploaded build, and it starts what is in that. */
function createFleetOfBuild(input: Members, context: ApiContext): Outcome<Members> {
  const { BuildId, EC2InstanceType } = input as { BuildId?: string; EC2InstanceType?: string };
  if (BuildId === undefined) {
    return refused(
      "InvalidRequest",
      'BuildId must name an uploaded build, or ComputeType be ANYWHERE; a fleet that starts programs of this machine belongs into the file of --config, under "Fleets"',
    );
  }
  if (EC2InstanceType === undefined) {
    return refused("InvalidRequest", "EC2InstanceType must be given in a fleet of ComputeType EC2");
  }
  const build = buildNamed(BuildId, context);
  if (isRefused(build)) return build;
  const { buildId, status, operatingSystem, serverSdkVersion } = build.value;
  if (status !== "READY") {
    return refused(
      "InvalidRequest",
      `Build ${buildId} is ${status}: fleets are made of READY builds`,
    );
  }
  if (!operatingSystem.startsWith("AMAZON_LINUX")) {
    return refused(
      "InvalidRequest",
      `Build ${buildId} is for ${operatingSystem}, which is not emulated`,
    );
  }
  if (!serverSdkVersion.startsWith("5.")) {
    return refused(
      "InvalidRequest",
      `Build ${buildId} has ServerSdkVersion ${serverSdkVersion}, and 5 is emulated: CreateBuild takes 4.0.2 unless it is told`,
    );
  }
  return createFleet(input, context, { isOfBuild: true });
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
