import { describe, expect, it } from "vitest";
import { granted, LOCATION, PlaneWorld, refusalOf } from "./plane-world.ts";

describe("fleets, locations and aliases", () => {
  it("[EP60] has a fleet under its id and its ARN until it is deleted, and never gives its id again", () => {
    const { plane } = new PlaneWorld();
    const definition = {
      fleetId: "fleet-mine",
      name: "mine",
      computeType: "ANYWHERE" as const,
      locations: [LOCATION],
    };
    const fleet = granted(plane.fleets.create(definition));
    expect(fleet.fleetArn).toBe("arn:aws:gamelift:us-west-2:123456789012:fleet/fleet-mine");
    expect(plane.fleets.find(fleet.fleetArn)).toBe(fleet);
    expect(plane.fleets.find(fleet.fleetArn.replace("us-west-2", "eu-west-1"))).toBeUndefined();
    expect(refusalOf(plane.fleets.create(definition))).toBe("Conflict");
    granted(plane.fleets.delete("fleet-mine"));
    expect(plane.fleets.find("fleet-mine")).toBeUndefined();
    expect(refusalOf(plane.fleets.create(definition))).toBe("Conflict");
  });

  it("[EP60] refuses a fleet without locations that it can have", () => {
    const { plane } = new PlaneWorld();
    const create = (computeType: "EC2" | "ANYWHERE", locations?: string[]) =>
      refusalOf(plane.fleets.create({ name: "n", computeType, ...(locations && { locations }) }));
    expect(create("ANYWHERE")).toBe("InvalidRequest");
    expect(create("ANYWHERE", ["custom-moon"])).toBe("NotFound");
    expect(create("ANYWHERE", ["eu-west-1"])).toBe("InvalidRequest");
    expect(create("EC2", ["nowhere"])).toBe("NotFound");
    const fleet = granted(
      plane.fleets.create({ name: "n", computeType: "EC2", locations: ["eu-west-1"] }),
    );
    expect(fleet.locations).toEqual(["us-west-2", "eu-west-1"]);
  });

  it("[EP61] has at most 50 processes in a runtime configuration, and none on Anywhere", () => {
    const { plane, managed, anywhere } = new PlaneWorld();
    const configuration = (...executions: number[]) => ({
      serverProcesses: executions.map((concurrentExecutions) => ({
        launchPath: "/local/game/server",
        parameters: "",
        concurrentExecutions,
      })),
      maxConcurrentGameSessionActivations: 1,
      gameSessionActivationTimeoutSeconds: 1,
    });
    const set = (fleetId: string, ...executions: number[]) =>
      refusalOf(plane.fleets.setRuntimeConfiguration(fleetId, configuration(...executions)));
    expect(set(managed.fleetId, 25, 25)).toBeUndefined();
    expect(managed.runtimeConfiguration.serverProcesses).toHaveLength(2);
    expect(set(managed.fleetId, 25, 26)).toBe("InvalidRequest");
    expect(set(anywhere.fleetId, 1)).toBe("InvalidRequest");
  });

  it("[EP62] renames an alias whose fleet was deleted", () => {
    const { plane, anywhere } = new PlaneWorld();
    const routing = { type: "SIMPLE", fleetId: anywhere.fleetId } as const;
    const { aliasId } = granted(plane.aliases.create({ name: "live", routing }));
    granted(plane.fleets.delete(anywhere.fleetId));
    expect(granted(plane.aliases.update(aliasId, { name: "old" })).name).toBe("old");
    expect(refusalOf(plane.aliases.update(aliasId, { routing }))).toBe("NotFound");
    expect(refusalOf(plane.aliases.resolve(aliasId))).toBe("NotFound");
  });

  it("[EP62] resolves an alias to its fleet, and refuses with a terminal one's own words", () => {
    const { plane, managed, anywhere } = new PlaneWorld();
    const alias = granted(
      plane.aliases.create({
        name: "live",
        routing: { type: "SIMPLE", fleetId: managed.fleetArn },
      }),
    );
    expect(granted(plane.aliases.resolve(alias.aliasArn))).toBe(managed);
    granted(
      plane.aliases.update(alias.aliasId, {
        routing: { type: "SIMPLE", fleetId: anywhere.fleetId },
      }),
    );
    expect(granted(plane.aliases.resolve(alias.aliasId))).toBe(anywhere);
    granted(
      plane.aliases.update(alias.aliasId, {
        routing: { type: "TERMINAL", message: "gone fishing" },
      }),
    );
    expect(plane.aliases.resolve(alias.aliasId)).toEqual({
      refusal: "TerminalRoutingStrategy",
      message: "gone fishing",
    });
    granted(plane.aliases.delete(alias.aliasId));
    expect(refusalOf(plane.aliases.resolve(alias.aliasId))).toBe("NotFound");
    const nowhere = { type: "SIMPLE" as const, fleetId: "fleet-none" };
    expect(refusalOf(plane.aliases.create({ name: "n", routing: nowhere }))).toBe("NotFound");
  });

  it("[EP63] has custom locations by name, each once", () => {
    const { plane } = new PlaneWorld();
    expect(refusalOf(plane.locations.create(LOCATION))).toBe("Conflict");
    expect(refusalOf(plane.locations.create("laptop"))).toBe("InvalidRequest");
    const { locationArn } = granted(plane.locations.create("custom-moon"));
    granted(plane.locations.delete(locationArn));
    expect(refusalOf(plane.locations.delete("custom-moon"))).toBe("NotFound");
  });
});

describe("a compute", () => {
  it("[EP64] is registered once, in a location of its Anywhere fleet, under an address", () => {
    const { plane, anywhere, managed } = new PlaneWorld();
    const compute = {
      fleetId: anywhere.fleetId,
      computeName: "desk",
      ipAddress: "127.0.0.1",
      dnsName: "",
      location: LOCATION,
      type: "ANYWHERE" as const,
    };
    const register = (changes: Partial<typeof compute> = {}) =>
      plane.computes.register({ ...compute, ...changes });
    const first = granted(register());
    expect(granted(register())).toBe(first);
    expect(refusalOf(register({ ipAddress: "10.0.0.1" }))).toBe("Conflict");
    const fresh = { computeName: "other" };
    expect(refusalOf(register({ ...fresh, location: "" }))).toBe("InvalidRequest");
    expect(refusalOf(register({ ...fresh, location: "custom-moon" }))).toBe("InvalidRequest");
    expect(refusalOf(register({ ...fresh, ipAddress: "" }))).toBe("InvalidRequest");
    expect(refusalOf(register({ ...fresh, fleetId: managed.fleetId }))).toBe("InvalidRequest");
    expect(refusalOf(register({ ...fresh, fleetId: "fleet-none" }))).toBe("NotFound");
    expect(plane.computes.find(anywhere.fleetArn, first.computeArn)).toBe(first);
  });

  it("[EP65] hands out a token with 15 minutes left at least, good for that compute alone", () => {
    const world = new PlaneWorld();
    const { plane, clock, anywhere } = world;
    world.registerCompute("desk");
    const { fleetId } = anywhere;
    const token = () => granted(plane.computes.token(fleetId, "laptop"));
    const first = token();
    clock.advance(15 * 60_000);
    expect(token()).toBe(first);
    clock.advance(1);
    const second = token();
    expect(second.token).not.toBe(first.token);
    const admits = (computeName: string) =>
      plane.computes.admits(first.token, fleetId, computeName);
    expect([admits("laptop"), admits("desk"), admits("none")]).toEqual([true, false, false]);
    clock.advance(15 * 60_000);
    expect(admits("laptop"), "its time is over").toBe(false);
    expect(plane.computes.admits(second.token, fleetId, "laptop")).toBe(true);
    expect(plane.computes.admits("", fleetId, "laptop")).toBe(false);
    granted(plane.computes.deregister(fleetId, "laptop"));
    expect(plane.computes.admits(second.token, fleetId, "laptop")).toBe(false);
  });
});
