/**
 * A fleet's process with everything on, and everybody who may watch it: what each of them gets in one match.
 */
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { alarmsTemplate } from "../../scripts/telemetry/alarms-template.ts";
import { dashboardBody } from "../../scripts/telemetry/dashboard.ts";
import {
  problemsOf,
  seriesOfDashboard,
  seriesOfTemplate,
  unseen,
} from "../../scripts/telemetry/named-series.ts";
import { publishedMetrics } from "../../scripts/telemetry/published.ts";
import { METRICS_LOG_GROUP, NAMESPACE } from "../../server/telemetry/catalogue/cloudwatch.ts";
import { CrashReporterStandIn } from "../support/collectors/crash-reporter.ts";
import { EmfListener } from "../support/collectors/emf-listener.ts";
import { StatsdListener } from "../support/collectors/statsd-listener.ts";
import { GameLiftMatch } from "../support/gamelift-match.ts";
import { until } from "../support/in-process-server.ts";
import { LightPlayer } from "../support/light-player.ts";

/** Where the CloudWatch agent listens beside Amazon's collector. */
const AGENT_STATSD_PORT = 8_135;
const AGENT_EMF_PORT = 25_888;
/** GameLift's names are told every 10 s. */
const FLUSHES_MS = 25_000;

const folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-observed-"));

/** The agent's ports are not ours to choose; where an agent is, or another run of this, there is no match to watch. */
async function openCollectors() {
  try {
    const agent = await StatsdListener.open({ mode: "agent", port: AGENT_STATSD_PORT });
    const emf = await EmfListener.open(Date.now, AGENT_EMF_PORT);
    const glOtel = await StatsdListener.open({ mode: "gl-otel" });
    return { agent, emf, glOtel, crashes: await CrashReporterStandIn.open() };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    process.stderr.write("SKIPPED: a match that everybody watches; the agent's ports are taken\n");
    return undefined;
  }
}

const collectors = await openCollectors();

afterAll(() => Promise.all(Object.values(collectors ?? {}).map((each) => each.close())));

function hostWatched(
  statsdPort: number,
  crashReporterPort: number,
  processId = "process-1",
): Promise<GameLiftMatch> {
  return GameLiftMatch.host({
    processId,
    variables: {
      GAMELIFT_STATSD_PORT: String(statsdPort),
      GAMELIFT_CRASH_REPORTER_PORT: String(crashReporterPort),
      GAMELIFT_REGION: "eu-central-1",
    },
    flags: ["--collectors", "both", "--targets-dir", path.join(folder, "targets")],
  });
}

const metricsOf = async (match: GameLiftMatch) =>
  (await fetch(`${match.server.adminUrl}/metrics`)).text();

function targetsOf(): string[] {
  return readdirSync(path.join(folder, "targets")).filter((name) => name.startsWith("server-"));
}

/** Every line of every file of the process. */
function logged(match: GameLiftMatch): string[] {
  const root = path.join(match.server.folder, "logs");
  const files = readdirSync(root).flatMap((ordinal) =>
    readdirSync(path.join(root, ordinal)).map((name) => path.join(root, ordinal, name)),
  );
  return files.flatMap((file) => readFileSync(file, "utf8").trimEnd().split("\n"));
}

describe.skipIf(collectors === undefined)("a match that everybody watches", () => {
  if (collectors === undefined) return;
  const { glOtel, agent, emf, crashes } = collectors;
  const host = (processId?: string) => hostWatched(glOtel.port, crashes.port, processId);

  it("[OB1] is told to each collector by its own rules, and to the dashboards all that they name", async () => {
    await using match = await host();
    const { server, arn } = match;
    const pid = server.child.pid ?? 0;
    const players = await Promise.all(
      ["anna", "ben", "carla"].map((name, index) =>
        match.join(name, { transport: index === 0 ? "ws" : "tcp" }),
      ),
    );
    const refused = ["psess-00000000-1111-2222-3333-444444444444", "of-another-shape-12345678"];
    for (const id of refused) {
      expect(await LightPlayer.join({ port: match.port, transport: "tcp" }, id)).toBe(4401);
    }
    const steering = setInterval(() => {
      for (const player of players) player.steer();
    }, 50);
    const targets = targetsOf();
    const [target] = JSON.parse(
      readFileSync(path.join(folder, "targets", targets[0] ?? ""), "utf8"),
    ) as { targets: string[]; labels: Record<string, string> }[];
    await new Promise((resolve) => setTimeout(resolve, FLUSHES_MS));
    clearInterval(steering);
    const metrics = await metricsOf(match);
    const live = await fetch(`${server.adminUrl}/live`);
    const reader = live.body?.getReader();
    const picture = Buffer.from((await reader?.read())?.value ?? []).toString();
    await reader?.cancel();
    expect(crashes.watched).toEqual([{ pid, gameSessionId: arn }]);
    expect((await match.terminate(6_000)).code).toBe(0);
    await until(() => emf.records.length > 0 && crashes.hasLeft(pid));

    // Each collector's own rules.
    expect([glOtel.problems, agent.problems, emf.problems, crashes.problems]).toEqual([
      [],
      [],
      [],
      [],
    ]);
    const seated = glOtel.metrics.find(
      ({ name, value }) => name === "server_players" && value === 3,
    );
    expect(seated).toMatchObject({
      type: "g",
      tags: { process_pid: String(pid), gamelift_process_id: "process-1", session_id: arn },
    });
    expect(glOtel.metrics.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        ...["server_up", "server_connections", "server_max_players", "server_tick_time"],
        ...["server_tick_time.p95", "server_delta_time.p50", "server_bytes_in"],
        ...["server_packets_out", "server_packets_in_lost"],
      ]),
    );
    expect(glOtel.metrics.findLast(({ name }) => name === "server_up")?.value).toBe(0);
    expect(agent.metrics.length).toBeGreaterThan(10);
    const place = { FleetId: match.service.fleetId, Location: "eu-central-1" };
    for (const { tags } of agent.metrics) expect(tags).toEqual(place);
    // Where the agent's role may write, and lines are not kept for good.
    const groups = emf.lines.map((line) => JSON.parse(line)._aws.LogGroupName as string);
    expect(new Set(groups)).toEqual(new Set([METRICS_LOG_GROUP]));

    // Discovery.
    expect(targets).toHaveLength(1);
    expect(target?.targets).toEqual([new URL(server.adminUrl).host]);
    expect(target?.labels).toMatchObject(place);
    expect(targetsOf()).toEqual([]);

    // Dashboards and alarms.
    const named = [...seriesOfDashboard(dashboardBody()), ...seriesOfTemplate(alarmsTemplate())];
    expect(named.length).toBeGreaterThan(20);
    expect(problemsOf(named, publishedMetrics())).toEqual([]);
    const shown = metrics.matchAll(/^([a-z_]+)(?:\{[^}]*\})? [0-9.e+-]+$/gm);
    const sent = emf.records.flatMap(({ _aws }) =>
      _aws.CloudWatchMetrics.flatMap((each) => each.Metrics.map(({ Name }) => Name)),
    );
    const seen = new Set([...[...shown].map(([, name = ""]) => name), ...sent]);
    expect(unseen(named, seen, new Set([NAMESPACE]))).toEqual([]);

    // Logs: the same lines in both places, and the ids that belong together on each.
    const lines = logged(match);
    expect(lines).toEqual(server.stdout.trimEnd().split("\n"));
    for (const line of lines.slice(1)) {
      const { fleetId, processId } = JSON.parse(line) as Record<string, unknown>;
      expect([fleetId, processId]).toEqual([match.service.fleetId, "process-1"]);
    }
    const ofMatch = server.lines.filter(({ event }) => event.startsWith("player_"));
    expect(ofMatch.length).toBeGreaterThanOrEqual(6);
    for (const line of ofMatch) expect(line["gameSessionId"]).toBe(arn);

    // No secret anywhere.
    const everything = [
      server.stdout,
      server.stderr,
      ...lines,
      metrics,
      picture,
      ...emf.lines,
      ...[...glOtel.packets, ...agent.packets].map(String),
      ...crashes.requests,
      JSON.stringify(target),
    ].join("\n");
    const ids = match.service.playerSessions(arn).map((each) => each.playerSessionId);
    const canaries = [match.service.authToken, ...match.tokens, ...ids, ...refused];
    expect(canaries.length).toBeGreaterThan(8);
    expect(canaries.filter((each) => everything.includes(each))).toEqual([]);
    expect(picture).toContain('"seatsHeld":3');
  });

  it("[OB2] that ends with a kill has crashed, and leaves nobody's goodbye", async () => {
    await using match = await host("process-2");
    const pid = match.server.child.pid ?? 0;
    await until(() => crashes.watched.some((each) => each.gameSessionId === match.arn));
    await match.server.kill();
    crashes.look();
    expect(crashes.crashes).toEqual([{ pid, gameSessionId: match.arn }]);
    expect(crashes.hasLeft(pid)).toBe(false);
  });
});
