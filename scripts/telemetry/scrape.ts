/**
 * The Prometheus configuration that the CloudWatch agent scrapes by, and that a real Prometheus takes as well.
 * @module
 */
import { stringify } from "yaml";
import { sentBy } from "../../server/telemetry/catalogue/cloudwatch.ts";
import { TARGETS_GLOB } from "../../server/telemetry/targets/targets-file.ts";
import { SCRAPE } from "./sidecar.ts";

/** The job's name, which the agent's declarations match. */
export const JOB = "fleetroom";

export interface ScrapeOptions {
  /** Where the targets files are. */
  readonly targetsDir: string;
  /** A file with the admin port's token, where the port is open to more than this machine. */
  readonly tokenFile?: string;
  /** Seconds; {@link SCRAPE} unless given. */
  readonly intervalS?: number;
  /** Whether only what goes to CloudWatch is kept; true unless given. */
  readonly keepsCloudwatchOnly?: boolean;
}

export function scrapeConfiguration(options: ScrapeOptions): string {
  const { targetsDir, tokenFile, intervalS = SCRAPE.intervalS } = options;
  const names = sentBy("prometheus").map(([name]) => name);
  const keep = { source_labels: ["__name__"], regex: names.join("|"), action: "keep" };
  const timeoutS = Math.min(SCRAPE.timeoutS, intervalS);
  return stringify(
    {
      global: { scrape_interval: `${intervalS}s`, scrape_timeout: `${timeoutS}s` },
      scrape_configs: [
        {
          job_name: JOB,
          sample_limit: SCRAPE.samplesMax,
          ...(tokenFile === undefined
            ? {}
            : { authorization: { type: "Bearer", credentials_file: tokenFile } }),
          file_sd_configs: [
            { files: [`${targetsDir}/${TARGETS_GLOB}`], refresh_interval: `${SCRAPE.refreshS}s` },
          ],
          ...(options.keepsCloudwatchOnly === false ? {} : { metric_relabel_configs: [keep] }),
        },
      ],
    },
    { lineWidth: 0 },
  );
}
