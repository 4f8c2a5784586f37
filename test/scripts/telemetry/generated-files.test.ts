import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import Ajv from "ajv-draft-04";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { agentConfiguration } from "../../../scripts/telemetry/agent.ts";
import { alarmAnchor, alarmsTemplate } from "../../../scripts/telemetry/alarms-template.ts";
import { dashboardBody } from "../../../scripts/telemetry/dashboard.ts";
import { generatedFiles, outdatedFiles, ROOT } from "../../../scripts/telemetry/generated-files.ts";
import {
  problemsOf,
  seriesOfDashboard,
  seriesOfTemplate,
} from "../../../scripts/telemetry/named-series.ts";
import { withParts } from "../../../scripts/telemetry/page-parts.ts";
import { publishedMetrics } from "../../../scripts/telemetry/published.ts";
import { scrapeConfiguration } from "../../../scripts/telemetry/scrape.ts";
import { alarms } from "../../../server/telemetry/catalogue/alarms.ts";
import { NAMESPACE, sentBy } from "../../../server/telemetry/catalogue/cloudwatch.ts";
import { type LogEvent, logEvents } from "../../../server/telemetry/catalogue/log-events.ts";
import { type LogMetric, logMetrics } from "../../../server/telemetry/catalogue/log-metrics.ts";
import { metrics } from "../../../server/telemetry/catalogue/metrics.ts";
import { EmfTelemetry } from "../../../server/telemetry/emf/emf-telemetry.ts";
import { FakeClock } from "../../support/fake-clock.ts";

/** CloudFormation's limit for a template that is handed over as it is. */
const TEMPLATE_BYTES_MAX = 51_200;

const read = (file: string): string => readFileSync(path.join(ROOT, file), "utf8");

const schema = JSON.parse(read("test/fixtures/cloudwatch-agent-schema.json")) as object;
const isValid = new Ajv.default({ strict: false, allErrors: true }).compile(schema);

describe("npm run telemetry", () => {
  it("[SC1] has written every file as the registries stand", () => {
    expect(outdatedFiles().map(({ path }) => path)).toEqual([]);
  });

  it("[SC1] names each file that is out of date and ends with 1", () => {
    expect(outdatedFiles("/nowhere").map(({ path }) => path)).toEqual(
      generatedFiles().map(({ path }) => path),
    );
    const run = (...flags: string[]) =>
      spawnSync(process.execPath, ["scripts/telemetry.ts", "--check", ...flags], {
        cwd: ROOT,
        encoding: "utf8",
      });
    const elsewhere = run("--into", "/nowhere");
    expect(elsewhere.status).toBe(1);
    for (const { path } of generatedFiles()) expect(elsewhere.stderr).toContain(path);
    expect(run()).toMatchObject({ status: 0, stdout: "", stderr: "" });
  });

  it("[SC1] refuses a page that asks for a part that is not there", () => {
    const page = "<!-- made of the registry: no-such-part -->\n<!-- end -->";
    expect(() => withParts(page)).toThrow("no part called no-such-part");
  });
});

describe("the agent's configuration", () => {
  it.each(["ec2", "anywhere", "container"] as const)(
    "[SC2] for %s is valid by the agent's own schema",
    (place) => {
      const written: unknown = JSON.parse(read(`infra/cloudwatch-agent/${place}.json`));
      isValid(written);
      expect(isValid.errors ?? []).toEqual([]);
    },
  );

  it("[SC2] would be refused with a key or a value that the agent does not know", () => {
    const broken = structuredClone(agentConfiguration("ec2")) as {
      logs: { logs_collected: { files: { collect_list: Record<string, unknown>[] } } };
    };
    const [list] = [broken.logs.logs_collected.files.collect_list];
    list[0] = { ...list[0], retention_in_days: 31, colour: "red" };
    expect(isValid(broken)).toBe(false);
  });

  it("[SC3] listens on loopback alone", () => {
    for (const place of ["ec2", "anywhere", "container"] as const) {
      const text = JSON.stringify(agentConfiguration(place));
      const addresses = [...text.matchAll(/"service_address":"([^"]*)"/g)].map(([, each]) => each);
      expect(addresses).toEqual(
        place === "container" ? [] : ["tcp:127.0.0.1:25888", "127.0.0.1:8125"],
      );
    }
  });

  it("[SC3] keeps of a scrape what becomes a CloudWatch metric, which no histogram can", () => {
    const { scrape_configs } = parse(scrapeConfiguration({ targetsDir: "/t" })) as {
      scrape_configs: { metric_relabel_configs: { regex: string }[] }[];
    };
    const kept = scrape_configs[0]?.metric_relabel_configs[0]?.regex.split("|") ?? [];
    const text = JSON.stringify(agentConfiguration("ec2"));
    const declared = [...text.matchAll(/"metric_selectors":\["\^\(([^)]*)\)\$"\]/g)].flatMap(
      ([, names = ""]) => names.split("|"),
    );
    expect(kept.length).toBeGreaterThan(20);
    expect([...declared].sort()).toEqual([...kept].sort());
    const histograms = sentBy("prometheus").filter(([, { kind }]) => kind === "histogram");
    expect(histograms).toEqual([]);
  });

  it("[SC11] gives up no metric of the machine that it does not have by fleet as well", () => {
    // What the agent's inputs put on their metrics by themselves: without any, nothing is put together by fleet.
    const own: Record<string, readonly string[]> = {
      ...{ cpu: ["cpu"], disk: ["path", "device", "fstype"], mem: [], net: ["interface"] },
    };
    const { metrics: machine } = agentConfiguration("ec2") as {
      metrics: {
        aggregation_dimensions: string[][];
        metrics_collected: Record<
          string,
          { append_dimensions?: object; drop_original_metrics?: string[] }
        >;
      };
    };
    for (const [input, dimensions] of Object.entries(own)) {
      const { append_dimensions = {}, drop_original_metrics } =
        machine.metrics_collected[input] ?? {};
      const all = [...dimensions, ...Object.keys(append_dimensions)];
      const [byFleet = []] = machine.aggregation_dimensions;
      expect(all, input).toEqual(expect.arrayContaining(byFleet));
      // The agent's source: a set as large as the metric's own is passed over.
      const isPutTogether = byFleet.length < all.length;
      expect(drop_original_metrics !== undefined, input).toBe(isPutTogether);
    }
    // Single cores beside their total would be put together with it.
    expect(machine.metrics_collected["cpu"]).toMatchObject({ totalcpu: true });
    expect(machine.metrics_collected["cpu"]).not.toHaveProperty("resources");
  });

  it("[SC3] has only fleet, location and one closed label as dimensions", () => {
    for (const { metric, dimensionSets, values } of publishedMetrics()) {
      for (const set of dimensionSets) {
        const labels = set.filter((name) => name !== "FleetId" && name !== "Location");
        expect(labels.length, metric).toBeLessThanOrEqual(1);
        for (const label of labels) {
          expect(values[label]?.length ?? 0, `${metric} ${label}`).toBeGreaterThan(0);
          expect(values[label]?.length, metric).toBeLessThanOrEqual(25);
        }
      }
    }
  });
});

describe("the dashboard and the alarms", () => {
  it("[SC4] name only metrics that are published, with the dimensions that they have", () => {
    const published = publishedMetrics();
    const onDashboard = seriesOfDashboard(JSON.parse(read("infra/dashboards/fleetroom.json")));
    const inAlarms = seriesOfTemplate(parse(read("infra/alarms.yaml")));
    expect(onDashboard.length).toBeGreaterThan(60);
    expect(inAlarms.length).toBeGreaterThan(Object.keys(alarms).length);
    expect(problemsOf([...onDashboard, ...inAlarms], published)).toEqual([]);
  });

  it("[SC4] have the same name for a metric as the lines that the server sends itself", () => {
    const clock = new FakeClock();
    const lines: string[] = [];
    const out = { write: (line: string) => void lines.push(line) };
    const fixed = { properties: {}, logGroupName: "", fleetId: "fleet-1", location: "eu-west-1" };
    const emf = new EmfTelemetry({ clock, out, ...fixed });
    const ids = {
      gameSessionName: "",
      placementId: "",
      matchId: "",
      ticketId: "",
      traceParent: "",
    };
    emf.gameSessionPlaced({ gameSessionId: "gsess-1", ...ids });
    emf.tickRan({ durationMs: 1, lateMs: 0, intervalMs: 50, commands: 0 });
    emf.joinEnded({
      ...{ connectionId: 1, transport: "tcp", outcome: "joined", durationMs: 5, traceParent: "" },
    });
    emf.fleetCallEnded({ action: "accept_player_session", outcome: "ok", durationMs: 5 });
    clock.advance(60_000);
    const { _aws } = JSON.parse(lines[0] ?? "") as {
      _aws: {
        CloudWatchMetrics: {
          Namespace: string;
          Dimensions: string[][];
          Metrics: { Name: string; Unit: string }[];
        }[];
      };
    };
    const [sent] = _aws.CloudWatchMetrics;
    const published = publishedMetrics().filter(({ hasPercentiles }) => hasPercentiles);
    expect(sent?.Namespace).toBe(NAMESPACE);
    expect(sent?.Metrics.map(({ Name }) => Name).sort()).toEqual(
      published.map(({ metric }) => metric).sort(),
    );
    for (const { dimensionSets } of published) expect(dimensionSets).toEqual(sent?.Dimensions);
  });

  it("[SC4] count log lines that are always written, by fields that they have", () => {
    for (const [name, { event, dimension, where = {} }] of Object.entries<LogMetric>(logMetrics)) {
      const row: LogEvent = logEvents[event];
      expect(row.sampledBy, name).toBeUndefined();
      expect(["error", "warn", "info"], name).toContain(row.level);
      const fields = [...Object.keys(where), ...(dimension === undefined ? [] : [dimension])];
      expect(
        fields.filter((field) => !row.fields.includes(field)),
        name,
      ).toEqual([]);
    }
    const outcomes = publishedMetrics().find(({ metric }) => metric === "game_sessions_ended");
    expect(outcomes?.values["outcome"]).toEqual(
      metrics.fleetroom_game_sessions_total.labels.outcome,
    );
  });

  it("[SC5] link every alarm to its row in the runbook", () => {
    const runbook = read("docs/RUNBOOK.md");
    const template = JSON.stringify(alarmsTemplate());
    for (const name of Object.keys(alarms)) {
      expect(runbook).toContain(`<a id="${alarmAnchor(name)}"></a>`);
      expect(template).toContain(`#${alarmAnchor(name)}"`);
    }
  });

  it("[SC12] leave out without an agent what could only be silent, or ring for ever", () => {
    const { Resources, Conditions } = alarmsTemplate() as {
      Resources: Record<string, { Type: string; Condition?: string }>;
      Conditions: object;
    };
    const always = Object.entries(Resources)
      .filter(([, { Type, Condition }]) => Type.endsWith("::Alarm") && Condition === undefined)
      .map(([name]) => name);
    expect(Conditions).toHaveProperty("HasAgent");
    expect(always).toEqual(expect.arrayContaining(["TicksLate", "RoomsBreak", "ProcessesDie"]));
    for (const name of ["TelemetrySilent", "ProcessUnwell", "MemoryHigh", "JoinsFail"]) {
      expect(Resources[name]?.Condition, name).toBe("HasAgent");
      expect(always).not.toContain(name);
    }
  });

  it("[SC5] fit what CloudFormation and CloudWatch take", () => {
    expect(Buffer.byteLength(read("infra/alarms.yaml"))).toBeLessThan(TEMPLATE_BYTES_MAX);
    for (const [name, { expression = "", terms, meaning, periodS }] of Object.entries(alarms)) {
      expect(meaning.length, name).toBeLessThan(800);
      expect(expression.length, name).toBeLessThan(1_024);
      expect(periodS % 60, name).toBe(0);
      for (const id of Object.keys(terms)) {
        expect(id).toMatch(/^[a-z][a-zA-Z0-9_]{0,254}$/);
        if (expression !== "") expect(expression).toMatch(new RegExp(`\\b${id}\\b`));
      }
      if (expression === "") expect(Object.keys(terms), name).toHaveLength(1);
    }
    const { widgets } = dashboardBody() as {
      widgets: { x: number; width: number; properties: { metrics?: unknown[] } }[];
    };
    for (const { x, width, properties } of widgets) {
      expect(x + width).toBeLessThanOrEqual(24);
      expect(properties.metrics?.length ?? 1).toBeLessThanOrEqual(500);
    }
  });
});
