import { describe, expect, it } from "vitest";
import { QueueApiWorld } from "./queue-api-world.ts";

const ARN = "arn:aws:gamelift:us-west-2:123456789012:gamesessionqueue";

function withFleet() {
  const world = new QueueApiWorld();
  const { fleetArn } = world.fleet(["us-east-1"]);
  const whole = {
    Name: "duels",
    TimeoutInSeconds: 300,
    PlayerLatencyPolicies: [
      { MaximumIndividualPlayerLatencyMilliseconds: 50, PolicyDurationSeconds: 120 },
      { MaximumIndividualPlayerLatencyMilliseconds: 200 },
    ],
    Destinations: [{ DestinationArn: fleetArn }],
    FilterConfiguration: { AllowedLocations: ["us-east-1"] },
    PriorityConfiguration: { PriorityOrder: ["LOCATION"], LocationOrder: ["us-east-1"] },
    CustomEventData: "data",
    NotificationTarget: "arn:aws:sns:us-west-2:123456789012:placements.fifo",
  };
  return { world, whole };
}

describe("the API of queues", () => {
  it("[EQ14] answers with the queue as it was given, and its ARN", () => {
    const { world, whole } = withFleet();
    const described = { ...whole, GameSessionQueueArn: `${ARN}/duels` };
    expect(world.ok("CreateGameSessionQueue", whole)).toEqual({ GameSessionQueue: described });
    expect(world.ok("DescribeGameSessionQueues")).toEqual({ GameSessionQueues: [described] });
    expect(world.ok("CreateGameSessionQueue", { Name: "plain" })).toEqual({
      GameSessionQueue: {
        Name: "plain",
        GameSessionQueueArn: `${ARN}/plain`,
        TimeoutInSeconds: 600,
        PlayerLatencyPolicies: [],
        Destinations: [],
      },
    });
  });

  it("[EQ14] updates what is given, and an empty set takes away", () => {
    const { world, whole } = withFleet();
    world.ok("CreateGameSessionQueue", whole);
    const update = (changes: object) =>
      world.ok("UpdateGameSessionQueue", { Name: `${ARN}/duels`, ...changes }).GameSessionQueue;
    const described = { ...whole, GameSessionQueueArn: `${ARN}/duels` };
    expect(update({ TimeoutInSeconds: 20 })).toEqual({ ...described, TimeoutInSeconds: 20 });
    expect(
      update({
        PlayerLatencyPolicies: [],
        Destinations: [],
        FilterConfiguration: {},
        PriorityConfiguration: {},
        CustomEventData: "",
        NotificationTarget: "",
      }),
    ).toEqual({
      Name: "duels",
      GameSessionQueueArn: `${ARN}/duels`,
      TimeoutInSeconds: 20,
      PlayerLatencyPolicies: [],
      Destinations: [],
    });
  });

  it("[EQ15] describes those that are named and exist, by name or ARN, or all, in pages", () => {
    const world = new QueueApiWorld();
    for (const Name of ["c", "a", "b"]) world.ok("CreateGameSessionQueue", { Name });
    const names = (input: object) =>
      world
        .ok("DescribeGameSessionQueues", input)
        .GameSessionQueues.map(({ Name }: { Name: string }) => Name);
    expect(names({ Names: [`${ARN}/b`, "c", "gone"] })).toEqual(["b", "c"]);
    expect(names({ Names: ["gone"] })).toEqual([]);
    expect(names({ Names: [] })).toEqual(["a", "b", "c"]);
    const first = world.ok("DescribeGameSessionQueues", { Limit: 2 });
    expect(names({ Limit: 2 })).toEqual(["a", "b"]);
    expect(names({ Limit: 2, NextToken: first.NextToken })).toEqual(["c"]);
  });

  it("[EQ15] deletes by name or ARN, with an empty answer", () => {
    const world = new QueueApiWorld();
    for (const Name of ["a", `${ARN}/b`]) {
      world.ok("CreateGameSessionQueue", { Name: Name.split("/").at(-1) });
      expect(world.ok("DeleteGameSessionQueue", { Name })).toEqual({});
      expect(world.refusal("DeleteGameSessionQueue", { Name })).toBe("NotFound");
    }
  });

  it.each<[string, object, string]>([
    ["CreateGameSessionQueue", { Name: "duels" }, "InvalidRequest"],
    ["CreateGameSessionQueue", { Name: "a b" }, "InvalidRequest"],
    ["CreateGameSessionQueue", { Name: "a", TimeoutInSeconds: 9 }, "InvalidRequest"],
    ["CreateGameSessionQueue", { Name: "a", Destinations: [{}] }, "InvalidRequest"],
    ["CreateGameSessionQueue", { Name: "a", PlayerLatencyPolicies: [{}] }, "InvalidRequest"],
    [
      "CreateGameSessionQueue",
      { Name: "a", Destinations: [{ DestinationArn: "arn:aws:gamelift:a:b:fleet/c" }] },
      "NotFound",
    ],
    ["UpdateGameSessionQueue", { Name: "gone" }, "NotFound"],
    ["UpdateGameSessionQueue", { Name: "duels", TimeoutInSeconds: 601 }, "InvalidRequest"],
    ["DescribeGameSessionQueues", { NextToken: "made-up" }, "InvalidRequest"],
  ])("[EQ15] refuses %s of %j as %s", (operation, input, type) => {
    const { world, whole } = withFleet();
    world.ok("CreateGameSessionQueue", whole);
    expect(world.refusal(operation, input)).toBe(type);
  });
});
