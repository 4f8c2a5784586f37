import { done, isRefused, type Outcome, refused } from "../../plane/outcome.ts";
import type { Capacity, Fleet, IpPermission } from "../../plane/records.ts";
import { type FleetSettingsInput, fleetChanges, ipPermissionsIn } from "../fleet-definition.ts";
import { type ApiContext, given, type Members, type Operations } from "../operation.ts";
import { fleetNamed } from "../target-fleet.ts";
import { managedFleet } from "./fleets.ts";

interface CapacityInput {
  readonly DesiredInstances?: number;
  readonly MinSize?: number;
  readonly MaxSize?: number;
  readonly Location?: string;
}

/** As the service has it for one fleet. */
const PERMISSIONS_MAX = 50;

export const fleetSettingsOperations: Operations = {
  UpdateFleetAttributes(input, context) {
    const fleet = fleetNamed(input["FleetId"], context);
    if (isRefused(fleet)) return fleet;
    if (input["AnywhereConfiguration"] !== undefined && fleet.value.computeType !== "ANYWHERE") {
      return refused(
        "InvalidRequest",
        "AnywhereConfiguration is for fleets of ComputeType ANYWHERE",
      );
    }
    return named(
      context.plane.fleets.change(fleet.value.fleetId, fleetChanges(input as FleetSettingsInput)),
    );
  },

  /** Opens and closes nothing: every port of this machine is open to itself. */
  UpdateFleetPortSettings(input, context) {
    const fleet = managedFleet(input, context);
    if (isRefused(fleet)) return fleet;
    const revoked = ipPermissionsIn(input["InboundPermissionRevocations"]);
    const authorized = ipPermissionsIn(input["InboundPermissionAuthorizations"]);
    const present = fleet.value.inboundPermissions;
    const unknown = revoked.find((each) => !present.some((other) => isSame(each, other)));
    if (unknown !== undefined) {
      return refused("NotFound", "InboundPermissionRevocations: one of them is not there");
    }
    const kept = present.filter((each) => !revoked.some((other) => isSame(each, other)));
    const added = authorized.filter((each) => !kept.some((other) => isSame(each, other)));
    if (kept.length + added.length > PERMISSIONS_MAX) {
      return refused("LimitExceeded", `A fleet has ${PERMISSIONS_MAX} inbound permissions at most`);
    }
    const inboundPermissions = [...kept, ...added];
    return named(context.plane.fleets.change(fleet.value.fleetId, { inboundPermissions }));
  },

  UpdateFleetCapacity(input, context) {
    const fleet = managedFleet(input, context);
    if (isRefused(fleet)) return fleet;
    if (input["ManagedCapacityConfiguration"] !== undefined) {
      return refused(
        "InvalidRequest",
        "ManagedCapacityConfiguration is not emulated: nothing scales by itself here",
      );
    }
    const { DesiredInstances, MinSize, MaxSize, Location } = input as CapacityInput;
    const changes: Partial<Capacity> = given({
      desired: DesiredInstances,
      minimum: MinSize,
      maximum: MaxSize,
    });
    if (Object.keys(changes).length === 0) {
      return refused("InvalidRequest", "One of DesiredInstances, MinSize, MaxSize must be given");
    }
    const { fleetId, fleetArn } = fleet.value;
    const { plane } = context;
    const changed = plane.fleets.setCapacity(fleetId, Location ?? plane.region, changes);
    if (isRefused(changed)) return changed;
    return done({ FleetId: fleetId, FleetArn: fleetArn, Location });
  },

  StopFleetActions: (input, context) => switched(input, context, true),

  StartFleetActions: (input, context) => switched(input, context, false),
};

/** Of the one action that there is, AUTO_SCALING. */
function switched(input: Members, context: ApiContext, isStopped: boolean): Outcome<Members> {
  const fleet = managedFleet(input, context);
  if (isRefused(fleet)) return fleet;
  const { Location = context.plane.region } = input as { Location?: string };
  context.plane.fleets.setScalingStopped(fleet.value.fleetId, Location, isStopped);
  return named(fleet);
}

function named(fleet: Outcome<Fleet>): Outcome<Members> {
  if (isRefused(fleet)) return fleet;
  return done({ FleetId: fleet.value.fleetId, FleetArn: fleet.value.fleetArn });
}

function isSame(a: IpPermission, b: IpPermission): boolean {
  return (
    a.fromPort === b.fromPort &&
    a.toPort === b.toPort &&
    a.ipRange === b.ipRange &&
    a.protocol === b.protocol
  );
}
