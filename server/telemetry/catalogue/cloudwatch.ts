/**
 * Under which names CloudWatch has what this server tells: namespaces, dimensions, log groups.
 * @module
 */
import type { Metric } from "./metric.ts";
import { type MetricName, metrics } from "./metrics.ts";

/** Of the server's own metrics, scraped or by EMF. */
export const NAMESPACE = "fleetroom";
/** Of the machine's, from the agent. */
export const HOST_NAMESPACE = "fleetroom/host";
/** Of those that are counted from log lines. */
export const LOG_NAMESPACE = "fleetroom/log";

/** Lines of the server. */
export const LOG_GROUP = "/fleetroom/server";
/** What the agent scraped, and EMF lines: CloudWatch makes metrics of them, and nobody reads them. */
export const METRICS_LOG_GROUP = "/fleetroom/metrics";

/** Where the agent listens on this machine; its StatsD moves aside where Amazon's collector has the first. */
export const AGENT_PORTS = { statsd: 8_125, statsdBeside: 8_135, emf: 25_888 } as const;

export const FLEET_DIMENSION = "FleetId";
export const LOCATION_DIMENSION = "Location";

/**
 * The sets of dimensions that a metric has in CloudWatch, each for a location and for the fleet. Counters by label are
 * there in sum as well; gauges by label are not, since percentiles or states cannot be added up.
 */
export function dimensionSets(metric: Metric): readonly (readonly string[])[] {
  const places = [[FLEET_DIMENSION, LOCATION_DIMENSION], [FLEET_DIMENSION]];
  const label = metric.cloudwatchLabel;
  if (label === undefined) return places;
  const labelled = places.map((place) => [...place, label]);
  return metric.kind === "gauge" ? labelled : [...places, ...labelled];
}

/** The metrics that go to CloudWatch in one of the ways. */
export function sentBy(way: NonNullable<Metric["cloudwatch"]>): readonly [MetricName, Metric][] {
  const all = Object.entries<Metric>(metrics) as [MetricName, Metric][];
  return all.filter(([, metric]) => metric.cloudwatch === way);
}
