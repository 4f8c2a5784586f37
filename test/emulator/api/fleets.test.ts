import { describe, expect, it } from "vitest";
import { LOCATION } from "../plane/plane-world.ts";
import { ApiWorld, type Output, outputOf } from "./api-world.ts";

const anywhere = { Name: "mine", ComputeType: "ANYWHERE", Locations: [{ Location: LOCATION }] };

const managed = {
  Name: "cloud",
  ComputeType: "EC2",
  BuildId: "arn:aws:gamelift:us-west-2:123456789012:build/build-7",
  EC2InstanceType: "c7g.large",
  FleetType: "SPOT",
  EC2InboundPermissions: [{ FromPort: 7000, ToPort: 7049, IpRange: "0.0.0.0/0", Protocol: "TCP" }],
  Locations: [{ Location: "eu-west-1" }],
  CertificateConfiguration: { CertificateType: "GENERATED" },
  RuntimeConfiguration: {
    ServerProcesses: [
      { LaunchPath: "/local/game/server", Parameters: "--port 7000", ConcurrentExecutions: 2 },
    ],
    MaxConcurrentGameSessionActivations: 1,
  },
};

describe("fleets over the API", () => {
  it("[EA29] makes an Anywhere fleet, which is ACTIVE at once", () => {
    const world = new ApiWorld();
    const { FleetAttributes, LocationStates } = world.ok("CreateFleet", {
      ...anywhere,
      Description: "for tests",
      AnywhereConfiguration: { Cost: "1.5" },
      ResourceCreationLimitPolicy: { NewGameSessionsPerCreator: 2, PolicyPeriodInMinutes: 5 },
      NewGameSessionProtectionPolicy: "FullProtection",
      MetricGroups: ["mine"],
    });
    expect(FleetAttributes).toEqual({
      FleetId: expect.stringMatching(/^fleet-/),
      FleetArn: `arn:aws:gamelift:us-west-2:123456789012:fleet/${FleetAttributes.FleetId}`,
      Description: "for tests",
      Name: "mine",
      CreationTime: Date.UTC(2026, 0, 1) / 1_000,
      Status: "ACTIVE",
      NewGameSessionProtectionPolicy: "FullProtection",
      ResourceCreationLimitPolicy: { NewGameSessionsPerCreator: 2, PolicyPeriodInMinutes: 5 },
      MetricGroups: ["mine"],
      CertificateConfiguration: { CertificateType: "DISABLED" },
      ComputeType: "ANYWHERE",
      AnywhereConfiguration: { Cost: "1.5" },
    });
    expect(LocationStates).toEqual([{ Location: LOCATION, Status: "ACTIVE" }]);
    expect(world.refusal("CreateFleet", { ...anywhere, Locations: undefined })).toBe(
      "InvalidRequest",
    );
    const moon = { ...anywhere, Locations: [{ Location: "custom-moon" }] };
    expect(world.refusal("CreateFleet", moon)).toBe("NotFound");
  });

  it("[EA30] makes an EC2 fleet of this machine's programs for the emulator's own configuration and for no caller", () => {
    const world = new ApiWorld();
    for (const ComputeType of ["EC2", undefined]) {
      const input = { ...managed, ComputeType, BuildId: undefined };
      const { type, message } = world.error("CreateFleet", input);
      expect(type).toBe("InvalidRequestException");
      expect(message).toMatch(/--config/);
    }
    expect(world.refusal("CreateFleet", managed)).toBe("NotFound");
    const extras = { fleetId: "fleet-cloud", instancesPerLocation: 3 };
    const { FleetAttributes } = outputOf("CreateFleet", world.api.createFleet(managed, extras));
    expect(FleetAttributes).toMatchObject({
      FleetId: "fleet-cloud",
      BuildId: "build-7",
      FleetType: "SPOT",
      InstanceType: "c7g.large",
      CertificateConfiguration: { CertificateType: "GENERATED" },
    });
    const fleet = world.plane.fleets.find("fleet-cloud");
    const three = { desired: 3, minimum: 3, maximum: 3 };
    expect(fleet).toMatchObject({
      locations: ["us-west-2", "eu-west-1"],
      capacities: { "us-west-2": three, "eu-west-1": three },
      isOfBuild: false,
      status: "ACTIVE",
    });
    expect(fleet?.runtimeConfiguration).toEqual({
      serverProcesses: [
        { launchPath: "/local/game/server", parameters: "--port 7000", concurrentExecutions: 2 },
      ],
      maxConcurrentGameSessionActivations: 1,
      gameSessionActivationTimeoutSeconds: 300,
    });
    const again = world.api.createFleet(managed, extras);
    expect(again).toMatchObject({ error: { type: "ConflictException" } });
    const misnamed = world.api.createFleet(managed, { fleetId: "my fleet" });
    expect(misnamed).toMatchObject({
      error: { message: expect.stringContaining("Value 'my fleet' at 'fleetId'") },
    });
    const nameless = world.api.createFleet({ ...managed, Name: undefined });
    expect(nameless).toMatchObject({
      error: { message: expect.stringContaining("Value null at 'name'") },
    });
  });

  it.each([
    [{ ScriptId: "script-1" }, "ScriptId"],
    [{ ServerLaunchPath: "/local/game/server" }, "ServerLaunchPath"],
    [{ PeerVpcId: "vpc-1" }, "PeerVpcId"],
    [{ PlayerGatewayMode: "ENABLED" }, "PlayerGatewayMode"],
    [{ AnywhereConfiguration: { Cost: "1" } }, "AnywhereConfiguration"],
    [{ RuntimeConfiguration: {} }, "ServerProcesses"],
  ])("[EA31] refuses a fleet with %j, which would have no effect", (members, named) => {
    const { api } = new ApiWorld();
    expect(api.createFleet({ ...managed, ...members })).toMatchObject({
      error: { type: "InvalidRequestException", message: expect.stringContaining(named) },
    });
  });

  it("[EA31] refuses an Anywhere fleet with what a managed one has", () => {
    const world = new ApiWorld();
    for (const member of ["BuildId", "EC2InstanceType", "EC2InboundPermissions", "FleetType"]) {
      const input = { ...anywhere, [member]: managed[member as keyof typeof managed] };
      expect(world.error("CreateFleet", input).message).toContain(member);
    }
  });

  it("[EA32] lists fleets, and describes those that exist", () => {
    const world = new ApiWorld({ fleets: { managed: { buildId: "build-7" } } });
    const ids = [world.anywhere.fleetId, world.managed.fleetId];
    expect(world.ok("ListFleets").FleetIds).toEqual(ids);
    expect(world.ok("ListFleets", { BuildId: "build-7" }).FleetIds).toEqual([ids[1]]);
    expect(world.refusal("ListFleets", { ScriptId: "script-1" })).toBe("InvalidRequest");
    const first = world.ok("ListFleets", { Limit: 1 });
    expect(world.ok("ListFleets", { Limit: 1, NextToken: first.NextToken }).FleetIds).toEqual([
      ids[1],
    ]);
    const describe = (input: object) =>
      world
        .ok("DescribeFleetAttributes", input)
        .FleetAttributes.map((fleet: Output) => fleet.FleetId);
    expect(describe({})).toEqual(ids);
    expect(describe({ FleetIds: [ids[1], "fleet-none", world.anywhere.fleetArn] })).toEqual([
      ids[1],
      ids[0],
    ]);
  });

  it("[EA33] deletes a fleet with its computes, processes and sessions", () => {
    const world = new ApiWorld();
    const { session, process } = world.hosting("p-1");
    const FleetId = world.anywhere.fleetId;
    expect(world.ok("DeleteFleet", { FleetId })).toEqual({});
    expect([session.status, process.state]).toEqual(["TERMINATED", "ENDED"]);
    expect(world.refusal("DeleteFleet", { FleetId })).toBe("NotFound");
    expect(world.ok("ListFleets").FleetIds).toEqual([world.managed.fleetId]);
  });

  it("[EA34] tells fleet events of a time, in pages", () => {
    const world = new ApiWorld();
    const FleetId = world.managed.fleetId;
    world.clock.advance(10_000);
    world.plane.processes.exited(world.ready("p-1", { isSupervised: true }), {
      code: 1,
      signal: null,
    });
    const codes = (output: Output) => output.Events.map((event: Output) => event.EventCode);
    const all = codes(world.ok("DescribeFleetEvents", { FleetId }));
    expect(all).toEqual(["FLEET_CREATED", "FLEET_STATE_ACTIVE", "SERVER_PROCESS_CRASHED"]);
    const start = Date.UTC(2026, 0, 1) / 1_000;
    const events = (input: object) => world.ok("DescribeFleetEvents", { FleetId, ...input });
    expect(codes(events({ StartTime: start + 1 }))).toEqual(all.slice(2));
    expect(codes(events({ EndTime: start + 1 }))).toEqual(all.slice(0, 2));
    const first = events({ Limit: 2 });
    expect(codes(events({ Limit: 2, NextToken: first.NextToken }))).toEqual(all.slice(2));
    const inverted = { FleetId, StartTime: start + 1, EndTime: start };
    expect(world.refusal("DescribeFleetEvents", inverted)).toBe("InvalidRequest");
  });

  it("[EA35] tells capacity and ports of managed fleets", () => {
    const world = new ApiWorld({ fleets: { managed: { instancesPerLocation: 2 } } });
    world.hosting("p-1", { isSupervised: true });
    const FleetId = world.managed.fleetId;
    const [home, ...more] = world.ok("DescribeFleetCapacity").FleetCapacity;
    expect(more).toEqual([]);
    expect(home).toMatchObject({
      FleetId,
      InstanceType: "c5.large",
      Location: "us-west-2",
      InstanceCounts: {
        DESIRED: 2,
        MINIMUM: 2,
        MAXIMUM: 2,
        PENDING: 1,
        ACTIVE: 1,
        IDLE: 0,
        TERMINATING: 0,
      },
    });
    const here = { FleetId, Location: "us-west-2" };
    expect(world.ok("DescribeFleetLocationCapacity", here).FleetCapacity).toEqual(home);
    const elsewhere = { FleetId, Location: "eu-west-1" };
    expect(world.refusal("DescribeFleetLocationCapacity", elsewhere)).toBe("NotFound");
    world.api.createFleet(managed, { fleetId: "fleet-cloud" });
    const ports = world.ok("DescribeFleetPortSettings", { FleetId: "fleet-cloud" });
    expect(ports.InboundPermissions).toEqual(managed.EC2InboundPermissions);
    const unmanaged = { FleetId: world.anywhere.fleetId, Location: LOCATION };
    for (const operation of ["DescribeFleetPortSettings", "DescribeFleetLocationCapacity"]) {
      expect(world.refusal(operation, unmanaged)).toBe("InvalidRequest");
    }
  });

  it("[EA36] tells how much of a fleet is in use", () => {
    const world = new ApiWorld();
    const { session } = world.hosting("p-1", { maximum: 4 });
    world.reserve(session);
    world.ready("p-2");
    world.connected("p-3");
    world.plane.processes.kill(world.ready("p-4"));
    const FleetId = world.anywhere.fleetId;
    const use = {
      ActiveServerProcessCount: 2,
      ActiveGameSessionCount: 1,
      CurrentPlayerSessionCount: 1,
      MaximumPlayerSessionCount: 4,
    };
    const { FleetUtilization } = world.ok("DescribeFleetUtilization");
    expect(FleetUtilization).toMatchObject([
      { FleetId, ...use },
      { Location: "us-west-2", ActiveServerProcessCount: 0 },
    ]);
    const here = world.ok("DescribeFleetLocationUtilization", { FleetId, Location: LOCATION });
    expect(here.FleetUtilization).toMatchObject({ Location: LOCATION, ...use });
    const elsewhere = { FleetId, Location: "custom-moon" };
    expect(world.refusal("DescribeFleetLocationUtilization", elsewhere)).toBe("NotFound");
  });

  it("[EA37] tells the remote locations of a fleet, those that it has", () => {
    const world = new ApiWorld({ fleets: { managed: { locations: ["eu-west-1", "ap-south-1"] } } });
    const FleetId = world.managed.fleetId;
    const locations = (input: object) =>
      world
        .ok("DescribeFleetLocationAttributes", { FleetId, ...input })
        .LocationAttributes.map((each: Output) => each.LocationState.Location);
    expect(locations({})).toEqual(["eu-west-1", "ap-south-1"]);
    expect(locations({ Locations: ["ap-south-1", "us-west-2", "sa-east-1"] })).toEqual([
      "ap-south-1",
    ]);
    expect(world.refusal("DescribeFleetLocationAttributes", { FleetId: "fleet-no" })).toBe(
      "NotFound",
    );
  });

  it("[EA38] changes a runtime configuration, for managed fleets alone", () => {
    const world = new ApiWorld();
    const FleetId = world.managed.fleetId;
    const runtime = (ConcurrentExecutions: number) => ({
      ServerProcesses: [{ LaunchPath: "/local/game/server", ConcurrentExecutions }],
      GameSessionActivationTimeoutSeconds: 30,
    });
    const update = (RuntimeConfiguration: object, id = FleetId) =>
      ["UpdateRuntimeConfiguration", { FleetId: id, RuntimeConfiguration }] as const;
    expect(world.ok(...update(runtime(5)))).toEqual({
      RuntimeConfiguration: {
        ...runtime(5),
        MaxConcurrentGameSessionActivations: 2_147_483_647,
      },
    });
    expect(world.ok("DescribeRuntimeConfiguration", { FleetId })).toEqual({
      RuntimeConfiguration: { ...runtime(5), MaxConcurrentGameSessionActivations: 2_147_483_647 },
    });
    expect(world.refusal(...update(runtime(51)))).toBe("InvalidRequest");
    expect(world.refusal(...update({}))).toBe("InvalidRequest");
    expect(world.refusal(...update(runtime(1), world.anywhere.fleetId))).toBe("InvalidRequest");
    expect(world.refusal(...update(runtime(1), "fleet-none"))).toBe("NotFound");
  });
});
