/**
 * The CloudFormation template of the alarms, of the log groups, and of the metrics that are counted from log lines.
 * @module
 */
import { type Alarm, alarms } from "../../server/telemetry/catalogue/alarms.ts";
import {
  FLEET_DIMENSION,
  LOCATION_DIMENSION,
  LOG_GROUP,
  LOG_NAMESPACE,
  METRICS_LOG_GROUP,
} from "../../server/telemetry/catalogue/cloudwatch.ts";
import type { Term } from "../../server/telemetry/catalogue/cloudwatch-terms.ts";
import { eventNameOf } from "../../server/telemetry/catalogue/log-events.ts";
import { type LogMetric, logMetrics } from "../../server/telemetry/catalogue/log-metrics.ts";
import type { Metric } from "../../server/telemetry/catalogue/metric.ts";
import { metrics } from "../../server/telemetry/catalogue/metrics.ts";
import { isByLocation, termDimension, termNamespace } from "./published.ts";
import { RETENTION_DAYS } from "./sidecar.ts";

const COMPARISONS = {
  ">": "GreaterThanThreshold",
  ">=": "GreaterThanOrEqualToThreshold",
  "<": "LessThanThreshold",
} as const;

/** Where an alarm's row is in the runbook. */
export function alarmAnchor(name: string): string {
  return `alarm-${name}`;
}

export function alarmsTemplate(): object {
  return {
    AWSTemplateFormatVersion: "2010-09-09",
    Description:
      "Alarms of fleetroom for one fleet. Written by npm run telemetry from server/telemetry/catalogue. Do not edit.",
    Parameters: {
      FleetId: {
        Type: "String",
        AllowedPattern: "^(container)?fleet-\\S+$",
        Description: "The fleet that is watched. Must be given.",
      },
      Location: {
        Type: "String",
        Default: "",
        Description: "Watch this location alone, such as eu-west-1; empty for the whole fleet.",
      },
      AlarmTopicArn: { Type: "String", Description: "The SNS topic that is told. Must be given." },
      RunbookUrl: {
        Type: "String",
        Default: "docs/RUNBOOK.md",
        Description: "Where your people read docs/RUNBOOK.md.",
      },
      Agent: {
        Type: "String",
        Default: "yes",
        AllowedValues: ["yes", "no"],
        Description:
          "no: the CloudWatch agent scrapes no server, as with COLLECTORS=stdout; alarms that need it are left out.",
      },
      LogGroups: {
        Type: "String",
        Default: "create",
        AllowedValues: ["create", "exist"],
        Description:
          "create: make the log groups, before any agent does. exist: they are there, perhaps of another fleet.",
      },
      MetricFilters: {
        Type: "String",
        Default: "create",
        AllowedValues: ["create", "exist"],
        Description: "They serve every fleet that logs to the same group: create them once.",
      },
    },
    Conditions: {
      HasLocation: { "Fn::Not": [{ "Fn::Equals": [{ Ref: "Location" }, ""] }] },
      HasAgent: { "Fn::Equals": [{ Ref: "Agent" }, "yes"] },
      MakesLogGroups: { "Fn::Equals": [{ Ref: "LogGroups" }, "create"] },
      MakesMetricFilters: { "Fn::Equals": [{ Ref: "MetricFilters" }, "create"] },
    },
    Resources: { ...logGroups(), ...metricFilters(), ...alarmResources() },
  };
}

function logGroups(): Record<string, object> {
  const group = (name: string, days: number) => ({
    Type: "AWS::Logs::LogGroup",
    Condition: "MakesLogGroups",
    DeletionPolicy: "Retain",
    UpdateReplacePolicy: "Retain",
    Properties: { LogGroupName: name, RetentionInDays: days },
  });
  return {
    ServerLogs: group(LOG_GROUP, RETENTION_DAYS.server),
    MetricLogs: group(METRICS_LOG_GROUP, RETENTION_DAYS.metrics),
  };
}

function metricFilters(): Record<string, object> {
  return Object.fromEntries(
    Object.entries<LogMetric>(logMetrics).map(([name, row]) => [
      `Count${pascalCase(name)}`,
      {
        Type: "AWS::Logs::MetricFilter",
        Condition: "MakesMetricFilters",
        Properties: {
          // After the group, where this stack makes it.
          LogGroupName: { "Fn::If": ["MakesLogGroups", { Ref: "ServerLogs" }, LOG_GROUP] },
          FilterPattern: filterPattern(row),
          MetricTransformations: [
            {
              MetricNamespace: LOG_NAMESPACE,
              MetricName: name,
              MetricValue: "1",
              Unit: "Count",
              Dimensions: [
                { Key: FLEET_DIMENSION, Value: "$.fleetId" },
                ...(row.dimension === undefined
                  ? []
                  : [{ Key: row.dimension, Value: `$.${row.dimension}` }]),
              ],
            },
          ],
        },
      },
    ]),
  );
}

/** In CloudWatch Logs' own language for lines of JSON. */
function filterPattern({ event, where = {} }: LogMetric): string {
  const claims = Object.entries({ event: eventNameOf(event), ...where }).map(([field, value]) =>
    typeof value === "boolean"
      ? `($.${field} IS ${String(value).toUpperCase()})`
      : `($.${field} = "${value}")`,
  );
  return `{ ${claims.join(" && ")} }`;
}

function alarmResources(): Record<string, object> {
  return Object.fromEntries(
    Object.entries(alarms).map(([name, alarm]) => [pascalCase(name), alarmResource(name, alarm)]),
  );
}

function alarmResource(name: string, alarm: Alarm): object {
  const [beyond, of] = alarm.periods;
  return {
    Type: "AWS::CloudWatch::Alarm",
    ...(Object.values(alarm.terms).some(needsAgent) && { Condition: "HasAgent" }),
    Properties: {
      AlarmName: { "Fn::Sub": `fleetroom-\${FleetId}-\${Location}-${name}` },
      AlarmDescription: { "Fn::Sub": description(name, alarm) },
      AlarmActions: [{ Ref: "AlarmTopicArn" }],
      OKActions: [{ Ref: "AlarmTopicArn" }],
      Metrics: queries(alarm),
      ComparisonOperator: COMPARISONS[alarm.comparison],
      Threshold: alarm.threshold,
      EvaluationPeriods: of,
      DatapointsToAlarm: beyond,
      TreatMissingData: alarm.missing,
    },
  };
}

/** EMF lines, log lines and GameLift's own metrics come without it. */
function needsAgent(term: Term): boolean {
  if (term.source === "server") {
    const metric: Metric = metrics[term.metric];
    return metric.cloudwatch === "prometheus";
  }
  return term.source === "host";
}

/** CloudWatch shows Markdown's marks as they are. */
function description(name: string, { meaning }: Alarm): string {
  return `${meaning.replaceAll("`", "")} \${RunbookUrl}#${alarmAnchor(name)}`;
}

function queries({ terms, expression, periodS }: Alarm): object[] {
  const stats = Object.entries(terms).map(([id, term]) => ({
    Id: id,
    ReturnData: expression === undefined,
    MetricStat: {
      Metric: {
        Namespace: termNamespace(term),
        MetricName: term.metric,
        Dimensions: dimensions(term),
      },
      Period: periodS,
      Stat: term.statistic,
    },
  }));
  if (expression === undefined) return stats;
  return [{ Id: "watched", Expression: expression, ReturnData: true }, ...stats];
}

function dimensions(term: Term): unknown {
  const label = termDimension(term);
  const fleet = [
    { Name: FLEET_DIMENSION, Value: { Ref: "FleetId" } },
    ...(label === undefined || term.value === undefined
      ? []
      : [{ Name: label, Value: term.value }]),
  ];
  if (!isByLocation(term)) return fleet;
  const location = { Name: LOCATION_DIMENSION, Value: { Ref: "Location" } };
  return { "Fn::If": ["HasLocation", [...fleet, location], fleet] };
}

function pascalCase(name: string): string {
  return name.replaceAll(/(?:^|[-_])([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
