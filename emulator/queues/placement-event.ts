/**
 * A placement's end as EventBridge tells it, and as SNS wraps that.
 * @module
 */
import type { EndedPlacement, Placement, PlacementEnd } from "./placement.ts";
import type { Queue } from "./queue.ts";

export interface PlacementEvent {
  readonly version: "0";
  readonly id: string;
  readonly "detail-type": "GameLift Queue Placement Event";
  readonly source: "aws.gamelift";
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly [queueArn: string];
  readonly detail: PlacementEventDetail;
}

type PlacementEventType =
  | "PlacementFulfilled"
  | "PlacementCancelled"
  | "PlacementTimedOut"
  | "PlacementFailed";

interface PlacementEventDetail {
  readonly type: PlacementEventType;
  readonly placementId: string;
  readonly startTime: string;
  readonly endTime: string;
  readonly customEventData?: string;
  /** A string, unlike everywhere else. */
  readonly port?: string;
  readonly gameSessionArn?: string;
  readonly ipAddress?: string;
  readonly dnsName?: string;
  readonly gameSessionRegion?: string;
  readonly placedPlayerSessions?: Placement["placedPlayerSessions"];
}

/** Where placement events go. */
export interface PlacementEventSink {
  /**
   * Takes an event and returns at once; it never throws.
   * @param topicArn - The queue's notification target; `""` for none.
   */
  deliver(event: PlacementEvent, topicArn: string): void;
}

const TYPES: Readonly<Record<PlacementEnd, PlacementEventType>> = {
  FULFILLED: "PlacementFulfilled",
  CANCELLED: "PlacementCancelled",
  TIMED_OUT: "PlacementTimedOut",
  FAILED: "PlacementFailed",
};

export interface EventOrigin {
  readonly id: string;
  readonly account: string;
  readonly region: string;
}

export function placementEvent(
  placement: EndedPlacement,
  queue: Queue,
  { id, account, region }: EventOrigin,
): PlacementEvent {
  const { placementId, status, startedAtMs, endedAtMs } = placement;
  const { customEventData } = queue;
  return {
    version: "0",
    id,
    "detail-type": "GameLift Queue Placement Event",
    source: "aws.gamelift",
    account,
    // Whole seconds, as EventBridge has it.
    time: new Date(endedAtMs).toISOString().replace(/\.\d+Z$/, "Z"),
    region,
    resources: [queue.queueArn],
    detail: {
      type: TYPES[status],
      placementId,
      ...(status === "FULFILLED" && whereItIs(placement)),
      startTime: new Date(startedAtMs).toISOString(),
      endTime: new Date(endedAtMs).toISOString(),
      ...(customEventData !== "" && { customEventData }),
    },
  };
}

function whereItIs(placement: Placement) {
  const { port, gameSessionId = "", ipAddress, dnsName, gameSessionRegion } = placement;
  return {
    port: String(port),
    gameSessionArn: gameSessionId,
    ...(ipAddress !== "" && { ipAddress }),
    ...(dnsName !== "" && { dnsName }),
    gameSessionRegion,
    placedPlayerSessions: placement.placedPlayerSessions,
  };
}

/** What SNS posts to a subscriber that did not ask for raw messages. */
export interface SnsNotification {
  readonly Type: "Notification";
  readonly MessageId: string;
  readonly TopicArn: string;
  readonly Message: string;
  readonly Timestamp: string;
  readonly SignatureVersion: "1";
  readonly Signature: string;
  readonly SigningCertURL: string;
  readonly UnsubscribeURL: string;
}

/**
 * Nobody but SNS can sign as SNS: this says in Base64 what it is, and its certificate's host exists nowhere, so that
 * whoever checks signatures refuses it without asking AWS. Subscribers must skip the check here, or take raw messages.
 */
const NO_SIGNATURE = Buffer.from("not signed: this is the fleetroom emulator").toString("base64");
const NO_HOST = "https://sns.invalid";

export function snsNotification(event: PlacementEvent, topicArn: string): SnsNotification {
  return {
    Type: "Notification",
    MessageId: event.id,
    TopicArn: topicArn,
    Message: JSON.stringify(event),
    Timestamp: event.detail.endTime,
    SignatureVersion: "1",
    Signature: NO_SIGNATURE,
    SigningCertURL: `${NO_HOST}/certificate.pem`,
    UnsubscribeURL: `${NO_HOST}/unsubscribe`,
  };
}

/** Of the queue's own notification target, or of a made up one: an envelope cannot be without. */
export function topicArnFor({ region, account }: PlacementEvent, notificationTarget: string) {
  return notificationTarget || `arn:aws:sns:${region}:${account}:placement-events`;
}
