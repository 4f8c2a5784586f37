/**
 * The parts of the documentation that are made of the registries. A page keeps them between two marks.
 * @module
 */
import { type Alarm, alarms } from "../../server/telemetry/catalogue/alarms.ts";
import {
  dimensionSets,
  LOG_NAMESPACE,
  METRICS_LOG_GROUP,
  NAMESPACE,
} from "../../server/telemetry/catalogue/cloudwatch.ts";
import {
  eventNameOf,
  type LogEvent,
  logEvents,
} from "../../server/telemetry/catalogue/log-events.ts";
import { type LogMetric, logMetrics } from "../../server/telemetry/catalogue/log-metrics.ts";
import { type Metric, seriesCount } from "../../server/telemetry/catalogue/metric.ts";
import { metrics } from "../../server/telemetry/catalogue/metrics.ts";
import type { EventName } from "../../server/telemetry/every-event.ts";
import { alarmAnchor } from "./alarms-template.ts";
import { billedMetrics, scrapedEvents } from "./published.ts";
import { SCRAPE } from "./sidecar.ts";

/** Label values that are listed one by one; longer lists are counted. */
const VALUES_LISTED_MAX = 8;

/** Bytes of a scraped log event, about: names, labels and the declaration that makes a metric of it. */
const EVENT_BYTES = 600;

type PartName = "metrics" | "log-metrics" | "events" | "cost" | "alarms";

const parts: Readonly<Record<PartName, () => string>> = {
  metrics: metricTable,
  "log-metrics": logMetricTable,
  events: eventTable,
  cost,
  alarms: alarmTable,
};

/** A page with every marked part written anew. @throws Error when a mark has no end, or names no part. */
export function withParts(page: string): string {
  return page.replaceAll(
    /(<!-- made of the registry: ([a-z-]+) -->\n)([\s\S]*?)(<!-- end -->)/g,
    (_, begin: string, name: string, _old: string, end: string) => {
      const part = parts[name as PartName];
      if (part === undefined) throw new Error(`There is no part called ${name}.`);
      return `${begin}\n${part()}\n${end}`;
    },
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.join(" | ")} |`.replaceAll(/\| {2}(?=\|)/g, "| ");
  return `${[line(head), `|${"---|".repeat(head.length)}`, ...rows.map(line)].join("\n")}\n`;
}

const code = (text: string): string => `\`${text}\``;

function metricTable(): string {
  const all = Object.entries<Metric>(metrics);
  const series = all.reduce((sum, [, metric]) => sum + seriesCount(metric), 0);
  const head = ["Metric", "Kind", "Unit", "Labels", "Meaning", "CloudWatch", "StatsD"];
  const rows = all.map(([name, metric]) => [
    code(name),
    metric.kind,
    metric.unit,
    labelsOf(metric),
    metric.meaning,
    cloudwatchOf(metric),
    metric.statsd === undefined ? "" : code(metric.statsd),
  ]);
  return `${table(head, rows)}\nAll of them together have at most ${series} series in one process, whatever clients do.\n`;
}

function labelsOf({ labels = {}, buckets }: Metric): string {
  const listed = Object.entries(labels).map(([name, values]) => {
    if (values.length > VALUES_LISTED_MAX) return `${code(name)}: ${values.length} values`;
    return values[0] === "*" ? code(name) : `${code(name)}: ${values.map(code).join(", ")}`;
  });
  if (buckets !== undefined) listed.push(`buckets ${buckets[0]} to ${buckets.at(-1)}`);
  return listed.join("; ");
}

function cloudwatchOf(metric: Metric): string {
  if (metric.cloudwatch === undefined) return "";
  const way = metric.cloudwatch === "emf" ? "EMF" : "scraped";
  return metric.cloudwatchLabel === undefined ? way : `${way}, by ${code(metric.cloudwatchLabel)}`;
}

function logMetricTable(): string {
  const rows = Object.entries<LogMetric>(logMetrics).map(
    ([name, { event, dimension, meaning }]) => [
      code(name),
      code(eventNameOf(event)),
      dimension === undefined ? "`FleetId`" : `\`FleetId\`, ${code(dimension)}`,
      meaning,
    ],
  );
  return table([`Metric in ${code(LOG_NAMESPACE)}`, "Counts", "Dimensions", "Meaning"], rows);
}

function eventTable(): string {
  const all = Object.entries<LogEvent>(logEvents) as [EventName, LogEvent][];
  const rows = all.map(([event, { level, fields, meaning, sampledBy }]) => [
    code(eventNameOf(event)),
    levelOf(event, level),
    fields.map(code).join(", "),
    meaning,
    sampledBy === undefined ? "" : sampledBy === "" ? "one kind" : code(sampledBy),
  ]);
  return table(["Event", "Level", "Fields", "Meaning", "Sampled by"], rows);
}

function levelOf(event: EventName, level: LogEvent["level"]): string {
  if (event === "vendorMessage") return "as said";
  return level === "never" ? "not written" : level;
}

function cost(): string {
  const billed = billedMetrics();
  const events = scrapedEvents();
  const perDay = (events * EVENT_BYTES * 86_400) / SCRAPE.intervalS / 1e6;
  const sets = dimensionSets({ ...metrics.fleetroom_players });
  return `- **Metrics**: at most ${billed.fleet} custom metrics for a fleet and ${billed.location} more for each of its locations, in ${code(NAMESPACE)}, ${code(LOG_NAMESPACE)} and the host's
  namespace, with every value of every label. Each is a set of dimensions, such as ${sets.map((set) => set.map(code).join(" and ")).join(", or ")}; processes, instances, game sessions and players are never one.
- **Log bytes**: what is scraped passes through ${code(METRICS_LOG_GROUP)}. A process makes ${events} log events of about ${EVENT_BYTES} bytes every ${SCRAPE.intervalS} s, ${perDay.toFixed(0)} MB a day,
  one for each combination of label values, idle or not. Times the processes of the fleet, this is the largest part of the bill.
`;
}

function alarmTable(): string {
  const rows = Object.entries(alarms).map(([name, alarm]) => [
    `<a id="${alarmAnchor(name)}"></a>${code(name)}`,
    `${alarm.meaning} Rings at ${ringsAt(alarm)}.`,
    alarm.lookAt,
    alarm.toDo,
  ]);
  return table(["Alarm", "What it means", "What to look at", "What to do"], rows);
}

function ringsAt({ terms, expression, comparison, threshold, periods, periodS }: Alarm): string {
  const ids = Object.entries(terms).map(([id, { metric, statistic, value }]) => {
    const of = value === undefined ? "" : ` of ${value}`;
    return expression === undefined ? `${statistic} of ${code(metric)}${of}` : id;
  });
  const watched = expression === undefined ? ids.join() : code(expression);
  const [beyond, of] = periods;
  const minutes = `${(of * periodS) / 60} min`;
  const lasting =
    beyond === of ? `for ${minutes}` : `in ${beyond} of ${of} periods of ${periodS} s`;
  return `${watched} ${comparison} ${threshold} ${lasting}`;
}
