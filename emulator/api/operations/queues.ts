import { done, isRefused, type Outcome, refused } from "../../plane/outcome.ts";
import type {
  PlayerLatencyPolicy,
  PriorityType,
  Queue,
  QueueSettings,
} from "../../queues/queue.ts";
import { given, type Members, type Operations, unlessEmpty } from "../operation.ts";

interface PolicyMembers {
  readonly MaximumIndividualPlayerLatencyMilliseconds?: number;
  readonly PolicyDurationSeconds?: number;
}

/** Of CreateGameSessionQueue and UpdateGameSessionQueue. */
interface QueueInput {
  readonly Name: string;
  readonly TimeoutInSeconds?: number;
  readonly PlayerLatencyPolicies?: readonly PolicyMembers[];
  readonly Destinations?: readonly { readonly DestinationArn?: string }[];
  readonly FilterConfiguration?: { readonly AllowedLocations?: readonly string[] };
  readonly PriorityConfiguration?: {
    readonly PriorityOrder?: readonly PriorityType[];
    readonly LocationOrder?: readonly string[];
  };
  readonly CustomEventData?: string;
  readonly NotificationTarget?: string;
}

export const queueOperations: Operations = {
  CreateGameSessionQueue(input, { queues }) {
    const { Name, ...rest } = input as unknown as QueueInput;
    const settings = settingsIn(rest);
    return isRefused(settings) ? settings : told(queues.create(Name, settings.value));
  },

  UpdateGameSessionQueue(input, { queues }) {
    const { Name, ...rest } = input as unknown as QueueInput;
    const changes = settingsIn(rest);
    return isRefused(changes) ? changes : told(queues.update(Name, changes.value));
  },

  DescribeGameSessionQueues(input, { queues, pages }) {
    const { Names = [] } = input as { readonly Names?: readonly string[] };
    const page = pages.page(
      { operation: "DescribeGameSessionQueues", input },
      {
        records: [...queues.list()].sort((a, b) => (a.name < b.name ? -1 : 1)),
        // Documented to be left empty for all; those that do not exist are left out of the answer.
        matches: ({ name, queueArn }) =>
          Names.length === 0 || Names.includes(name) || Names.includes(queueArn),
        keyOf: ({ name }) => name,
        orderOf: ({ name }) => name,
      },
    );
    if (isRefused(page)) return page;
    const { records, nextToken } = page.value;
    return done({ GameSessionQueues: records.map(members), NextToken: nextToken });
  },

  DeleteGameSessionQueue({ Name }, { queues }) {
    const deleted = queues.delete(String(Name));
    return isRefused(deleted) ? deleted : done({});
  },
};

function told(queue: Outcome<Queue>): Outcome<Members> {
  return isRefused(queue) ? queue : done({ GameSessionQueue: members(queue.value) });
}

/** Settings that are given. An empty filter or priority configuration takes away what was there. */
function settingsIn(input: Omit<QueueInput, "Name">): Outcome<Partial<QueueSettings>> {
  const { PlayerLatencyPolicies, FilterConfiguration, PriorityConfiguration } = input;
  const destinations = input.Destinations?.map(({ DestinationArn = "" }) => DestinationArn);
  const policies = PlayerLatencyPolicies?.flatMap(policyIn);
  if (policies?.length !== PlayerLatencyPolicies?.length) {
    return refused(
      "InvalidRequest",
      "PlayerLatencyPolicies: each needs its MaximumIndividualPlayerLatencyMilliseconds",
    );
  }
  return done(
    given({
      timeoutSeconds: input.TimeoutInSeconds,
      playerLatencyPolicies: policies,
      destinations,
      allowedLocations: FilterConfiguration && (FilterConfiguration.AllowedLocations ?? []),
      priorityOrder: PriorityConfiguration && (PriorityConfiguration.PriorityOrder ?? []),
      locationOrder: PriorityConfiguration && (PriorityConfiguration.LocationOrder ?? []),
      customEventData: input.CustomEventData,
      notificationTarget: input.NotificationTarget,
    }),
  );
}

/** One or none. */
function policyIn(policy: PolicyMembers): readonly PlayerLatencyPolicy[] {
  const { MaximumIndividualPlayerLatencyMilliseconds: maximumMs, PolicyDurationSeconds } = policy;
  return maximumMs === undefined ? [] : [{ maximumMs, durationSeconds: PolicyDurationSeconds }];
}

function members(queue: Queue): Members {
  const { allowedLocations, priorityOrder, locationOrder } = queue;
  const hasPriorities = priorityOrder.length > 0 || locationOrder.length > 0;
  return {
    Name: queue.name,
    GameSessionQueueArn: queue.queueArn,
    TimeoutInSeconds: queue.timeoutSeconds,
    PlayerLatencyPolicies: queue.playerLatencyPolicies.map(({ maximumMs, durationSeconds }) => ({
      MaximumIndividualPlayerLatencyMilliseconds: maximumMs,
      ...given({ PolicyDurationSeconds: durationSeconds }),
    })),
    Destinations: queue.destinations.map((arn) => ({ DestinationArn: arn })),
    FilterConfiguration:
      allowedLocations.length > 0 ? { AllowedLocations: allowedLocations } : undefined,
    PriorityConfiguration: hasPriorities
      ? given({
          PriorityOrder: priorityOrder.length > 0 ? priorityOrder : undefined,
          LocationOrder: locationOrder.length > 0 ? locationOrder : undefined,
        })
      : undefined,
    CustomEventData: unlessEmpty(queue.customEventData),
    NotificationTarget: unlessEmpty(queue.notificationTarget),
  };
}
