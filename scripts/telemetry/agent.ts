/**
 * The CloudWatch agent's configuration, for each place that it runs in.
 * @module
 */
import {
  dimensionSets,
  FLEET_DIMENSION,
  HOST_NAMESPACE,
  LOG_GROUP,
  METRICS_LOG_GROUP,
  NAMESPACE,
  sentBy,
} from "../../server/telemetry/catalogue/cloudwatch.ts";
import { JOB } from "./scrape.ts";
import {
  ADDRESSES,
  AGENT_DIRECTORY,
  FLEET_ID_PLACEHOLDER,
  FLEET_ROOT,
  PROCESS_PATTERN,
  RETENTION_DAYS,
  SCRAPE_FILE,
} from "./sidecar.ts";

export type AgentPlace = "ec2" | "anywhere" | "container";

export function agentConfiguration(place: AgentPlace): object {
  const isContainer = place === "container";
  return {
    agent: {
      metrics_collection_interval: 60,
      // In a container nobody reads a file.
      logfile: isContainer ? "" : `${AGENT_DIRECTORY}/logs/amazon-cloudwatch-agent.log`,
      ...(isContainer ? {} : { run_as_user: "cwagent" }),
      omit_hostname: true,
    },
    logs: {
      log_stream_name: streamName(place),
      force_flush_interval: 5,
      // A container's standard output goes to CloudWatch Logs by itself.
      ...(isContainer ? {} : { logs_collected: { files: { collect_list: [serverLogs(place)] } } }),
      metrics_collected: {
        ...(isContainer ? {} : { emf: { service_address: ADDRESSES.emf } }),
        prometheus: prometheus(),
      },
    },
    // A container's processes and memory are not to be seen from the one beside it.
    ...(isContainer ? {} : { metrics: hostMetrics() }),
  };
}

function streamName(place: AgentPlace): string {
  return place === "ec2" ? "{instance_id}" : "{hostname}";
}

function serverLogs(place: AgentPlace): object {
  return {
    file_path: `${FLEET_ROOT}/logs/*/server.jsonl`,
    log_group_name: LOG_GROUP,
    log_stream_name: streamName(place),
    // Without it only the newest of the processes' files would be followed.
    publish_multi_logs: true,
    timestamp_format: "%Y-%m-%dT%H:%M:%S.%f",
    timezone: "UTC",
    encoding: "utf-8",
    retention_in_days: RETENTION_DAYS.server,
    filters: [{ type: "exclude", expression: '"level":"debug"' }],
  };
}

/** A histogram cannot go this way: the agent drops it, and keeps counters, gauges and summaries. */
function prometheus(): object {
  const scraped = sentBy("prometheus");
  return {
    prometheus_config_path: SCRAPE_FILE,
    log_group_name: METRICS_LOG_GROUP,
    cluster_name: JOB,
    emf_processor: {
      metric_namespace: NAMESPACE,
      metric_declaration_dedup: true,
      metric_unit: Object.fromEntries(scraped.map(([name, { unit }]) => [name, unit])),
      metric_declaration: declarations(),
    },
  };
}

/** One for all metrics that have the same sets of dimensions. */
function declarations(): object[] {
  const bySets = new Map<string, string[]>();
  for (const [name, metric] of sentBy("prometheus")) {
    const sets = JSON.stringify(dimensionSets(metric));
    bySets.set(sets, [...(bySets.get(sets) ?? []), name]);
  }
  return [...bySets].map(([sets, names]) => ({
    source_labels: ["job"],
    label_matcher: `^${JOB}$`,
    metric_selectors: [`^(${names.join("|")})$`],
    dimensions: JSON.parse(sets) as string[][],
  }));
}

/** By fleet alone: an instance as a dimension would be a set of billed metrics for each. */
function hostMetrics(): object {
  const ofFleet = { append_dimensions: { [FLEET_DIMENSION]: FLEET_ID_PLACEHOLDER } };
  const byFleet = { ...ofFleet, drop_original_metrics: ["*"] };
  return {
    namespace: HOST_NAMESPACE,
    aggregation_dimensions: [[FLEET_DIMENSION]],
    metrics_collected: {
      statsd: {
        service_address: ADDRESSES.statsd,
        metrics_collection_interval: 10,
        metrics_aggregation_interval: 60,
        allowed_pending_messages: 10_000,
      },
      // All cores together: with resources each would be a sample beside them, and the most of one is not the machine's.
      cpu: { measurement: ["usage_active"], totalcpu: true, ...byFleet },
      // It has no dimension but the fleet: the agent puts nothing together there, so that the original is what there is.
      mem: { measurement: ["used_percent"], ...ofFleet },
      disk: { measurement: ["used_percent"], resources: ["/"], ...byFleet },
      net: {
        measurement: ["bytes_sent", "bytes_recv", "drop_in", "drop_out"],
        // Network cards have names that begin so; loopback does not.
        resources: ["e*"],
        ...byFleet,
      },
      procstat: [
        { pattern: PROCESS_PATTERN, measurement: ["cpu_usage", "memory_rss"], ...byFleet },
      ],
    },
  };
}
