import { describe, expect, it } from "vitest";
import { QueueApiWorld } from "./queue-api-world.ts";

const START_S = Date.UTC(2026, 0, 1) / 1_000;

function withQueue(priorityOrder: readonly string[] = ["LOCATION"]) {
  const world = new QueueApiWorld();
  const fleet = world.fleet([]);
  world.ok("CreateGameSessionQueue", {
    Name: "duels",
    TimeoutInSeconds: 10,
    Destinations: [{ DestinationArn: fleet.fleetArn }],
    PriorityConfiguration: { PriorityOrder: priorityOrder, LocationOrder: ["us-west-2"] },
  });
  return { world, fleet };
}

const REQUEST = { PlacementId: "p-1", GameSessionQueueName: "duels", MaximumPlayerSessionCount: 2 };
const PENDING = {
  ...REQUEST,
  Status: "PENDING",
  GameProperties: [],
  PlayerLatencies: [],
  PlacedPlayerSessions: [],
  StartTime: START_S,
};

describe("the API of placements", () => {
  it("[EQ16] answers a start with PENDING and what was asked for", () => {
    const { world } = withQueue();
    const asked = {
      ...REQUEST,
      GameProperties: [{ Key: "room", Value: "duel" }],
      GameSessionName: "final",
      GameSessionData: "data",
      PlayerLatencies: [
        { PlayerId: "ann", RegionIdentifier: "us-west-2", LatencyInMilliseconds: 12.5 },
      ],
    };
    const placement = world.ok("StartGameSessionPlacement", {
      ...asked,
      DesiredPlayerSessions: [{ PlayerId: "ann", PlayerData: "red" }, { PlayerId: "bob" }],
    });
    expect(placement).toEqual({ GameSessionPlacement: { ...PENDING, ...asked } });
    const override = { LocationOrder: ["us-west-2"] };
    expect(
      world.ok("StartGameSessionPlacement", {
        ...REQUEST,
        PlacementId: "p-2",
        PriorityConfigurationOverride: override,
      }).GameSessionPlacement.PriorityConfigurationOverride,
    ).toEqual({ ...override, PlacementFallbackStrategy: "DEFAULT_AFTER_SINGLE_PASS" });
  });

  it("[EQ16] tells the way in once it is FULFILLED, and times as epoch seconds", () => {
    const { world, fleet } = withQueue();
    world.free(fleet);
    const PlacementId = world.ok("StartGameSessionPlacement", {
      ...REQUEST,
      DesiredPlayerSessions: [{ PlayerId: "ann", PlayerData: "red" }],
    }).GameSessionPlacement.PlacementId;
    world.settle();
    const activating = world.ok("DescribeGameSessionPlacement", { PlacementId });
    const id = activating.GameSessionPlacement.GameSessionId;
    expect(activating.GameSessionPlacement).toEqual({
      ...PENDING,
      GameSessionId: id,
      GameSessionArn: id,
      GameSessionRegion: "us-west-2",
    });
    world.clock.advance(1_500);
    const placement = world.queues.placement(PlacementId);
    if (placement !== undefined) world.activateFor(placement);
    const { GameSessionPlacement } = world.ok("DescribeGameSessionPlacement", { PlacementId });
    const [player] = world.plane.playerSessions.of(id);
    expect(GameSessionPlacement).toEqual({
      ...PENDING,
      Status: "FULFILLED",
      GameSessionId: id,
      GameSessionArn: id,
      GameSessionRegion: "us-west-2",
      EndTime: START_S + 1.5,
      IpAddress: "127.0.0.1",
      DnsName: "localhost",
      Port: 7777,
      PlacedPlayerSessions: [{ PlayerId: "ann", PlayerSessionId: player?.playerSessionId }],
    });
    expect(player?.playerData).toBe("red");
    expect(world.refusal("StopGameSessionPlacement", { PlacementId })).toBe("InvalidRequest");
  });

  it("[EQ16] answers a stop with CANCELLED, and describes TIMED_OUT", () => {
    const { world } = withQueue();
    world.ok("StartGameSessionPlacement", REQUEST);
    world.ok("StartGameSessionPlacement", { ...REQUEST, PlacementId: "p-2" });
    expect(world.ok("StopGameSessionPlacement", { PlacementId: "p-1" })).toEqual({
      GameSessionPlacement: { ...PENDING, Status: "CANCELLED", EndTime: START_S },
    });
    world.pass(10_000);
    expect(world.ok("DescribeGameSessionPlacement", { PlacementId: "p-2" })).toEqual({
      GameSessionPlacement: {
        ...PENDING,
        PlacementId: "p-2",
        Status: "TIMED_OUT",
        EndTime: START_S + 10,
      },
    });
  });

  it("[EQ17] takes a queue by its ARN and answers with its name", () => {
    const { world } = withQueue();
    const [queue] = world.queues.list();
    const { GameSessionPlacement } = world.ok("StartGameSessionPlacement", {
      ...REQUEST,
      GameSessionQueueName: queue?.queueArn,
    });
    expect(GameSessionPlacement.GameSessionQueueName).toBe("duels");
  });

  it.each<[string, object, string]>([
    ["StartGameSessionPlacement", { GameSessionQueueName: "gone" }, "NotFound"],
    ["StartGameSessionPlacement", { PlacementId: "taken" }, "InvalidRequest"],
    ["StartGameSessionPlacement", { DesiredPlayerSessions: [{}] }, "InvalidRequest"],
    ["StartGameSessionPlacement", { PlayerLatencies: [{ PlayerId: "a" }] }, "InvalidRequest"],
    [
      "StartGameSessionPlacement",
      { PriorityConfigurationOverride: { LocationOrder: [] } },
      "InvalidRequest",
    ],
    ["DescribeGameSessionPlacement", {}, "NotFound"],
    ["StopGameSessionPlacement", {}, "NotFound"],
  ])("[EQ17] refuses %s with %j as %s", (operation, changes, type) => {
    const { world } = withQueue();
    world.ok("StartGameSessionPlacement", { ...REQUEST, PlacementId: "taken" });
    expect(world.refusal(operation, { ...REQUEST, ...changes })).toBe(type);
  });

  it("[EQ17] refuses one too many as InvalidRequest, for the model lists no limit", () => {
    const { world } = withQueue();
    for (let count = 0; count < 1_000; count++) {
      world.ok("StartGameSessionPlacement", { ...REQUEST, PlacementId: `p-${count}` });
    }
    expect(world.refusal("StartGameSessionPlacement", { ...REQUEST, PlacementId: "more" })).toBe(
      "InvalidRequest",
    );
  });
});
