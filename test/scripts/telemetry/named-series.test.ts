import { describe, expect, it } from "vitest";
import {
  problemsOf,
  seriesOfDashboard,
  seriesOfTemplate,
  unseen,
} from "../../../scripts/telemetry/named-series.ts";
import type { PublishedMetric } from "../../../scripts/telemetry/published.ts";

const PUBLISHED: readonly PublishedMetric[] = [
  {
    ...{ namespace: "game", metric: "joins", hasPercentiles: false },
    dimensionSets: [["FleetId"], ["FleetId", "outcome"]],
    values: { outcome: ["joined", "full"] },
  },
  {
    namespace: "game",
    metric: "delay",
    dimensionSets: [["FleetId"]],
    values: {},
    hasPercentiles: true,
  },
];

function dashboard(...rows: unknown[][]): unknown {
  const text = { type: "text", properties: { markdown: "## Joins" } };
  return { widgets: [text, { type: "metric", properties: { metrics: rows } }] };
}

function alarm(dimensions: unknown): unknown {
  const metric = { Namespace: "game", MetricName: "joins", Dimensions: dimensions };
  const stat = { MetricStat: { Metric: metric, Period: 60, Stat: "Sum" } };
  return {
    Resources: {
      Group: { Type: "AWS::Logs::LogGroup" },
      Joins: {
        Type: "AWS::CloudWatch::Alarm",
        Properties: { Metrics: [{ Expression: "m * 2" }, stat] },
      },
    },
  };
}

const onDashboard = (...rows: unknown[][]) =>
  problemsOf(seriesOfDashboard(dashboard(...rows)), PUBLISHED);

describe("what a dashboard or a template names", () => {
  it("[SC4] is accepted when it is published", () => {
    const rows = [
      [{ expression: "m0 * 2", id: "twice" }],
      ["game", "joins", "FleetId", "f", { stat: "Sum", id: "m0" }],
      ["game", "joins", "outcome", "full", "FleetId", "f"],
      ["game", "delay", "FleetId", "f", { stat: "p99" }],
    ];
    expect(seriesOfDashboard(dashboard(...rows))).toHaveLength(3);
    expect(onDashboard(...rows)).toEqual([]);
  });

  it.each([
    ["a metric that nobody publishes", ["game", "jions", "FleetId", "f"], "nobody publishes it"],
    ["another namespace", ["Game", "joins", "FleetId", "f"], "nobody publishes it"],
    ["too few dimensions", ["game", "joins"], "published by FleetId and FleetId+outcome"],
    ["other dimensions", ["game", "delay", "Fleet", "f"], "published by FleetId"],
    [
      "a value that never comes",
      ["game", "joins", "FleetId", "f", "outcome", "late"],
      "never late",
    ],
    [
      "percentiles that are not there",
      ["game", "joins", "FleetId", "f", { stat: "p99" }],
      "percentiles",
    ],
  ])("[SC4] is refused for %s", (_, row, problem) => {
    const problems = onDashboard(row);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
  });

  it("[SC4] is looked at in both branches of a template's condition", () => {
    const fleet = { Name: "FleetId", Value: { Ref: "FleetId" } };
    const location = { Name: "Location", Value: { Ref: "Location" } };
    expect(problemsOf(seriesOfTemplate(alarm([fleet])), PUBLISHED)).toEqual([]);
    const chosen = { "Fn::If": ["HasLocation", [fleet, location], [fleet]] };
    const problems = problemsOf(seriesOfTemplate(alarm(chosen)), PUBLISHED);
    expect(problems).toEqual([
      "game joins {FleetId=*, Location=*}: it is published by FleetId and FleetId+outcome",
    ]);
  });

  it("[SC4] is named when nobody saw it told", () => {
    const named = seriesOfDashboard(
      dashboard(["game", "joins"], ["game", "joins"], ["game", "delay"], ["AWS/GameLift", "x"]),
    );
    expect(unseen(named, new Set(["delay"]), new Set(["game"]))).toEqual(["joins"]);
  });
});
