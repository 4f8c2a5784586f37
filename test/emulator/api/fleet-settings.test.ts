import { describe, expect, it } from "vitest";
import { LOCATION } from "../plane/plane-world.ts";
import { ApiWorld, type Output } from "./api-world.ts";

/** A managed fleet in two Regions. */
function opened() {
  const world = new ApiWorld({ fleets: { managed: { locations: ["eu-west-1"] } } });
  const FleetId = world.managed.fleetId;
  const counts = (Location: string) => {
    const { FleetCapacity } = world.ok("DescribeFleetLocationCapacity", { FleetId, Location });
    const { DESIRED, MINIMUM, MAXIMUM } = FleetCapacity.InstanceCounts;
    return [MINIMUM, DESIRED, MAXIMUM];
  };
  const events = () =>
    world
      .ok("DescribeFleetEvents", { FleetId, Limit: 100 })
      .Events.map(({ EventCode }: Output) => EventCode);
  return { world, FleetId, counts, events, anywhere: world.anywhere.fleetId };
}

describe("settings of a fleet over the API", () => {
  it("[EA60] changes the capacity of one location, the home Region unless it says which", () => {
    const { world, FleetId, counts, events, anywhere } = opened();
    expect(counts("us-west-2")).toEqual([0, 1, 1]);
    const changed = world.ok("UpdateFleetCapacity", { FleetId, DesiredInstances: 3, MaxSize: 5 });
    expect(changed).toEqual({ FleetId, FleetArn: world.managed.fleetArn });
    const away = { FleetId, Location: "eu-west-1", DesiredInstances: 0, MinSize: 0, MaxSize: 0 };
    expect(world.ok("UpdateFleetCapacity", away).Location).toBe("eu-west-1");
    expect([counts("us-west-2"), counts("eu-west-1")]).toEqual([
      [0, 3, 5],
      [0, 0, 0],
    ]);
    expect(events().slice(-2)).toEqual(["FLEET_SCALING_EVENT", "FLEET_SCALING_EVENT"]);
    const wrong = [
      { FleetId },
      { FleetId: anywhere, DesiredInstances: 1 },
      { FleetId, DesiredInstances: 1, ManagedCapacityConfiguration: {} },
    ];
    for (const input of wrong) {
      expect(world.refusal("UpdateFleetCapacity", input)).toBe("InvalidRequest");
    }
    const nowhere = { FleetId, Location: "eu-central-1", DesiredInstances: 1 };
    expect(world.refusal("UpdateFleetCapacity", nowhere)).toBe("NotFound");
  });

  it("[EP66] refuses a capacity that contradicts itself, and leaves it as it was", () => {
    const { world, FleetId, counts } = opened();
    const wrong = [
      [{ DesiredInstances: 2 }, "InvalidRequest"],
      [{ MinSize: 2 }, "InvalidRequest"],
      [{ MinSize: 1, DesiredInstances: 0 }, "InvalidRequest"],
      [{ MaxSize: 0 }, "InvalidRequest"],
      [{ MaxSize: 101 }, "LimitExceeded"],
    ] as const;
    for (const [input, kind] of wrong) {
      expect(world.refusal("UpdateFleetCapacity", { FleetId, ...input })).toBe(kind);
    }
    expect(counts("us-west-2")).toEqual([0, 1, 1]);
    world.ok("UpdateFleetCapacity", { FleetId, MinSize: 2, DesiredInstances: 2, MaxSize: 100 });
    expect(counts("us-west-2")).toEqual([2, 2, 100]);
  });

  it("[EA61] changes names, protection and ports, and keeps what is not named", () => {
    const { world, FleetId, anywhere } = opened();
    const answer = world.ok("UpdateFleetAttributes", {
      FleetId,
      Description: "new",
      NewGameSessionProtectionPolicy: "FullProtection",
      ResourceCreationLimitPolicy: { NewGameSessionsPerCreator: 3, PolicyPeriodInMinutes: 4 },
      MetricGroups: ["mine"],
    });
    expect(answer).toEqual({ FleetId, FleetArn: world.managed.fleetArn });
    const [told] = world.ok("DescribeFleetAttributes", { FleetIds: [FleetId] }).FleetAttributes;
    expect(told).toMatchObject({
      Name: "managed",
      Description: "new",
      NewGameSessionProtectionPolicy: "FullProtection",
      ResourceCreationLimitPolicy: { NewGameSessionsPerCreator: 3, PolicyPeriodInMinutes: 4 },
      MetricGroups: ["mine"],
    });
    const cost = { AnywhereConfiguration: { Cost: "2" } };
    expect(world.refusal("UpdateFleetAttributes", { FleetId, ...cost })).toBe("InvalidRequest");
    world.ok("UpdateFleetAttributes", { FleetId: anywhere, ...cost });

    const port = (FromPort: number) => ({
      FromPort,
      ToPort: FromPort,
      IpRange: "0.0.0.0/0",
      Protocol: "TCP",
    });
    const change = (input: object) => world.ok("UpdateFleetPortSettings", { FleetId, ...input });
    const ports = () => world.ok("DescribeFleetPortSettings", { FleetId }).InboundPermissions;
    change({ InboundPermissionAuthorizations: [port(7_000), port(7_001)] });
    change({
      InboundPermissionAuthorizations: [port(7_001), port(7_002)],
      InboundPermissionRevocations: [port(7_000)],
    });
    expect(ports()).toEqual([port(7_001), port(7_002)]);
    const unknown = { FleetId, InboundPermissionRevocations: [port(7_000)] };
    expect(world.refusal("UpdateFleetPortSettings", unknown)).toBe("NotFound");
  });

  it("[EA62] keeps scaling policies by name, and stops and starts them by location", () => {
    const { world, FleetId } = opened();
    const target = {
      Name: "free",
      PolicyType: "TargetBased",
      MetricName: "PercentAvailableGameSessions",
    };
    const put = (input: object) => world.ok("PutScalingPolicy", { FleetId, ...input });
    const told = () => world.ok("DescribeScalingPolicies", { FleetId }).ScalingPolicies;
    expect(put({ ...target, TargetConfiguration: { TargetValue: 20 } })).toEqual({ Name: "free" });
    put({ ...target, TargetConfiguration: { TargetValue: 30.5 } });
    expect(told()).toEqual([
      {
        ...target,
        FleetId,
        FleetArn: world.managed.fleetArn,
        Status: "ACTIVE",
        Location: "us-west-2",
        TargetConfiguration: { TargetValue: 30.5 },
      },
    ]);
    const rule = { Name: "rule", MetricName: "IdleInstances" };
    const wrong = [
      target,
      { ...target, MetricName: "IdleInstances", TargetConfiguration: { TargetValue: 1 } },
      rule,
    ];
    for (const input of wrong) {
      expect(world.refusal("PutScalingPolicy", { FleetId, ...input })).toBe("InvalidRequest");
    }
    put({
      ...rule,
      ScalingAdjustment: -1,
      ScalingAdjustmentType: "ChangeInCapacity",
      Threshold: 1,
      ComparisonOperator: "GreaterThanThreshold",
      EvaluationPeriods: 10,
    });
    expect(told().map(({ PolicyType }: Output) => PolicyType)).toEqual([
      "TargetBased",
      "RuleBased",
    ]);
    world.ok("DeleteScalingPolicy", { FleetId, Name: "free" });
    expect(world.refusal("DeleteScalingPolicy", { FleetId, Name: "free" })).toBe("NotFound");
    expect(told()).toHaveLength(1);

    const Actions = ["AUTO_SCALING"];
    const home = () =>
      world.ok("DescribeFleetAttributes", { FleetIds: [FleetId] }).FleetAttributes[0]
        .StoppedActions;
    const away = () =>
      world.ok("DescribeFleetLocationAttributes", { FleetId }).LocationAttributes[0].StoppedActions;
    world.ok("StopFleetActions", { FleetId, Actions });
    expect([home(), away()]).toEqual([Actions, undefined]);
    world.ok("StopFleetActions", { FleetId, Actions, Location: "eu-west-1" });
    world.ok("StartFleetActions", { FleetId, Actions });
    expect([home(), away()]).toEqual([undefined, Actions]);
    const nowhere = { FleetId, Actions, Location: LOCATION };
    expect(world.refusal("StopFleetActions", nowhere)).toBe("NotFound");
  });
});
