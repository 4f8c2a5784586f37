/**
 * Where the sidecar's parts meet: addresses, paths, intervals, limits.
 * @module
 */
import { AGENT_PORTS } from "../../server/telemetry/catalogue/cloudwatch.ts";

/** On loopback only; without a host the agent would listen on every interface. */
export const ADDRESSES = {
  statsd: `127.0.0.1:${AGENT_PORTS.statsd}`,
  emf: `tcp:127.0.0.1:${AGENT_PORTS.emf}`,
} as const;

/** Where the build of a managed EC2 fleet lies. Elsewhere `install.sh` puts its own in place of it. */
export const FLEET_ROOT = "/local/game";

/** `install.sh` puts the fleet's id in its place: the agent knows nothing of fleets. */
export const FLEET_ID_PLACEHOLDER = "FLEET_ID";

/** Where the agent looks for its files. */
export const AGENT_DIRECTORY = "/opt/aws/amazon-cloudwatch-agent";
export const SCRAPE_FILE = `${AGENT_DIRECTORY}/etc/prometheus.yaml`;

/** What `install.sh` and a container's image put beside the agent's configuration there. */
export const CONTAINER = {
  targetsDir: "/var/fleetroom/targets",
  tokenFile: "/var/fleetroom/admin-token",
} as const;

export const SCRAPE = {
  /**
   * CloudWatch keeps a sample a minute. Each scrape is written to CloudWatch Logs, which is paid by the byte, so that one
   * every 15 s would cost four times as much and show nothing more.
   */
  intervalS: 60,
  timeoutS: 5,
  /** A process has at most 500 series. */
  samplesMax: 2_000,
  /** How often discovery reads the directory even if nothing told it to. */
  refreshS: 15,
} as const;

/** How long CloudWatch keeps lines; its own default is for good. Must be one of its values. */
export const RETENTION_DAYS = { server: 30, metrics: 3 } as const;

/** Matches the command lines of our processes: `node …/server/main.ts`, or the bundle. */
export const PROCESS_PATTERN = "node .*(server/main\\.ts|server\\.mjs)";
