/**
 * What a dashboard or an alarm template names, read out of its JSON, and what is wrong with it.
 * @module
 */
import type { NamedSeries, PublishedMetric } from "./published.ts";

/** What a dimension's value is where CloudFormation or the dashboard's variable fills it in. */
const ANY_VALUE = "*";

interface Json {
  readonly [name: string]: unknown;
}

/** Every series of a dashboard's metric widgets; rows that are expressions alone name none. */
export function seriesOfDashboard(body: unknown): readonly NamedSeries[] {
  const widgets = (body as { widgets: readonly { properties: Json }[] }).widgets;
  return widgets.flatMap(({ properties }) => {
    const rows = (properties["metrics"] ?? []) as readonly (readonly unknown[])[];
    const usual = String(properties["stat"] ?? "Average");
    return rows.flatMap((row) => seriesOfRow(row, usual));
  });
}

function seriesOfRow(row: readonly unknown[], usual: string): NamedSeries[] {
  const names = row.filter((each) => typeof each === "string");
  if (names.length < 2) return [];
  const options = row.find((each) => typeof each === "object") as Json | undefined;
  const [namespace = "", metric = "", ...pairs] = names;
  const dimensions: Record<string, string> = {};
  for (let index = 0; index < pairs.length; index += 2) {
    dimensions[pairs[index] ?? ""] = pairs[index + 1] ?? "";
  }
  return [{ namespace, metric, dimensions, statistic: String(options?.["stat"] ?? usual) }];
}

/** Every series of a template's alarms. Where a condition chooses the dimensions, each choice is one. */
export function seriesOfTemplate(template: unknown): readonly NamedSeries[] {
  const resources = Object.values((template as { Resources: Json }).Resources) as Json[];
  const alarms = resources.filter((each) => each["Type"] === "AWS::CloudWatch::Alarm");
  return alarms.flatMap((alarm) => {
    const queries = (alarm["Properties"] as Json)["Metrics"] as readonly Json[];
    return queries.flatMap((query) => {
      const stat = query["MetricStat"] as Json | undefined;
      return stat === undefined ? [] : seriesOfStat(stat);
    });
  });
}

function seriesOfStat(stat: Json): NamedSeries[] {
  const metric = stat["Metric"] as Json;
  return choices(metric["Dimensions"]).map((pairs) => ({
    namespace: String(metric["Namespace"]),
    metric: String(metric["MetricName"]),
    statistic: String(stat["Stat"]),
    dimensions: Object.fromEntries(pairs.map(({ Name, Value }) => [Name, givenValue(Value)])),
  }));
}

type Pairs = readonly { readonly Name: string; readonly Value: unknown }[];

function choices(dimensions: unknown): readonly Pairs[] {
  if (Array.isArray(dimensions)) return [dimensions as Pairs];
  const [, ...chosen] = (dimensions as { "Fn::If": readonly unknown[] })["Fn::If"];
  return chosen as readonly Pairs[];
}

function givenValue(value: unknown): string {
  return typeof value === "string" ? value : ANY_VALUE;
}

/** Says of each series that does not exist why, in a sentence; nothing if all do. */
export function problemsOf(
  named: readonly NamedSeries[],
  published: readonly PublishedMetric[],
): readonly string[] {
  return named.flatMap((series) => {
    const problem = problemOf(series, published);
    return problem === undefined ? [] : [`${describe(series)}: ${problem}`];
  });
}

function problemOf(series: NamedSeries, published: readonly PublishedMetric[]): string | undefined {
  const { namespace, metric, dimensions, statistic } = series;
  const found = published.find((each) => each.namespace === namespace && each.metric === metric);
  if (found === undefined) return "nobody publishes it";
  const names = Object.keys(dimensions).sort().join();
  if (!found.dimensionSets.some((set) => [...set].sort().join() === names)) {
    return `it is published by ${found.dimensionSets.map((set) => set.join("+")).join(" and ")}`;
  }
  for (const [name, value] of Object.entries(dimensions)) {
    const values = found.values[name];
    if (values !== undefined && value !== ANY_VALUE && !values.includes(value)) {
      return `${name} is never ${value}`;
    }
  }
  if (/^p\d/.test(statistic) && !found.hasPercentiles) return "it has no percentiles";
  return undefined;
}

function describe({ namespace, metric, dimensions }: NamedSeries): string {
  const pairs = Object.entries(dimensions).map(([name, value]) => `${name}=${value}`);
  return `${namespace} ${metric} {${pairs.join(", ")}}`;
}

/** The metrics of the server that are named and were not seen, so that nobody watches what is never told. */
export function unseen(
  named: readonly NamedSeries[],
  seen: ReadonlySet<string>,
  namespaces: ReadonlySet<string>,
): readonly string[] {
  const wanted = named.filter(({ namespace }) => namespaces.has(namespace));
  return [...new Set(wanted.map(({ metric }) => metric))].filter((metric) => !seen.has(metric));
}
