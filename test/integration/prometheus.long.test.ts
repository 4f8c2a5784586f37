import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type RunningPrometheus, startPrometheus } from "../../scripts/dev/prometheus.ts";
import { scrapeConfiguration } from "../../scripts/telemetry/scrape.ts";
import { sentBy } from "../../server/telemetry/catalogue/cloudwatch.ts";
import { seriesCount } from "../../server/telemetry/catalogue/metric.ts";
import { ServerProcess } from "../support/server-process.ts";

const PROMTOOL = "/usr/bin/promtool";
const isInstalled = existsSync("/usr/bin/prometheus") && existsSync(PROMTOOL);
if (!isInstalled) {
  process.stderr.write("skipped: Prometheus is missing (apt-get install prometheus)\n");
}

const PROCESSES = 20;
/** Started at once: two cores have no more to give. */
const STARTS_AT_ONCE = 4;
/** A look of the others every 15 to 30 s, and a refresh of discovery. */
const GONE_MS = 35_000;

/** What Prometheus says of a target, as far as it is used here. */
interface Target {
  readonly scrapeUrl: string;
  readonly health: "up" | "down" | "unknown";
  readonly labels: Readonly<Record<string, string>>;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** Prometheus's own view of the job. */
async function targetsOf({ url }: RunningPrometheus): Promise<readonly Target[]> {
  const response = await fetch(`${url}/api/v1/targets?state=active`);
  const { data } = (await response.json()) as { data: { activeTargets: readonly Target[] } };
  return data.activeTargets;
}

async function countOf(prometheus: RunningPrometheus, query: string): Promise<number> {
  const response = await fetch(`${prometheus.url}/api/v1/query?query=${encodeURIComponent(query)}`);
  const { data } = (await response.json()) as { data: { result: { value: [number, string] }[] } };
  return Number(data.result[0]?.value[1] ?? 0);
}

function promtool(flags: readonly string[], input = "") {
  return spawnSync(PROMTOOL, flags, { input, encoding: "utf8" });
}

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), "fleetroom-prometheus-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe.skipIf(!isInstalled)("the scrape configuration", () => {
  it("[SC9] is one that promtool finds no fault with", () => {
    mkdirSync(path.join(dir, "targets"));
    const target = { targets: ["127.0.0.1:9464"], labels: { FleetId: "fleet-1" } };
    writeFileSync(path.join(dir, "targets/server-1-1.json"), JSON.stringify([target]));
    writeFileSync(path.join(dir, "token"), "a-token-of-16-chars");
    for (const tokenFile of [undefined, path.join(dir, "token")]) {
      const options = { targetsDir: path.join(dir, "targets"), ...(tokenFile && { tokenFile }) };
      const file = path.join(dir, "prometheus.yaml");
      writeFileSync(file, scrapeConfiguration(options));
      const { status, stdout, stderr } = promtool(["check", "config", file]);
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      expect(stdout).toContain("SUCCESS");
      expect(stdout).not.toMatch(/WARN|FAIL/i);
    }
  });
});

describe.skipIf(!isInstalled)("a real Prometheus", () => {
  const home = mkdtempSync(path.join(tmpdir(), "fleetroom-prometheus-"));
  const targetsDir = path.join(home, "targets");
  const servers: ServerProcess[] = [];
  let prometheus: RunningPrometheus | undefined;

  beforeAll(async () => {
    mkdirSync(targetsDir);
    prometheus = startPrometheus({ targetsDir, dataDir: home, port: await freePort() });
    await prometheus?.ready();
    while (servers.length < PROCESSES) {
      const starts = Array.from({ length: STARTS_AT_ONCE }, () =>
        ServerProcess.start({ FLEETROOM_TARGETS_DIR: targetsDir }),
      );
      servers.push(...(await Promise.all(starts)));
    }
  }, 120_000);

  afterAll(async () => {
    await Promise.all(servers.map((server) => server.kill()));
    await prometheus?.stop();
    rmSync(home, { recursive: true, force: true });
  });

  const running = (): RunningPrometheus => {
    if (prometheus === undefined) throw new Error("there is no Prometheus");
    return prometheus;
  };

  it("[SC9] finds 20 processes by their targets files and scrapes them all", async () => {
    const up = async () => (await targetsOf(running())).filter(({ health }) => health === "up");
    await expect.poll(async () => (await up()).length, { timeout: 30_000 }).toBe(PROCESSES);
    const [target] = await up();
    expect(target?.labels).toMatchObject({ job: "fleetroom" });
    await expect
      .poll(() => countOf(running(), "count(fleetroom_healthy)"), { timeout: 15_000 })
      .toBe(PROCESSES);
  });

  it("[SC9] reads metrics that promtool finds no fault with", async () => {
    const [server] = servers;
    const text = await (await fetch(`${server?.adminUrl}/metrics`)).text();
    expect(text).toContain("fleetroom_healthy 1");
    const { status, stdout, stderr } = promtool(["check", "metrics"], text);
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "", stderr: "" });
  });

  it("[SC9] has every series of a scraped metric before anything was counted", async () => {
    // The agent sends differences: what a series begins with is lost to CloudWatch.
    for (const [name, metric] of sentBy("prometheus")) {
      if (metric.kind !== "counter") continue;
      const found = await countOf(running(), `count(${name}{job="fleetroom"})`);
      expect(found, name).toBe(PROCESSES * seriesCount(metric));
    }
  });

  it("[TG3] forgets a process that was killed when another has looked", async () => {
    await servers.pop()?.kill();
    await expect
      .poll(async () => (await targetsOf(running())).length, { timeout: GONE_MS, interval: 500 })
      .toBe(PROCESSES - 1);
    expect(readdirSync(targetsDir)).toHaveLength(PROCESSES - 1);
  });

  it("[TG1] forgets a process that ends in good order at once", async () => {
    expect(await servers.pop()?.stop()).toMatchObject({ code: 0 });
    expect(readdirSync(targetsDir)).toHaveLength(PROCESSES - 2);
    await expect
      .poll(async () => (await targetsOf(running())).length, { timeout: 8_000, interval: 200 })
      .toBe(PROCESSES - 2);
  });
});
