import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Report } from "../../../emulator/verify/report.ts";
import { FIXTURE_CLIENT, FIXTURE_SERVER } from "./fixture/verify-fixture.ts";

const OWN_CLIENT = `${process.execPath} scripts/verify-client.ts`;

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-verify-test-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

function start(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, ["emulator/main.ts", "verify", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
}

async function run(...args: readonly string[]): Promise<Ended> {
  const child = start(args);
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk) => {
      output += chunk;
    });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, output };
}

/** `npm start` as a fleet would have it, on this machine alone. */
function ownServer(...flags: readonly string[]): readonly string[] {
  const files = ["--journal-dir", `${folder}/journals`, "--results-dir", `${folder}/results`];
  return ["npm", "start", "--", "--host", "127.0.0.1", "--port", "22100-22149", ...files, ...flags];
}

const fixture = (...flags: readonly string[]) => [process.execPath, FIXTURE_SERVER, ...flags];

async function isGone(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 100; tries++) {
    try {
      process.kill(pid, 0);
    } catch {
      return true;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

async function pidIn(file: string): Promise<number> {
  while (!existsSync(file) || readFileSync(file, "utf8") === "")
    await new Promise((resolve) => setTimeout(resolve, 50));
  return Number(readFileSync(file, "utf8"));
}

describe("npm run emulator -- verify", () => {
  it("[EY12] finds nothing wrong with our own server", async () => {
    const file = path.join(folder, "report.json");
    const matched = ["--matchmaker-data", "test/fixtures/verify/matchmaker-data.json"];
    const flags = ["--client", OWN_CLIENT, "--report", file, "--termination-seconds", "10"];
    const { code, output } = await run(...flags, ...matched, "--", ...ownServer());
    expect(code, output).toBe(0);
    const report = JSON.parse(readFileSync(file, "utf8")) as Report;
    const unkept = report.rules.filter(({ verdict }) => verdict !== "kept");
    expect(unkept.map(({ name }) => name)).toEqual(["keeps-heartbeat-pace"]);
    expect(output).toContain("nothing wrong was found");
  });

  it("[EY12] finds nothing wrong with it on a fleet with a certificate and open ports", async () => {
    const fleets = path.join(folder, "fleet.json");
    const ports = { FromPort: 22_100, ToPort: 22_149, IpRange: "0.0.0.0/0", Protocol: "TCP" };
    const fleet = {
      Name: "ours",
      ComputeType: "EC2",
      BuildId: "build-1111aaaa-22bb-33cc-44dd-5555eeee66ff",
      EC2InstanceType: "c5.large",
      EC2InboundPermissions: [ports],
      RuntimeConfiguration: {
        ServerProcesses: [{ LaunchPath: "/local/game/server", ConcurrentExecutions: 1 }],
      },
      CertificateConfiguration: { CertificateType: "GENERATED" },
    };
    writeFileSync(fleets, JSON.stringify({ Fleets: [fleet] }));
    const flags = ["--config", fleets, "--termination-seconds", "10"];
    const { code, output } = await run(...flags, "--", ...ownServer());
    expect(code, output).toBe(0);
    expect(output).toMatch(/ok +V4 names-valid-port +port 221\d\d/);
  });

  it("[EY13] exits with 1 for a rule that is broken, and names it", async () => {
    const server = fixture("--break", "ignores-terminate-when-idle");
    const { code, output } = await run("--termination-seconds", "1", "--", ...server);
    expect(code, output).toBe(1);
    expect(output).toMatch(/^BROKEN +V37 obeys-terminate-when-idle/m);
    expect(output.trimEnd()).toMatch(/broken: obeys-terminate-when-idle$/);
  });

  it("[EY13] exits with 2 when a command cannot be run, and says which", async () => {
    const server = await run("--", "no-such-server");
    expect(server.code, server.output).toBe(2);
    expect(server.output).toMatch(/EMULATOR_VERIFY_FAILED: the server's command: .*no-such-server/);
    const client = await run("--client", "no-such-client", "--", ...fixture());
    expect(client.code, client.output).toBe(2);
    expect(client.output).toMatch(/EMULATOR_VERIFY_FAILED: the client's command: .*no-such-client/);
    const unwritable = ["--report", path.join(folder, "nowhere", "report.json")];
    const report = await run(
      "--time-scale",
      "300",
      ...unwritable,
      "--",
      ...fixture("--break", "never-connects"),
    );
    expect(report.code, report.output).toBe(2);
    expect(report.output).toMatch(
      /EMULATOR_VERIFY_FAILED: the report cannot be written \(ENOENT\)/,
    );
    const nothing = await run();
    expect(nothing.code, nothing.output).toBe(2);
  });

  it("[EY14] leaves nothing behind, not even when it is killed in the middle", async () => {
    const file = path.join(folder, "pid");
    const flags = ["--client", FIXTURE_CLIENT, "--"];
    const killed = start([...flags, ...fixture("--pid-file", file)]);
    const pid = await pidIn(file);
    killed.kill("SIGKILL");
    expect(await isGone(pid)).toBe(true);

    rmSync(file);
    const stubborn = fixture(
      "--pid-file",
      file,
      "--break",
      "never-exits",
      "--break",
      "never-connects",
    );
    const { code } = await run("--time-scale", "100", "--", ...stubborn);
    expect(code).toBe(1);
    expect(await isGone(await pidIn(file))).toBe(true);
  });
});
