import type { ControlPlane } from "../plane/control-plane.ts";
import { done, type Outcome, type Refusal, refused } from "../plane/outcome.ts";
import { fleetOf } from "./candidates.ts";
import { QUEUE_LIMITS } from "./limits.ts";
import type { Queue, QueueSettings } from "./queue.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const DEFAULTS: QueueSettings = {
  timeoutSeconds: QUEUE_LIMITS.timeoutSecondsMax,
  playerLatencyPolicies: [],
  destinations: [],
  allowedLocations: [],
  priorityOrder: [],
  locationOrder: [],
  customEventData: "",
  notificationTarget: "",
};

/** The queues that there are, in the order of their creation. */
export class QueueTable {
  readonly #plane: ControlPlane;
  readonly #queues = new Map<string, Mutable<Queue>>();

  constructor(plane: ControlPlane) {
    this.#plane = plane;
  }

  create(name: string, given: Partial<QueueSettings>): Outcome<Queue> {
    if (this.#queues.has(name)) {
      return refused("InvalidRequest", `Name: there is a queue ${name} already`);
    }
    if (this.#queues.size >= QUEUE_LIMITS.queuesMax) {
      return refused("LimitExceeded", `There are ${QUEUE_LIMITS.queuesMax} queues already`);
    }
    const settings = { ...DEFAULTS, ...given };
    const wrong = this.#wrong(settings, settings.destinations);
    if (wrong !== undefined) return wrong;
    const { region, accountId } = this.#plane;
    const queueArn = `arn:aws:gamelift:${region}:${accountId}:gamesessionqueue/${name}`;
    const queue = { name, queueArn, ...settings };
    this.#queues.set(name, queue);
    return done(queue);
  }

  /** What is left out stays. */
  update(nameOrArn: string, changes: Partial<QueueSettings>): Outcome<Queue> {
    const queue = this.#entry(nameOrArn);
    if (queue === undefined) return this.missing(nameOrArn);
    // Those that it keeps may have been deleted since; that is no fault of this change.
    const wrong = this.#wrong({ ...queue, ...changes }, changes.destinations ?? []);
    if (wrong !== undefined) return wrong;
    return done(Object.assign(queue, changes));
  }

  delete(nameOrArn: string): Outcome<Queue> {
    const queue = this.#entry(nameOrArn);
    if (queue === undefined) return this.missing(nameOrArn);
    this.#queues.delete(queue.name);
    return done(queue);
  }

  find(nameOrArn: string): Queue | undefined {
    return this.#entry(nameOrArn);
  }

  list(): readonly Queue[] {
    return [...this.#queues.values()];
  }

  missing(nameOrArn: string): Refusal {
    return refused("NotFound", `Game session queue ${nameOrArn} was not found`);
  }

  #entry(nameOrArn: string): Mutable<Queue> | undefined {
    const isArn = nameOrArn.startsWith("arn:");
    const queue = this.#queues.get(isArn ? (nameOrArn.split("/").at(-1) ?? "") : nameOrArn);
    return isArn && queue?.queueArn !== nameOrArn ? undefined : queue;
  }

  #wrong(
    settings: QueueSettings,
    newDestinations: QueueSettings["destinations"],
  ): Refusal | undefined {
    const text = wrongNumbers(settings) ?? wrongLists(settings);
    if (text !== undefined) return refused("InvalidRequest", text);
    for (const arn of newDestinations) {
      const isAlias = arn.includes(":alias/");
      if (!arn.startsWith("arn:") || !(isAlias || arn.includes(":fleet/"))) {
        return refused(
          "InvalidRequest",
          `Destinations: DestinationArn must be the ARN of a fleet or an alias, not "${arn}"`,
        );
      }
      // A terminal alias is there and stands for no fleet: that is a destination to be had later.
      const isThere = isAlias ? this.#plane.aliases.find(arn) : fleetOf(arn, this.#plane);
      if (isThere === undefined) return refused("NotFound", `Destinations: ${arn} was not found`);
    }
    return undefined;
  }
}

function wrongNumbers({ timeoutSeconds, playerLatencyPolicies }: QueueSettings) {
  const { timeoutSecondsMin: min, timeoutSecondsMax: max } = QUEUE_LIMITS;
  if (timeoutSeconds < min || timeoutSeconds > max) {
    return `TimeoutInSeconds must be ${min} to ${max}, not ${timeoutSeconds}`;
  }
  const { latencyPoliciesPerQueueMax: policiesMax } = QUEUE_LIMITS;
  if (playerLatencyPolicies.length > policiesMax) {
    return `PlayerLatencyPolicies: more than ${policiesMax}`;
  }
  return undefined;
}

function wrongLists(settings: QueueSettings): string | undefined {
  const { destinationsPerQueueMax: max } = QUEUE_LIMITS;
  if (settings.destinations.length > max) return `Destinations: more than ${max}`;
  const lists = {
    Destinations: settings.destinations,
    "FilterConfiguration.AllowedLocations": settings.allowedLocations,
    "PriorityConfiguration.PriorityOrder": settings.priorityOrder,
    "PriorityConfiguration.LocationOrder": settings.locationOrder,
  };
  for (const [member, list] of Object.entries(lists)) {
    const twice = twiceIn(list);
    if (twice !== undefined) return `${member}: ${twice} is there twice`;
  }
  const { notificationTarget } = settings;
  return notificationTarget === "" || notificationTarget.startsWith("arn:aws:sns:")
    ? undefined
    : "NotificationTarget must be the ARN of an SNS topic, arn:aws:sns:…";
}

/** The first value that a list has more than once. */
export function twiceIn(list: readonly string[]): string | undefined {
  return list.find((value, index) => list.indexOf(value) !== index);
}
