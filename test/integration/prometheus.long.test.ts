import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type RunningPrometheus, startPrometheus } from "../../scripts/dev/prometheus.ts";
import { scrapeConfiguration } from "../../scripts/telemetry/scrape.ts";

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

async function startScraped(targetsDir: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, ["test/support/scraped-process.ts", targetsDir], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  return child;
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
      const said = execFileSync(PROMTOOL, ["check", "config", file], { encoding: "utf8" });
      expect(said).toContain("SUCCESS");
      expect(said).not.toMatch(/WARN|FAIL/i);
    }
  });
});

describe.skipIf(!isInstalled)("a real Prometheus", () => {
  const home = mkdtempSync(path.join(tmpdir(), "fleetroom-prometheus-"));
  const targetsDir = path.join(home, "targets");
  const children: ChildProcess[] = [];
  let prometheus: RunningPrometheus | undefined;

  beforeAll(async () => {
    mkdirSync(targetsDir);
    prometheus = startPrometheus({ targetsDir, dataDir: home, port: await freePort() });
    await prometheus?.ready();
    while (children.length < PROCESSES) {
      const starts = Array.from({ length: STARTS_AT_ONCE }, () => startScraped(targetsDir));
      children.push(...(await Promise.all(starts)));
    }
  }, 120_000);

  afterAll(async () => {
    for (const child of children) child.kill("SIGKILL");
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

  it("[TG3] forgets a process that was killed when another has looked", async () => {
    children.pop()?.kill("SIGKILL");
    await expect
      .poll(async () => (await targetsOf(running())).length, { timeout: GONE_MS, interval: 500 })
      .toBe(PROCESSES - 1);
    expect(readdirSync(targetsDir)).toHaveLength(PROCESSES - 1);
  });

  it("[TG1] forgets a process that ends in good order at once", async () => {
    const child = children.pop();
    const exited = child && once(child, "exit");
    child?.kill("SIGTERM");
    expect(await exited).toEqual([0, null]);
    expect(readdirSync(targetsDir)).toHaveLength(PROCESSES - 2);
    await expect
      .poll(async () => (await targetsOf(running())).length, { timeout: 8_000, interval: 200 })
      .toBe(PROCESSES - 2);
  });
});
