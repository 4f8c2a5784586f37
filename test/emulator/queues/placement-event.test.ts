import { describe, expect, it } from "vitest";
import { snsNotification, topicArnFor } from "../../../emulator/queues/placement-event.ts";
import { granted } from "../plane/plane-world.ts";
import { QueueWorld } from "./queue-world.ts";

const TOPIC = "arn:aws:sns:us-west-2:123456789012:placements";

function ended(how: "stop" | "wait" | "delete queue", customEventData = "") {
  const world = new QueueWorld();
  const fleet = world.fleet([]);
  const queue = world.queue([fleet], { timeoutSeconds: 10, customEventData });
  const placement = world.start(queue);
  world.clock.advance(1_500);
  if (how === "stop") granted(world.queues.stop(placement.placementId));
  if (how === "delete queue") granted(world.queues.delete(queue.name));
  if (how === "wait") world.clock.advance(10_000);
  return { world, queue, placement };
}

function fulfilled(playerId = "ann") {
  const world = new QueueWorld();
  const fleet = world.fleet([]);
  world.free(fleet);
  const queue = world.queue([fleet], { notificationTarget: TOPIC, customEventData: "blue" });
  const desiredPlayerSessions = [{ playerId, playerData: "" }];
  const placement = world.start(queue, { desiredPlayerSessions });
  world.clock.advance(1_500);
  world.activateFor(placement);
  const [event] = world.placementEvents;
  if (event === undefined) throw new Error("no event");
  return { world, queue, placement, event };
}

describe("a placement event", () => {
  it.each([
    ["stop", "PlacementCancelled", "2026-01-01T00:00:01.500Z"],
    ["delete queue", "PlacementFailed", "2026-01-01T00:00:01.500Z"],
    ["wait", "PlacementTimedOut", "2026-01-01T00:00:10.000Z"],
  ] as const)("[EQ40] after %s is a %s as EventBridge has it", (how, type, endTime) => {
    const { world, queue, placement } = ended(how);
    expect(world.placementEvents).toEqual([
      {
        version: "0",
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        "detail-type": "GameLift Queue Placement Event",
        source: "aws.gamelift",
        account: "123456789012",
        time: `${endTime.slice(0, 19)}Z`,
        region: "us-west-2",
        resources: [queue.queueArn],
        detail: {
          type,
          placementId: placement.placementId,
          startTime: "2026-01-01T00:00:00.000Z",
          endTime,
        },
      },
    ]);
  });

  it("[EQ41] of a placement that was fulfilled tells the way in, the port as a string", () => {
    const { event, placement } = fulfilled();
    expect(event.detail).toEqual({
      type: "PlacementFulfilled",
      placementId: placement.placementId,
      port: "7777",
      gameSessionArn: placement.gameSessionId,
      ipAddress: "127.0.0.1",
      dnsName: "localhost",
      startTime: "2026-01-01T00:00:00.000Z",
      endTime: "2026-01-01T00:00:01.500Z",
      gameSessionRegion: "us-west-2",
      placedPlayerSessions: placement.placedPlayerSessions,
      customEventData: "blue",
    });
    expect(placement.placedPlayerSessions).toEqual([
      { playerId: "ann", playerSessionId: expect.stringMatching(/^psess-/) },
    ]);
  });

  it("[EQ41] leaves out an address that there is not", () => {
    const world = new QueueWorld();
    const process = world.ready("by-hand");
    world.processes.push(process);
    const placement = world.start(world.queue([world.anywhere]));
    world.settle();
    world.activateFor(placement);
    const [event] = world.placementEvents;
    expect(event?.detail).toHaveProperty("ipAddress", "127.0.0.1");
    expect(event?.detail).not.toHaveProperty("dnsName");
    expect(event?.detail).not.toHaveProperty("customEventData");
    expect(event?.detail.placedPlayerSessions).toEqual([]);
  });

  it("[EQ42] carries the queue's custom data, and goes to the queue's topic", () => {
    expect(ended("wait", "red").world.placementEvents[0]?.detail.customEventData).toBe("red");
    expect(ended("stop", "red").world.topics).toEqual([""]);
    expect(fulfilled().world.topics).toEqual([TOPIC]);
  });
});

describe("the notification of SNS", () => {
  it("[EQ43] holds the event as text, in an envelope that says it is not signed", () => {
    const { event } = fulfilled('a "quoted" ünïcode');
    const notification = snsNotification(event, TOPIC);
    expect(JSON.parse(notification.Message)).toEqual(event);
    expect(notification).toEqual({
      Type: "Notification",
      MessageId: event.id,
      TopicArn: TOPIC,
      Message: expect.any(String),
      Timestamp: event.detail.endTime,
      SignatureVersion: "1",
      Signature: expect.any(String),
      SigningCertURL: "https://sns.invalid/certificate.pem",
      UnsubscribeURL: "https://sns.invalid/unsubscribe",
    });
    expect(Buffer.from(notification.Signature, "base64").toString()).toContain("not signed");
  });

  it("[EQ43] has a made up topic when the queue names none", () => {
    const { event } = fulfilled();
    expect(topicArnFor(event, TOPIC)).toBe(TOPIC);
    expect(topicArnFor(event, "")).toBe("arn:aws:sns:us-west-2:123456789012:placement-events");
  });
});
