/**
 * What CloudWatch in fact has: namespaces, metrics and their dimensions, as the agent's configuration declares them. The
 * dashboard and the alarms are held against it.
 * @module
 */
import {
  dimensionSets,
  FLEET_DIMENSION,
  HOST_NAMESPACE,
  LOCATION_DIMENSION,
  LOG_NAMESPACE,
  NAMESPACE,
  sentBy,
} from "../../server/telemetry/catalogue/cloudwatch.ts";
import {
  GAMELIFT_METRICS,
  HOST_METRICS,
  type Term,
} from "../../server/telemetry/catalogue/cloudwatch-terms.ts";
import { type LogMetric, logMetrics } from "../../server/telemetry/catalogue/log-metrics.ts";
import { type Metric, seriesCount } from "../../server/telemetry/catalogue/metric.ts";
import { metrics } from "../../server/telemetry/catalogue/metrics.ts";

const GAMELIFT_NAMESPACE = "AWS/GameLift";

/** A metric as something names it, with a value for each of its dimensions. */
export interface NamedSeries {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** CloudWatch's, such as `Sum` or `p99`. */
  readonly statistic: string;
}

/** A metric as it is published. */
export interface PublishedMetric {
  readonly namespace: string;
  readonly metric: string;
  /** Exactly these sets of dimensions exist. */
  readonly dimensionSets: readonly (readonly string[])[];
  /** Values of dimensions that are closed sets; a fleet or a location has any. */
  readonly values: Readonly<Record<string, readonly string[]>>;
  /** Percentiles need single values, which scraped metrics are not. */
  readonly hasPercentiles: boolean;
}

const FLEET = [[FLEET_DIMENSION]];
const PLACES = [[FLEET_DIMENSION, LOCATION_DIMENSION], [FLEET_DIMENSION]];

export function publishedMetrics(): readonly PublishedMetric[] {
  return [...serverMetrics(), ...ofLog(), ...hostMetrics(), ...ofGameLift()];
}

function serverMetrics(): PublishedMetric[] {
  const ways = ["prometheus", "emf"] as const;
  return ways.flatMap((way) =>
    sentBy(way).map(([metric, row]) => ({
      namespace: NAMESPACE,
      metric,
      dimensionSets: dimensionSets(row),
      values: row.labels ?? {},
      hasPercentiles: way === "emf",
    })),
  );
}

function ofLog(): PublishedMetric[] {
  return Object.entries<LogMetric>(logMetrics).map(([metric, { dimension }]) => ({
    namespace: LOG_NAMESPACE,
    metric,
    dimensionSets: [dimension === undefined ? [FLEET_DIMENSION] : [FLEET_DIMENSION, dimension]],
    values:
      dimension === "outcome"
        ? { outcome: metrics.fleetroom_game_sessions_total.labels.outcome }
        : {},
    hasPercentiles: false,
  }));
}

function hostMetrics(): PublishedMetric[] {
  return HOST_METRICS.map((metric) => ({
    namespace: HOST_NAMESPACE,
    metric,
    dimensionSets: FLEET,
    values: {},
    hasPercentiles: false,
  }));
}

function ofGameLift(): PublishedMetric[] {
  return GAMELIFT_METRICS.map((metric) => ({
    namespace: GAMELIFT_NAMESPACE,
    metric,
    dimensionSets: PLACES,
    values: {},
    hasPercentiles: false,
  }));
}

/** The label of a term's series beside the place. */
export function termDimension(term: Term): string | undefined {
  if (term.source === "server") {
    const metric: Metric = metrics[term.metric];
    return metric.cloudwatchLabel;
  }
  if (term.source === "log") {
    const row: LogMetric = logMetrics[term.metric];
    return row.dimension;
  }
  return undefined;
}

export function termNamespace(term: Term): string {
  const namespaces = {
    server: NAMESPACE,
    log: LOG_NAMESPACE,
    host: HOST_NAMESPACE,
    gamelift: GAMELIFT_NAMESPACE,
  };
  return namespaces[term.source];
}

/** Whether a term's series exists for a location, too. */
export function isByLocation(term: Term): boolean {
  return term.source === "server" || term.source === "gamelift";
}

/** CloudWatch metrics that a fleet is billed for at most, and each of its locations on top. */
export function billedMetrics(): { readonly fleet: number; readonly location: number } {
  const ours = publishedMetrics().filter(({ namespace }) => namespace !== GAMELIFT_NAMESPACE);
  const sets = ours.flatMap((each) => each.dimensionSets.map((set) => ({ each, set })));
  const count = (isLocation: boolean) =>
    sets
      .filter(({ set }) => set.includes(LOCATION_DIMENSION) === isLocation)
      .map(({ each, set }) => combinations(each, set))
      .reduce((sum, combinations) => sum + combinations, 0);
  return { fleet: count(false), location: count(true) };
}

function combinations({ values }: PublishedMetric, set: readonly string[]): number {
  return set.reduce((product, name) => product * (values[name]?.length ?? 1), 1);
}

/** Log events of one process that a scrape becomes in CloudWatch Logs at most: series with the same labels share one. */
export function scrapedEvents(): number {
  const scraped = sentBy("prometheus").map(([, metric]) => metric);
  const labelled = scraped.filter((metric) => metric.labels !== undefined);
  return 1 + labelled.reduce((sum, metric) => sum + seriesCount(metric), 0);
}
