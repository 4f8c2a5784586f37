import { done, isRefused, refused } from "../../plane/outcome.ts";
import type { Members, Operations } from "../operation.ts";
import { managedFleet } from "./fleets.ts";

interface PolicyInput {
  readonly Name: string;
  readonly PolicyType?: "RuleBased" | "TargetBased";
  readonly MetricName: string;
  readonly TargetConfiguration?: { readonly TargetValue: number };
}

const RULE_MEMBERS = [
  "ScalingAdjustment",
  "ScalingAdjustmentType",
  "Threshold",
  "ComparisonOperator",
  "EvaluationPeriods",
] as const;

/** The one metric that a target may be set for, as the service documents it. */
const TARGET_METRIC = "PercentAvailableGameSessions";

export const scalingOperations: Operations = {
  PutScalingPolicy(input, context) {
    const fleet = managedFleet(input, context);
    if (isRefused(fleet)) return fleet;
    const wrong = wrongPolicy(input);
    if (wrong !== undefined) return refused("InvalidRequest", wrong);
    const { Name, FleetId: _, ...members } = input as unknown as PolicyInput & { FleetId: string };
    const { fleetId } = fleet.value;
    const put = context.plane.scalingPolicies.put(fleetId, {
      name: Name,
      members: { PolicyType: "RuleBased", ...members },
    });
    return isRefused(put) ? put : done({ Name });
  },

  DescribeScalingPolicies(input, context) {
    const fleet = managedFleet(input, context);
    if (isRefused(fleet)) return fleet;
    const { fleetId, fleetArn } = fleet.value;
    const { StatusFilter = "ACTIVE", Location } = input as {
      StatusFilter?: string;
      Location?: string;
    };
    const page = context.pages.page(
      { operation: "DescribeScalingPolicies", input },
      {
        records: context.plane.scalingPolicies.list(fleetId),
        matches: () => StatusFilter === "ACTIVE",
        keyOf: ({ name }) => name,
      },
    );
    if (isRefused(page)) return page;
    const ScalingPolicies = page.value.records.map(({ name, members }) => ({
      ...members,
      FleetId: fleetId,
      FleetArn: fleetArn,
      Name: name,
      Status: "ACTIVE",
      Location: Location ?? context.plane.region,
    }));
    return done({ ScalingPolicies, NextToken: page.value.nextToken });
  },

  DeleteScalingPolicy(input, context) {
    const { FleetId, Name } = input as { FleetId: string; Name: string };
    const deleted = context.plane.scalingPolicies.delete(FleetId, Name);
    return isRefused(deleted) ? deleted : done({});
  },
};

function wrongPolicy(input: Members): string | undefined {
  const {
    PolicyType = "RuleBased",
    MetricName,
    TargetConfiguration,
  } = input as unknown as PolicyInput;
  if (PolicyType === "TargetBased") {
    if (MetricName !== TARGET_METRIC) return `MetricName of a target must be ${TARGET_METRIC}`;
    return TargetConfiguration === undefined
      ? "TargetConfiguration must be given with PolicyType TargetBased"
      : undefined;
  }
  const missing = RULE_MEMBERS.filter((name) => input[name] === undefined);
  return missing.length === 0
    ? undefined
    : `A policy of PolicyType RuleBased needs ${missing.join(", ")}`;
}
