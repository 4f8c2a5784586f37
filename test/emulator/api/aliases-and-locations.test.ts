import { describe, expect, it } from "vitest";
import { LOCATION } from "../plane/plane-world.ts";
import { ApiWorld, type Output, outputOf } from "./api-world.ts";

const simple = (FleetId: string) => ({ Type: "SIMPLE", FleetId });
const terminal = { Type: "TERMINAL", Message: "Get the latest version" };

describe("aliases over the API", () => {
  it("[EA39] makes, changes, describes, lists, resolves and deletes an alias", () => {
    const world = new ApiWorld();
    const { fleetId, fleetArn } = world.anywhere;
    const { Alias } = world.ok("CreateAlias", {
      Name: "live",
      Description: "where players go",
      RoutingStrategy: simple(fleetId),
    });
    const atS = Date.UTC(2026, 0, 1) / 1_000;
    expect(Alias).toEqual({
      AliasId: expect.stringMatching(/^alias-/),
      Name: "live",
      AliasArn: `arn:aws:gamelift:us-west-2:123456789012:alias/${Alias.AliasId}`,
      Description: "where players go",
      RoutingStrategy: simple(fleetId),
      CreationTime: atS,
      LastUpdatedTime: atS,
    });
    const { AliasId, AliasArn } = Alias;
    expect(world.ok("ResolveAlias", { AliasId: AliasArn })).toEqual({
      FleetId: fleetId,
      FleetArn: fleetArn,
    });
    world.clock.advance(1_000);
    const changed = world.ok("UpdateAlias", { AliasId, RoutingStrategy: terminal }).Alias;
    expect(changed).toEqual({ ...Alias, RoutingStrategy: terminal, LastUpdatedTime: atS + 1 });
    expect(world.ok("DescribeAlias", { AliasId }).Alias).toEqual(changed);
    expect(world.error("ResolveAlias", { AliasId })).toMatchObject({
      type: "TerminalRoutingStrategyException",
      message: "Get the latest version",
    });
    const list = (input: object) =>
      world.ok("ListAliases", input).Aliases.map((each: Output) => each.Name);
    world.ok("CreateAlias", { Name: "next", RoutingStrategy: simple(fleetId) });
    expect(list({})).toEqual(["live", "next"]);
    expect(list({ Name: "next" })).toEqual(["next"]);
    expect(list({ RoutingStrategyType: "TERMINAL" })).toEqual(["live"]);
    const { NextToken } = world.ok("ListAliases", { Limit: 1 });
    expect(list({ Limit: 1, NextToken })).toEqual(["next"]);
    expect(world.ok("DeleteAlias", { AliasId })).toEqual({});
    for (const operation of ["DescribeAlias", "UpdateAlias", "DeleteAlias", "ResolveAlias"]) {
      expect(world.refusal(operation, { AliasId })).toBe("NotFound");
    }
  });

  it("[EA39] takes an id of the emulator's own configuration", () => {
    const world = new ApiWorld();
    const input = { Name: "live", RoutingStrategy: simple(world.anywhere.fleetId) };
    const made = outputOf("CreateAlias", world.api.createAlias(input, "alias-live"));
    expect(made.Alias.AliasId).toBe("alias-live");
    expect(world.api.createAlias(input, "live")).toMatchObject({
      error: { message: expect.stringContaining("Value 'live' at 'aliasId'") },
    });
    expect(world.api.createAlias(input, "alias-live")).toMatchObject({
      error: { type: "ConflictException" },
    });
  });

  it.each([
    {},
    { FleetId: "fleet-1" },
    { Type: "SIMPLE" },
    { Type: "SIMPLE", FleetId: "fleet-1", Message: "text" },
    { Type: "TERMINAL" },
    { Type: "TERMINAL", FleetId: "fleet-1", Message: "text" },
  ])("[EA40] refuses the routing %j", (RoutingStrategy) => {
    const world = new ApiWorld();
    const input = { Name: "live", RoutingStrategy };
    expect(world.error("CreateAlias", input).message).toMatch(/^RoutingStrategy must be of Type/);
    const { AliasId } = world.ok("CreateAlias", { Name: "live", RoutingStrategy: terminal }).Alias;
    expect(world.refusal("UpdateAlias", { AliasId, RoutingStrategy })).toBe("InvalidRequest");
  });

  it("[EA40] tells an unknown fleet as the model allows", () => {
    const world = new ApiWorld();
    const routing = { Name: "live", RoutingStrategy: simple("fleet-none") };
    expect(world.refusal("CreateAlias", routing)).toBe("InvalidRequest");
    const { AliasId } = world.ok("CreateAlias", { Name: "live", RoutingStrategy: terminal }).Alias;
    expect(world.refusal("UpdateAlias", { ...routing, AliasId })).toBe("NotFound");
  });
});

describe("locations over the API", () => {
  it("[EA41] makes, lists and deletes custom locations, and lists the Regions in use", () => {
    const world = new ApiWorld({ fleets: { managed: { locations: ["eu-west-1"] } } });
    const LocationArn = "arn:aws:gamelift:us-west-2:123456789012:location/custom-desk";
    const created = world.ok("CreateLocation", { LocationName: "custom-desk" });
    expect(created.Location).toEqual({ LocationName: "custom-desk", LocationArn });
    expect(world.refusal("CreateLocation", { LocationName: "custom-desk" })).toBe("Conflict");
    const list = (input: object) =>
      world.ok("ListLocations", input).Locations.map((each: Output) => each.LocationName);
    expect(list({})).toEqual(["custom-desk", LOCATION, "eu-west-1", "us-west-2"]);
    expect(list({ Filters: ["AWS"] })).toEqual(["eu-west-1", "us-west-2"]);
    expect(list({ Filters: ["CUSTOM"] })).toEqual(["custom-desk", LOCATION]);
    const { NextToken } = world.ok("ListLocations", { Limit: 1 });
    // The last one told is gone meanwhile.
    expect(world.ok("DeleteLocation", { LocationName: LocationArn })).toEqual({});
    expect(list({ NextToken })).toEqual([LOCATION, "eu-west-1", "us-west-2"]);
    expect(world.refusal("DeleteLocation", { LocationName: "custom-desk" })).toBe("NotFound");
  });

  it("[EA41] keeps a location that a fleet is in, and one of another account", () => {
    const world = new ApiWorld();
    expect(world.error("DeleteLocation", { LocationName: LOCATION }).message).toBe(
      `Location ${LOCATION} is in use by fleet ${world.anywhere.fleetId}`,
    );
    world.ok("CreateLocation", { LocationName: "custom-desk" });
    const LocationName = "arn:aws:gamelift:us-west-2:999999999999:location/custom-desk";
    expect(world.refusal("DeleteLocation", { LocationName })).toBe("NotFound");
  });
});
