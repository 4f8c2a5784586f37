/**
 * Every file that is made of the registries, with what should be in it.
 * @module
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { stringify } from "yaml";
import { agentConfiguration } from "./agent.ts";
import { alarmsTemplate } from "./alarms-template.ts";
import { dashboardBody } from "./dashboard.ts";
import { dashboardTemplate } from "./dashboard-template.ts";
import { withParts } from "./page-parts.ts";
import { scrapeConfiguration } from "./scrape.ts";
import { CONTAINER, FLEET_ROOT } from "./sidecar.ts";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Long texts stay on one line, and nothing refers to what stands elsewhere. */
const YAML = { lineWidth: 0, aliasDuplicateObjects: false };
/** CloudFormation reads YAML 1.1, in which a bare `yes` is no text. */
const CLOUDFORMATION_YAML = { ...YAML, version: "1.1" } as const;

export interface GeneratedFile {
  /** Below the repository. */
  readonly path: string;
  readonly text: string;
}

const WRITTEN_BY =
  "# Written by `npm run telemetry` from server/telemetry/catalogue. Do not edit.\n";

export function generatedFiles(): readonly GeneratedFile[] {
  return [
    json("infra/cloudwatch-agent/ec2.json", agentConfiguration("ec2")),
    json("infra/cloudwatch-agent/anywhere.json", agentConfiguration("anywhere")),
    json("infra/cloudwatch-agent/container.json", agentConfiguration("container")),
    {
      path: "infra/cloudwatch-agent/prometheus.yaml",
      text: WRITTEN_BY + scrapeConfiguration({ targetsDir: `${FLEET_ROOT}/targets` }),
    },
    {
      path: "infra/cloudwatch-agent/prometheus-container.yaml",
      text: WRITTEN_BY + scrapeConfiguration(CONTAINER),
    },
    json("infra/dashboards/fleetroom.json", dashboardBody()),
    // YAML: as JSON it would be longer than what CloudFormation takes without a bucket.
    template("infra/alarms.yaml", alarmsTemplate()),
    template("infra/dashboard.yaml", dashboardTemplate()),
    page("docs/TELEMETRY.md"),
    page("docs/RUNBOOK.md"),
    page("docs/SIDECAR.md"),
  ];
}

/** Those whose text is not what it should be, by path. */
export function outdatedFiles(root = ROOT): readonly GeneratedFile[] {
  return generatedFiles().filter((file) => textOf(path.join(root, file.path)) !== file.text);
}

function json(file: string, value: object): GeneratedFile {
  return { path: file, text: `${JSON.stringify(value, null, 2)}\n` };
}

function template(file: string, value: object): GeneratedFile {
  return { path: file, text: WRITTEN_BY + stringify(value, CLOUDFORMATION_YAML) };
}

function page(file: string): GeneratedFile {
  return { path: file, text: withParts(readFileSync(path.join(ROOT, file), "utf8")) };
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined; // Not there yet, which is out of date as well.
  }
}
