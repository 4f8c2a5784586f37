/** What a queue puts candidates in order by. */
export type PriorityType = "LATENCY" | "COST" | "DESTINATION" | "LOCATION";

/** No player may have a higher latency, for so long. */
export interface PlayerLatencyPolicy {
  readonly maximumMs: number;
  /** `undefined` for as long as the request waits. */
  readonly durationSeconds: number | undefined;
}

export interface QueueSettings {
  /** 10 to 600. */
  readonly timeoutSeconds: number;
  readonly playerLatencyPolicies: readonly PlayerLatencyPolicy[];
  /** ARNs of fleets and aliases, the preferred first. */
  readonly destinations: readonly string[];
  /** Where game sessions may be; everywhere when it is empty. */
  readonly allowedLocations: readonly string[];
  /** Empty for the service's own order. What it does not name comes after what it names. */
  readonly priorityOrder: readonly PriorityType[];
  /** Locations that it does not name come after those that it names, in the order of the alphabet. */
  readonly locationOrder: readonly string[];
  /** Copied into each event; `""` for none. */
  readonly customEventData: string;
  /** ARN of the SNS topic that the events seem to come from; `""` for none. */
  readonly notificationTarget: string;
}

export interface Queue extends QueueSettings {
  readonly name: string;
  readonly queueArn: string;
}
