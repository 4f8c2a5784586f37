import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  heapMegabytesPerProcess,
  LAUNCH_PATH,
  LAUNCH_PATH_PATTERN,
  launchParameters,
  PARAMETERS_PATTERN,
  PORTS,
} from "../../../scripts/gamelift/launch.ts";
import { granted } from "../../emulator/plane/plane-world.ts";
import { RollWorld } from "./roll-world.ts";

let world: RollWorld;

beforeAll(async () => {
  world = await RollWorld.open();
});
afterAll(() => world[Symbol.asyncDispose]());

/** The build that the fleet behind the alias is not of. */
function nextBuild(): string {
  const present = world.here.plane.fleets.find(world.present)?.buildId;
  return world.builds.find((each) => each !== present) ?? "";
}

describe("a roll from one fleet to the next", () => {
  it("[SP5] begins with a fleet that create-fleet made: launched as everywhere, TCP ports, protected", () => {
    const fleet = world.here.plane.fleets.find(world.present);
    const heapMegabytes = heapMegabytesPerProcess(4_096, 1) ?? 0;
    expect(fleet).toMatchObject({
      status: "ACTIVE",
      inboundPermissions: [{ fromPort: PORTS.first, toPort: PORTS.last, protocol: "TCP" }],
      newGameSessionProtectionPolicy: "FullProtection",
      instanceRoleCredentialsProvider: "",
    });
    expect(fleet?.runtimeConfiguration.serverProcesses).toEqual([
      {
        launchPath: LAUNCH_PATH,
        parameters: launchParameters(heapMegabytes),
        concurrentExecutions: 1,
      },
    ]);
    expect(launchParameters(heapMegabytes)).toMatch(PARAMETERS_PATTERN);
    expect(LAUNCH_PATH).toMatch(LAUNCH_PATH_PATTERN);
  });

  it("[SP8] makes a fleet like the old one, fills it, leads the alias to it, then empties the old one", async () => {
    const { plane } = world.here;
    const old = plane.fleets.find(world.present);
    const oldId = old?.fleetId ?? "";
    const calls = await world.roll({ buildId: nextBuild(), deletesOld: false });
    const fresh = plane.fleets.find(world.present);
    expect(fresh).toMatchObject({
      name: "live",
      description: `(takes the place of ${oldId})`,
      runtimeConfiguration: old?.runtimeConfiguration,
      inboundPermissions: old?.inboundPermissions,
      newGameSessionProtectionPolicy: "FullProtection",
      capacities: { "us-west-2": { desired: 1, minimum: 0, maximum: 2 } },
    });
    const order = [
      "CreateFleet",
      "UpdateFleetCapacity",
      "PutScalingPolicy",
      "UpdateAlias",
      "StopFleetActions",
    ];
    const changes = calls.filter((name) => !/^(Describe|List)/.test(name));
    expect(changes).toEqual([...order, "UpdateFleetCapacity"]);
    expect(plane.fleets.find(oldId)).toMatchObject({
      status: "ACTIVE",
      capacities: { "us-west-2": { desired: 0, minimum: 0, maximum: 0 } },
      scalingStoppedIn: ["us-west-2"],
    });
    expect(plane.computes.list(oldId)).toEqual([]);
    // Once more, and with another wish, it goes on from there.
    await world.roll({ buildId: fresh?.buildId ?? "" });
    expect(plane.fleets.find(oldId)).toBeUndefined();
    await world.roll({ buildId: fresh?.buildId ?? "" });
    expect(world.lines.at(-1)).toMatch(/no old fleet is left/);
  });

  it("[SP10] waits for the matches on the old fleet, and never deletes it or takes an instance from them", async () => {
    const { plane } = world.here;
    const old = world.present;
    const session = granted(
      plane.gameSessions.create({ fleetId: old, maximumPlayerSessionCount: 4 }),
    );
    const host = plane.processes.find(session);
    if (host === undefined) throw new Error("no process hosts it");
    granted(plane.gameSessions.activate(host, session.gameSessionId));
    const buildId = nextBuild();
    const late = world.roll({ buildId, drainMs: 100 });
    await expect(late).rejects.toMatchObject({ code: "FLEETS_TIMED_OUT" });
    expect(world.present).not.toBe(old);
    expect([session.status, host.state]).toEqual(["ACTIVE", "READY"]);
    expect(plane.fleets.find(old)?.capacities["us-west-2"]?.desired).toBe(1);
    expect(world.lines.at(-1)).toContain("has 1 game sessions with 0 players left");
    const made = world.fleetsOf(buildId);
    granted(plane.processes.ending(host));
    await world.roll({ buildId });
    expect(plane.fleets.find(old)).toBeUndefined();
    expect(world.fleetsOf(buildId)).toEqual(made);
  });

  it("[SP8] takes a fleet that is there with --to as it is, when it has instances", async () => {
    const { plane } = world.here;
    const empty = await world.fleet({ name: "empty", desired: 0 });
    const refused = world.roll({ toFleetId: empty });
    await expect(refused).rejects.toThrow("has no instances");
    granted(plane.fleets.delete(empty));
    const old = world.present;
    const other = await world.fleet({ name: "other", desired: 2 });
    await world.roll({ toFleetId: other });
    expect(world.present).toBe(other);
    expect(plane.fleets.find(old)).toBeUndefined();
    const { desired } = plane.fleets.find(other)?.capacities["us-west-2"] ?? {};
    expect([desired, plane.fleets.find(other)?.name]).toEqual([2, "other"]);
  });

  it("[SP8] asks which fleet is the old one where it cannot know", async () => {
    const { plane } = world.here;
    const old = world.present;
    const buildId = plane.fleets.find(old)?.buildId ?? "";
    // The same build for fresh instances: which fleet is the old one must be said.
    const before = world.fleetsOf(buildId);
    await world.roll({ buildId, fromFleetId: old });
    expect(world.present).not.toBe(old);
    expect(before).toEqual([old]);
    expect(world.fleetsOf(buildId)).toEqual([world.present]);
    await world.roll({ buildId, fromFleetId: old });
    const unknown = world.roll({
      toFleetId: world.present,
      buildId: undefined,
      fromFleetId: "fleet-none",
    });
    await expect(unknown).rejects.toMatchObject({ code: "FLEETS_UNCLEAR" });
    await expect(world.roll({ buildId: "build-none" })).rejects.toThrow("NotFound");
  });

  it("[SP8] waits for a fleet that is not told yet, and takes one in ERROR for empty", async () => {
    const { plane } = world.here;
    const old = world.present;
    await world.roll({ buildId: nextBuild(), deletesOld: false }, undefined, 3);
    expect(plane.fleets.find(old)?.capacities["us-west-2"]?.desired).toBe(0);
    plane.fleets.advance(old, "ERROR");
    await world.roll({ buildId: plane.fleets.find(world.present)?.buildId ?? "" });
    expect(plane.fleets.find(old)).toBeUndefined();
  });

  it("[SP8] refuses an alias that leads elsewhere", async () => {
    const { plane } = world.here;
    const made = plane.locations.create("custom-laptop");
    expect(made).toHaveProperty("value");
    const definition = {
      name: "laptop",
      computeType: "ANYWHERE",
      locations: ["custom-laptop"],
    } as const;
    const { fleetId } = granted(plane.fleets.create(definition));
    const other = granted(
      plane.aliases.create({ name: "x", routing: { type: "SIMPLE", fleetId } }),
    );
    const anywhere = world.roll({ aliasId: other.aliasId, buildId: nextBuild() });
    await expect(anywhere).rejects.toThrow("leads to no managed EC2 fleet");
    const third = world.roll({ buildId: nextBuild(), fromFleetId: fleetId });
    await expect(third).rejects.toThrow("neither the old one nor the new one");
  });

  it("[SP15] names a queue that goes past the alias, and no other", async () => {
    const { emulator } = world.here.world;
    const [old, alias] = [world.present, world.here.plane.aliases.find(world.aliasId)];
    const arns = { past: emulator.plane.fleets.find(old)?.fleetArn, good: alias?.aliasArn };
    for (const [Name, DestinationArn] of Object.entries(arns)) {
      emulator.api.call("CreateGameSessionQueue", { Name, Destinations: [{ DestinationArn }] });
    }
    await world.roll({ buildId: nextBuild() });
    const told = world.lines.filter((line) => line.includes(" queue "));
    expect(told).toEqual([expect.stringContaining(`queue past names fleet ${old} itself`)]);
    expect(emulator.queues.list().map(({ name }) => name)).toEqual(["past", "good"]);
  });

  it("[SP9] may break off at any call, heard or not: run again, it comes to the same end with one new fleet", async () => {
    for (const at of [2, 9, 14, 17, 24]) {
      await world.rollTwice({ buildId: nextBuild() }, { at, isHeard: at % 2 === 1 });
    }
  });
});
