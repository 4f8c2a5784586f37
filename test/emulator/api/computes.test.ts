import { describe, expect, it } from "vitest";
import { LOCATION } from "../plane/plane-world.ts";
import { ApiWorld, type Output } from "./api-world.ts";

const register = (world: ApiWorld, rest: object = {}) =>
  [
    "RegisterCompute",
    {
      FleetId: world.anywhere.fleetId,
      ComputeName: "desk",
      IpAddress: "127.0.0.1",
      Location: LOCATION,
      ...rest,
    },
  ] as const;

describe("computes over the API", () => {
  it("[EA25] registers a compute and tells where its processes connect", () => {
    const world = new ApiWorld();
    const { Compute } = world.ok(...register(world));
    expect(Compute).toEqual({
      FleetId: world.anywhere.fleetId,
      FleetArn: world.anywhere.fleetArn,
      ComputeName: "desk",
      ComputeArn: "arn:aws:gamelift:us-west-2:123456789012:compute/desk",
      IpAddress: "127.0.0.1",
      ComputeStatus: "ACTIVE",
      Location: LOCATION,
      CreationTime: Date.UTC(2026, 0, 1) / 1_000,
      GameLiftServiceSdkEndpoint: "ws://127.0.0.1:9080",
    });
    expect(world.ok(...register(world)).Compute).toEqual(Compute);
    expect(world.refusal(...register(world, { IpAddress: "127.0.0.2" }))).toBe("Conflict");
  });

  it("[EA25] needs an address, a location of the fleet and an Anywhere fleet", () => {
    const world = new ApiWorld();
    const wrong = (rest: object) => world.error(...register(world, rest));
    expect(wrong({ IpAddress: undefined }).message).toMatch(/IpAddress and DnsName/);
    expect(wrong({ Location: undefined }).message).toMatch(/^Location is missing/);
    expect(wrong({ Location: "custom-moon" }).type).toBe("InvalidRequestException");
    expect(wrong({ FleetId: world.managed.fleetId }).type).toBe("InvalidRequestException");
    // The model lists no NotFound for it.
    expect(wrong({ FleetId: "fleet-none" })).toMatchObject({
      type: "InvalidRequestException",
      message: "Fleet fleet-none was not found",
    });
    world.ok(...register(world, { IpAddress: undefined, DnsName: "desk.example" }));
  });

  it("[EA26] gives a token by name or ARN, the same one while it is good for long", () => {
    const world = new ApiWorld();
    const { ComputeArn } = world.ok(...register(world)).Compute;
    const FleetId = world.anywhere.fleetArn;
    const token = (ComputeName: string) =>
      world.ok("GetComputeAuthToken", { FleetId, ComputeName });
    const first = token("desk");
    expect(first).toMatchObject({
      FleetId: world.anywhere.fleetId,
      ComputeName: "desk",
      ComputeArn,
      ExpirationTimestamp: Date.UTC(2026, 0, 1) / 1_000 + 30 * 60,
    });
    expect(world.plane.computes.admits(first.AuthToken, first.FleetId, "desk")).toBe(true);
    expect(token(ComputeArn)).toEqual(first);
    world.clock.advance(20 * 60_000);
    expect(token("desk").AuthToken).not.toBe(first.AuthToken);
    const foreign = ComputeArn.replace("us-west-2", "eu-west-1");
    for (const ComputeName of ["none", foreign]) {
      expect(world.refusal("GetComputeAuthToken", { FleetId, ComputeName })).toBe("NotFound");
    }
  });

  it("[EA27] lists by location and status, in pages, and describes", () => {
    const world = new ApiWorld();
    const FleetId = world.anywhere.fleetId;
    for (let index = 0; index < 30; index++) world.registerCompute(`c-${index}`);
    const names = (output: Output) => output.ComputeList.map((each: Output) => each.ComputeName);
    const first = world.ok("ListCompute", { FleetId });
    const rest = world.ok("ListCompute", { FleetId, NextToken: first.NextToken });
    expect([...names(first), ...names(rest)]).toEqual([
      "laptop",
      ...Array.from({ length: 30 }, (_, index) => `c-${index}`),
    ]);
    expect(names(world.ok("ListCompute", { FleetId, Location: "custom-moon" }))).toEqual([]);
    expect(names(world.ok("ListCompute", { FleetId, ComputeStatus: "IMPAIRED" }))).toEqual([]);
    expect(
      world.refusal("ListCompute", { FleetId, ContainerGroupDefinitionName: "containers" }),
    ).toBe("InvalidRequest");
    const instance = { FleetId: world.managed.fleetId, ComputeName: "i-1" };
    expect(world.ok("DescribeCompute", instance).Compute).toMatchObject({
      InstanceId: "i-1",
      Type: "c5.large",
      DnsName: "localhost",
      OperatingSystem: "AMAZON_LINUX_2023",
    });
    expect(world.refusal("DescribeCompute", { FleetId, ComputeName: "i-1" })).toBe("NotFound");
  });

  it("[EA28] deregisters a compute with all that is on it, but no instance of a managed fleet", () => {
    const world = new ApiWorld();
    const { session } = world.hosting("p-1");
    const compute = { FleetId: world.anywhere.fleetId, ComputeName: "laptop" };
    expect(world.ok("DeregisterCompute", compute)).toEqual({});
    expect(session.status).toBe("TERMINATED");
    expect(world.refusal("DeregisterCompute", compute)).toBe("NotFound");
    const instance = { FleetId: world.managed.fleetId, ComputeName: "i-1" };
    expect(world.refusal("DeregisterCompute", instance)).toBe("InvalidRequest");
  });
});
