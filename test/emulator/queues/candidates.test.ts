import { describe, expect, it } from "vitest";
import type { Fleet } from "../../../emulator/plane/records.ts";
import { candidatesOf, inOrder } from "../../../emulator/queues/candidates.ts";
import { Latencies } from "../../../emulator/queues/latencies.ts";
import type { PriorityType, Queue } from "../../../emulator/queues/queue.ts";
import { granted, LOCATION } from "../plane/plane-world.ts";
import { latencies, QueueWorld } from "./queue-world.ts";

/** Which fleet, by its place among the fleets, and where. */
function sites(world: QueueWorld, queue: Queue, fleets: readonly Fleet[]): string[] {
  return candidatesOf(queue, world.plane).map(
    ({ fleet, location }) => `${fleets.indexOf(fleet)} ${location}`,
  );
}

function ordered(
  world: QueueWorld,
  queue: Queue,
  fleets: readonly Fleet[],
  playerLatencies: ReturnType<typeof latencies> = [],
): string[] {
  const { priorityOrder, locationOrder } = queue;
  const priorities = { latencies: new Latencies(playerLatencies), priorityOrder, locationOrder };
  return inOrder(candidatesOf(queue, world.plane), priorities).map(
    ({ fleet, location }) => `${fleets.indexOf(fleet)} ${location}`,
  );
}

describe("candidates", () => {
  it("[EQ1] are the locations of each destination, in the order of the destinations", () => {
    const world = new QueueWorld();
    const fleets = [world.fleet(["us-east-1"]), world.fleet(["eu-west-1"])];
    expect(sites(world, world.queue([...fleets].reverse()), fleets)).toEqual([
      "1 us-west-2",
      "1 eu-west-1",
      "0 us-west-2",
      "0 us-east-1",
    ]);
    const queue = world.queue(fleets, { allowedLocations: ["eu-west-1", "us-east-1", "mars"] });
    expect(sites(world, queue, fleets)).toEqual(["0 us-east-1", "1 eu-west-1"]);
  });

  it("[EQ1] follow an alias, and a fleet that several destinations stand for is there once", () => {
    const world = new QueueWorld();
    const fleets = [world.fleet([]), world.fleet([])];
    const [first, second] = fleets as [Fleet, Fleet];
    const alias = granted(
      world.plane.aliases.create({
        name: "live",
        routing: { type: "SIMPLE", fleetId: second.fleetId },
      }),
    );
    const destinations = [alias.aliasArn, first.fleetArn, second.fleetArn];
    const twice = world.queue([], { destinations });
    expect(ordered(world, twice, fleets)).toEqual(["1 us-west-2", "0 us-west-2"]);
    const queue = world.queue([], { destinations: destinations.slice(0, 2) });
    expect(sites(world, queue, fleets)).toEqual(["1 us-west-2", "0 us-west-2"]);
    granted(
      world.plane.aliases.update(alias.aliasId, {
        routing: { type: "SIMPLE", fleetId: first.fleetId },
      }),
    );
    expect(sites(world, queue, fleets)).toEqual(["0 us-west-2"]);
    granted(
      world.plane.aliases.update(alias.aliasId, { routing: { type: "TERMINAL", message: "over" } }),
    );
    expect(sites(world, queue, fleets)).toEqual(["0 us-west-2"]);
    granted(world.plane.fleets.delete(first.fleetId));
    expect(sites(world, queue, fleets)).toEqual([]);
  });
});

describe("the order of candidates", () => {
  it("[EQ2] is that of destinations, then of the alphabet, when nobody told latencies", () => {
    const world = new QueueWorld();
    const fleets = [
      world.fleet(["us-east-1", "ap-south-1"]),
      world.fleet(["eu-west-1"], { fleetType: "SPOT" }),
    ];
    expect(ordered(world, world.queue(fleets), fleets)).toEqual([
      "0 ap-south-1",
      "0 us-east-1",
      "0 us-west-2",
      "1 eu-west-1",
      "1 us-west-2",
    ]);
  });

  it("[EQ2] is that of average latency, cost, destination and alphabet with latencies", () => {
    const world = new QueueWorld();
    const fleets = [
      world.fleet(["us-east-1", "ap-south-1"]),
      world.fleet(["us-east-1", "ap-south-1"], { fleetType: "SPOT" }),
      world.fleet(["us-east-1"]),
    ];
    const told = latencies({
      // On average 60 in us-east-1 and in ap-south-1, 50 in us-west-2.
      ann: { "us-east-1": 20, "ap-south-1": 60, "us-west-2": 90 },
      bob: { "us-east-1": 100, "ap-south-1": 60, "us-west-2": 10 },
    });
    expect(ordered(world, world.queue(fleets), fleets, told)).toEqual([
      "1 us-west-2",
      "0 us-west-2",
      "2 us-west-2",
      "1 ap-south-1",
      "1 us-east-1",
      "0 ap-south-1",
      "0 us-east-1",
      "2 us-east-1",
    ]);
  });

  it("[EQ3] is the queue's own first, and goes on with what that leaves out", () => {
    const world = new QueueWorld();
    const fleets = [world.fleet(["us-east-1"]), world.fleet(["us-east-1"], { fleetType: "SPOT" })];
    const by = (...priorityOrder: PriorityType[]) =>
      ordered(
        world,
        world.queue(fleets, { priorityOrder, locationOrder: ["us-west-2"] }),
        fleets,
        latencies({ ann: { "us-east-1": 10, "us-west-2": 20 } }),
      );
    expect(by("LOCATION")).toEqual(["1 us-west-2", "0 us-west-2", "1 us-east-1", "0 us-east-1"]);
    expect(by("DESTINATION")).toEqual(["0 us-east-1", "0 us-west-2", "1 us-east-1", "1 us-west-2"]);
    expect(by("COST")).toEqual(["1 us-east-1", "1 us-west-2", "0 us-east-1", "0 us-west-2"]);
    expect(by("LOCATION", "DESTINATION")).toEqual([
      "0 us-west-2",
      "1 us-west-2",
      "0 us-east-1",
      "1 us-east-1",
    ]);
  });

  it("[EQ3] has the locations that an order names first, the others by the alphabet", () => {
    const world = new QueueWorld();
    const fleets = [world.fleet(["us-east-1", "eu-west-1", "ap-south-1"])];
    const priorityOrder = ["LOCATION"] as const;
    const queue = world.queue(fleets, { priorityOrder, locationOrder: ["us-west-2", "eu-west-1"] });
    expect(ordered(world, queue, fleets)).toEqual([
      "0 us-west-2",
      "0 eu-west-1",
      "0 ap-south-1",
      "0 us-east-1",
    ]);
  });

  it("[EQ4] counts own hardware as cheapest, by its stated cost, then spot, then on demand", () => {
    const world = new QueueWorld();
    const own = (anywhereCost: string) =>
      world.fleet([LOCATION], { computeType: "ANYWHERE", anywhereCost });
    const fleets = [
      world.fleet([]),
      world.fleet([], { fleetType: "SPOT" }),
      own("1000"),
      own("9.5"),
      own(""),
    ];
    const queue = world.queue(fleets, { priorityOrder: ["COST"] });
    expect(ordered(world, queue, fleets).map((site) => site[0])).toEqual(["4", "3", "2", "1", "0"]);
  });

  it("[EQ5] has a location that a player told nothing of after all others", () => {
    const world = new QueueWorld();
    const fleets = [world.fleet(["us-east-1", "ap-south-1"])];
    const told = latencies({
      ann: { "us-east-1": 5, "us-west-2": 900, "ap-south-1": 5 },
      bob: { "us-west-2": 900, "us-east-1": 5 },
    });
    expect(ordered(world, world.queue(fleets), fleets, told)).toEqual([
      "0 us-east-1",
      "0 us-west-2",
      "0 ap-south-1",
    ]);
  });
});
