/**
 * Series of CloudWatch that the alarms and the dashboard name, checked by the compiler as far as it can.
 * @module
 */
import type { LogMetricName } from "./log-metrics.ts";
import type { MetricName } from "./metrics.ts";

/** What CloudWatch makes of the samples of a period. `p99` and the like need single values, as EMF brings them. */
export type Statistic = "Sum" | "Average" | "Minimum" | "Maximum" | "SampleCount" | "p50" | "p99";

interface OfServer {
  readonly source: "server";
  readonly metric: MetricName;
}

interface OfLog {
  readonly source: "log";
  readonly metric: LogMetricName;
}

interface OfHost {
  readonly source: "host";
  readonly metric: HostMetricName;
}

interface OfGameLift {
  readonly source: "gamelift";
  readonly metric: GameLiftMetricName;
}

/** One series of the fleet, or of a location of it. */
export type Term = (OfServer | OfLog | OfHost | OfGameLift) & {
  readonly statistic: Statistic;
  /** The value of the metric's dimension beside the place; the sum over all values without it. */
  readonly value?: string;
};

/** What the agent measures of the machine, by fleet. */
export const HOST_METRICS = [
  "cpu_usage_active",
  "mem_used_percent",
  "disk_used_percent",
  "net_bytes_sent",
  "net_bytes_recv",
  "net_drop_in",
  "net_drop_out",
  "procstat_cpu_usage",
  "procstat_memory_rss",
] as const;
export type HostMetricName = (typeof HOST_METRICS)[number];

/** What Amazon GameLift measures itself, by fleet and by location. Source: its developer guide. */
export const GAMELIFT_METRICS = [
  "ActiveGameSessions",
  "ActiveInstances",
  "ActiveServerProcesses",
  "AvailableGameSessions",
  "CurrentPlayerSessions",
  "HealthyServerProcesses",
  "IdleInstances",
  "PercentAvailableGameSessions",
  "PercentHealthyServerProcesses",
  "ServerProcessAbnormalTerminations",
  "ServerProcessActivations",
  "ServerProcessTerminations",
] as const;
export type GameLiftMetricName = (typeof GAMELIFT_METRICS)[number];

export const server = (metric: MetricName, statistic: Statistic, value?: string): Term => ({
  source: "server",
  metric,
  statistic,
  ...(value === undefined ? {} : { value }),
});

export const log = (metric: LogMetricName, value?: string): Term => ({
  source: "log",
  metric,
  statistic: "Sum",
  ...(value === undefined ? {} : { value }),
});

export const host = (metric: HostMetricName, statistic: Statistic): Term => ({
  source: "host",
  metric,
  statistic,
});

export const gamelift = (metric: GameLiftMetricName, statistic: Statistic): Term => ({
  source: "gamelift",
  metric,
  statistic,
});
