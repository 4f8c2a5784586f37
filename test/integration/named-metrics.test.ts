import { readFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { ROOT } from "../../scripts/telemetry/generated-files.ts";
import {
  seriesOfDashboard,
  seriesOfTemplate,
  unseen,
} from "../../scripts/telemetry/named-series.ts";
import { NAMESPACE } from "../../server/telemetry/catalogue/cloudwatch.ts";
import { GameLiftMatch } from "../support/gamelift-match.ts";
import { until } from "../support/in-process-server.ts";

/** As CloudWatch finds them in a line that the server wrote. */
interface EmfLine {
  readonly _aws: {
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string }[];
    }[];
  };
  readonly FleetId: string;
}

const read = (file: string): string => readFileSync(path.join(ROOT, file), "utf8");
const named = [
  ...seriesOfDashboard(JSON.parse(read("infra/dashboards/fleetroom.json"))),
  ...seriesOfTemplate(parse(read("infra/alarms.yaml"))),
].filter(({ namespace }) => namespace === NAMESPACE);

/** A match that somebody played, on a process that tells all it knows. */
describe("what dashboard and alarms name", () => {
  let scraped = "";
  let emfLines: readonly EmfLine[] = [];
  let ended: Readonly<Record<string, unknown>> | undefined;

  beforeAll(async () => {
    await using match = await GameLiftMatch.host({ flags: ["--collectors", "stdout"] });
    const player = await match.join("anna");
    const metrics = async () => (await fetch(`${match.server.adminUrl}/metrics`)).text();
    // The event loop's delay is of the time since the scrape before.
    const isWhole = () => scraped.includes("fleetroom_event_loop_delay_seconds{");
    for (let tries = 0; tries < 100 && !isWhole(); tries++) scraped = await metrics();
    await player.leave();
    await match.terminate(10_000);
    await until(() => match.logged("server_stopped").length > 0, 1_000);
    ended = match.logged("game_session_ended")[0];
    emfLines = match.server.stdout
      .split("\n")
      .filter((line) => line.includes('"_aws"'))
      .map((line) => JSON.parse(line) as EmfLine);
  }, 30_000);

  it("[SC10] is told while a match is played: every metric", () => {
    const samples = [...scraped.matchAll(/^([a-z_]+)[{ ]/gm)].map(([, name = ""]) => name);
    const sent = emfLines.flatMap(({ _aws }) =>
      _aws.CloudWatchMetrics.flatMap(({ Metrics }) => Metrics.map(({ Name }) => Name)),
    );
    expect(named.length).toBeGreaterThan(60);
    // Histograms go by EMF alone: their samples have other names.
    expect(unseen(named, new Set([...samples, ...sent]), new Set([NAMESPACE]))).toEqual([]);
  });

  it("[SC10] is told while a match is played: every value of a label", () => {
    const missing = named.flatMap(({ metric, dimensions }) =>
      Object.entries(dimensions)
        .filter(([name]) => name !== "FleetId" && name !== "Location")
        .filter(([name, value]) => {
          const series = new RegExp(`^${metric}\\{[^}]*\\b${name}="${value}"`, "m");
          return !series.test(scraped);
        })
        .map(([name, value]) => `${metric} ${name}=${value}`),
    );
    expect(missing).toEqual([]);
  });

  it("[SC10] has the fleet for a dimension, in embedded metrics and in the lines that are counted", () => {
    expect(emfLines.length).toBeGreaterThan(0);
    for (const { _aws, FleetId } of emfLines) {
      expect(FleetId).toMatch(/^fleet-/);
      for (const { Dimensions } of _aws.CloudWatchMetrics)
        expect(Dimensions).toContainEqual(["FleetId"]);
    }
    expect(ended).toMatchObject({ outcome: "drained", fleetId: emfLines[0]?.FleetId });
  });
});
