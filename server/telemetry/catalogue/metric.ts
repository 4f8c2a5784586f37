type MetricKind = "counter" | "gauge" | "histogram";

/** As CloudWatch names it; Prometheus's is in the name. */
type MetricUnit = "Count" | "Seconds" | "Bytes" | "Count/Second" | "None";

export interface Metric {
  readonly kind: MetricKind;
  readonly unit: MetricUnit;
  /** One line, also Prometheus's HELP: without its name, without an end stop. */
  readonly meaning: string;
  /** Label names and every value each can have. */
  readonly labels?: Readonly<Record<string, readonly string[]>>;
  /** Upper bounds of a histogram, in its unit. */
  readonly buckets?: readonly number[];
  /**
   * Whether the CloudWatch agent makes a CloudWatch metric of it, by fleet and location. A histogram cannot go that way;
   * `emf` sends its percentiles by themselves. What happens at the end of a process is not scraped any more: it is
   * counted from log lines, see `log-metrics.ts`.
   */
  readonly cloudwatch?: "prometheus" | "emf";
  /** The label that is a dimension in CloudWatch, where each of its values is a billed metric; others are summed over. */
  readonly cloudwatchLabel?: string;
  /** GameLift's own name for it, sent over StatsD. */
  readonly statsd?: string;
}

/** Series that a metric has at most; a histogram has one for each bucket, one for the rest, a sum and a count. */
export function seriesCount(metric: Metric): number {
  const sets = Object.values(metric.labels ?? {});
  const combinations = sets.reduce((product, values) => product * values.length, 1);
  return combinations * (metric.kind === "histogram" ? (metric.buckets?.length ?? 0) + 3 : 1);
}
