import { describe, expect, it } from "vitest";
import { isRefused } from "../../../emulator/plane/outcome.ts";
import type { QueueSettings } from "../../../emulator/queues/queue.ts";
import { granted, refusalOf } from "../plane/plane-world.ts";
import { QueueWorld } from "./queue-world.ts";

const ARN = "arn:aws:gamelift:us-west-2:123456789012:gamesessionqueue";

describe("a queue", () => {
  it("[EQ10] has what it was given, the defaults otherwise, and is found by name and ARN", () => {
    const world = new QueueWorld();
    const queue = granted(world.queues.create("duels", { timeoutSeconds: 10 }));
    expect(queue).toEqual({
      name: "duels",
      queueArn: `${ARN}/duels`,
      timeoutSeconds: 10,
      playerLatencyPolicies: [],
      destinations: [],
      allowedLocations: [],
      priorityOrder: [],
      locationOrder: [],
      customEventData: "",
      notificationTarget: "",
    });
    expect(granted(world.queues.create("arenas", {})).timeoutSeconds).toBe(600);
    expect(world.queues.find("duels")).toBe(queue);
    expect(world.queues.find(`${ARN}/duels`)).toBe(queue);
    expect(world.queues.find(`${ARN.replace("us-west-2", "mars")}/duels`)).toBeUndefined();
    expect(world.queues.list().map(({ name }) => name)).toEqual(["duels", "arenas"]);
  });

  it("[EQ11] keeps what an update leaves out, and everything when it is refused", () => {
    const world = new QueueWorld();
    const fleet = world.fleet([]);
    const queue = world.queue([fleet], { timeoutSeconds: 20, customEventData: "data" });
    granted(world.queues.update(queue.queueArn, { timeoutSeconds: 30, destinations: [] }));
    const expected = { timeoutSeconds: 30, destinations: [], customEventData: "data" };
    expect(queue).toMatchObject(expected);
    const refused = world.queues.update(queue.name, { timeoutSeconds: 9, customEventData: "no" });
    expect(refusalOf(refused)).toBe("InvalidRequest");
    expect(queue).toMatchObject(expected);
    expect(refusalOf(world.queues.update("nobody", {}))).toBe("NotFound");
  });

  it("[EQ11] is updated although a destination that it keeps was deleted", () => {
    const world = new QueueWorld();
    const [gone, fleet] = [world.fleet([]), world.fleet([])];
    const queue = world.queue([gone, fleet]);
    granted(world.plane.fleets.delete(gone.fleetId));
    granted(world.queues.update(queue.name, { timeoutSeconds: 30 }));
    expect(queue.timeoutSeconds).toBe(30);
    const destinations = [gone.fleetArn];
    expect(refusalOf(world.queues.update(queue.name, { destinations }))).toBe("NotFound");
  });

  it("[EQ12] is gone once it is deleted, and its name is free", () => {
    const world = new QueueWorld();
    granted(world.queues.create("duels", {}));
    expect(refusalOf(world.queues.create("duels", {}))).toBe("InvalidRequest");
    granted(world.queues.delete("duels"));
    expect(refusalOf(world.queues.delete("duels"))).toBe("NotFound");
    expect(world.queues.find("duels")).toBeUndefined();
    granted(world.queues.create("duels", {}));
  });

  const fleet = "arn:aws:gamelift:us-west-2:123456789012:fleet/fleet-gone";
  it.each<[string, Partial<QueueSettings>, string, string]>([
    ["too short a time", { timeoutSeconds: 9 }, "InvalidRequest", "TimeoutInSeconds"],
    ["too long a time", { timeoutSeconds: 601 }, "InvalidRequest", "TimeoutInSeconds"],
    ["a fleet that is not there", { destinations: [fleet] }, "NotFound", "Destinations"],
    [
      "an alias that is not there",
      { destinations: [fleet.replaceAll("fleet", "alias")] },
      "NotFound",
      "Destinations",
    ],
    ["a destination without ARN", { destinations: ["fleet-1"] }, "InvalidRequest", "Destinations"],
    ["another kind of ARN", { destinations: [`${ARN}/a`] }, "InvalidRequest", "Destinations"],
    [
      "a location twice",
      { allowedLocations: ["a", "b", "a"] },
      "InvalidRequest",
      "FilterConfiguration.AllowedLocations",
    ],
    ["a priority twice", { priorityOrder: ["COST", "COST"] }, "InvalidRequest", "PriorityOrder"],
    ["an order's location twice", { locationOrder: ["a", "a"] }, "InvalidRequest", "LocationOrder"],
    ["no topic", { notificationTarget: "arn:aws:sqs:a" }, "InvalidRequest", "NotificationTarget"],
    [
      "too many policies",
      { playerLatencyPolicies: Array(21).fill({ maximumMs: 1, durationSeconds: 1 }) },
      "InvalidRequest",
      "PlayerLatencyPolicies",
    ],
    [
      "too many destinations",
      { destinations: Array.from({ length: 101 }, (_, index) => `${fleet}${index}`) },
      "InvalidRequest",
      "Destinations",
    ],
  ])("[EQ13] is refused with %s, in words that name the member", (_what, wrong, kind, member) => {
    const world = new QueueWorld();
    const outcome = world.queues.create("duels", wrong);
    if (!isRefused(outcome)) throw new Error("it was taken");
    expect(outcome.refusal).toBe(kind);
    expect(outcome.message).toContain(member);
    expect(world.queues.list()).toEqual([]);
  });

  it("[EQ13] may name a terminal alias, and is one of 100", () => {
    const world = new QueueWorld();
    const { aliasArn } = granted(
      world.plane.aliases.create({ name: "a", routing: { type: "TERMINAL", message: "over" } }),
    );
    for (let count = 0; count < 100; count++) {
      granted(world.queues.create(`queue-${count}`, { destinations: [aliasArn] }));
    }
    expect(refusalOf(world.queues.create("one-more", {}))).toBe("LimitExceeded");
  });
});
