import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type FleetsWorld,
  isAsPrinted,
  manifest,
  NODE,
  printedCalls,
  type ScriptEnd,
  SERVER_SDK_VERSION,
  type SentCall,
  FleetsWorld as World,
  withoutRepeats,
} from "./fleets-world.ts";

let here: FleetsWorld;

beforeAll(async () => {
  here = await World.open();
});
afterAll(() => here[Symbol.asyncDispose]());

/** What a script sent, and how it ended. */
async function ran(
  script: string,
  args: readonly string[],
): Promise<ScriptEnd & { sent: SentCall[] }> {
  const before = here.sent.length;
  const end = await here.run(script, args);
  return { ...end, sent: here.sent.slice(before) };
}

/** The calls of a dry run, which must send nothing. */
async function printed(script: string, args: readonly string[]): Promise<SentCall[]> {
  const end = await ran(script, [...args, "--dry-run"]);
  expect(end).toMatchObject({ code: 0, sent: [] });
  return printedCalls(end);
}

function expectAsPrinted(calls: readonly SentCall[], sent: readonly SentCall[]): void {
  const [wanted, real] = [withoutRepeats(calls), withoutRepeats(sent)];
  expect(real.map(({ operation }) => operation)).toEqual(wanted.map(({ operation }) => operation));
  for (const [index, { operation, input }] of wanted.entries()) {
    const other = real[index]?.input;
    if (operation !== "PutObject") {
      expect(isAsPrinted(input, other), `${operation}: ${JSON.stringify([input, other])}`).toBe(
        true,
      );
    }
  }
}

describe("the scripts for fleets, as a person runs them", () => {
  let buildId = "";
  let fleetId = "";

  it("[SP3] upload-build makes a build of what the manifest says, and prints its id alone", async () => {
    const zip = await here.zip([NODE, manifest()]);
    const args = ["--zip", zip];
    const calls = await printed("upload-build", args);
    const { code, stdout, stderr, sent } = await ran("upload-build", args);
    expect(stderr).not.toContain("canary");
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^build-[0-9a-f-]{36}\n$/)]);
    buildId = stdout.trim();
    expect(here.plane.builds.find(buildId)).toMatchObject({
      name: "game",
      version: "1.2.3",
      status: "READY",
      serverSdkVersion: SERVER_SDK_VERSION,
    });
    // [SP11] for this script.
    expectAsPrinted(calls, sent);
    const bytes = Number(/\((\d+) bytes\)/.exec(JSON.stringify(calls))?.[1]);
    expect(sent.find(({ operation }) => operation === "PutObject")?.input).toMatchObject({ bytes });
  });

  it("[SP12] says whole lines with their seconds to standard error, and no terminal's commands", async () => {
    const { stderr } = await ran("upload-build", ["--zip", await here.zip()]);
    const lines = stderr.trimEnd().split("\n");
    expect(lines.length).toBeGreaterThanOrEqual(4);
    for (const line of lines) expect(line).toMatch(/^\[ +\d+ s\] [^\p{Cc}]+$/u);
    expect(stderr).toContain("(100 %)");
  });

  it("[SP4] upload-build sends the zip again when it breaks off, with other keys, and gives up after the third time", async () => {
    const args = ["--zip", await here.zip()];
    here.brokenUploads = 1;
    const { code, stderr, sent } = await ran("upload-build", args);
    expect([code, stderr]).toEqual([0, expect.stringContaining("once more, with other keys")]);
    expect(sent.map(({ operation }) => operation).slice(0, 4)).toEqual([
      "CreateBuild",
      "PutObject",
      "RequestUploadCredentials",
      "PutObject",
    ]);
    here.brokenUploads = 9;
    const failed = await ran("upload-build", args);
    here.brokenUploads = 0;
    expect(failed.code).toBe(1);
    expect(failed.sent.filter(({ operation }) => operation === "PutObject")).toHaveLength(3);
    expect(failed.stderr).toMatch(
      /Stands: build \S+ is there without its zip: aws gamelift delete-build/,
    );
    for (const secret of ["canary", "ASIA"]) expect(stderr + failed.stderr).not.toContain(secret);
  });

  it("[SP11] create-fleet sends what it prints, and waits until the fleet is ACTIVE", async () => {
    const args = ["--build-id", buildId, "--name", "live", "--processes", "2", "--alias", "live"];
    args.push("--available-percent", "25", "--max-instances", "3", "--locations", "eu-west-1");
    args.push("--role-arn", "arn:aws:iam::123456789012:role/fleetroom", "--description", "a game");
    const calls = await printed("create-fleet", args);
    const { code, stdout, stderr, sent } = await ran("create-fleet", args);
    expect([code, stderr]).toEqual([0, expect.stringContaining("FLEET_STATE_ACTIVE")]);
    expectAsPrinted(calls, sent);
    fleetId = stdout.trim();
    const fleet = here.plane.fleets.find(fleetId);
    expect(fleet).toMatchObject({
      status: "ACTIVE",
      buildId,
      instanceType: "c7i.large",
      newGameSessionProtectionPolicy: "FullProtection",
      certificateType: "GENERATED",
      inboundPermissions: [
        { fromPort: 7_000, toPort: 7_049, ipRange: "0.0.0.0/0", protocol: "TCP" },
      ],
      capacities: {
        "us-west-2": { desired: 1, minimum: 0, maximum: 3 },
        "eu-west-1": { desired: 1, minimum: 0, maximum: 3 },
      },
    });
    const [launch] = fleet?.runtimeConfiguration.serverProcesses ?? [];
    expect(launch).toMatchObject({
      launchPath: "/local/game/bin/node",
      parameters: expect.stringMatching(/^--max-old-space-size=1024 .*--port 7000-7049$/),
      concurrentExecutions: 2,
    });
    expect(here.plane.aliases.list()[0]?.routing).toEqual({ type: "SIMPLE", fleetId });
  });

  it("[SP6] create-fleet goes on with the fleet that is there, and leaves another one's alias alone", async () => {
    const args = ["--build-id", buildId, "--name", "live", "--processes", "2", "--alias", "live"];
    const again = await ran("create-fleet", args);
    expect([again.code, again.stdout.trim()]).toEqual([0, fleetId]);
    expect(again.sent.filter(({ operation }) => operation.startsWith("Create"))).toEqual([]);
    const other = await ran("create-fleet", ["--build-id", buildId, "--alias", "live"]);
    expect([other.code, other.stderr]).toEqual([1, expect.stringContaining("FLEETS_UNCLEAR")]);
    expect(other.stderr).toMatch(/npm run roll-fleet -- --alias alias-\S+ --to fleet-/);
    expect(other.stderr).toMatch(/Stands: fleet fleet-\S+ is ACTIVE/);
  });

  it("[SP7] create-fleet says why a fleet is in ERROR, what to do, and what stands", async () => {
    const zip = await here.zip([{ name: "server", mode: 0o100755 }], "other.zip");
    const version = ["--operating-system", "AMAZON_LINUX_2023", "--server-sdk-version", "5.5.0"];
    const missing = await ran("upload-build", ["--zip", zip]);
    expect([missing.code, missing.sent]).toEqual([1, []]);
    expect(missing.stderr).toMatch(
      /--operating-system: must be given.*\n.*--server-sdk-version: must/,
    );
    const other = (await ran("upload-build", ["--zip", zip, ...version])).stdout.trim();
    const { code, stdout, stderr } = await ran("create-fleet", ["--build-id", other]);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain("FLEETS_FLEET_FAILED");
    expect(stderr).toContain("see whether the zip has a folder around everything");
    expect(stderr).toMatch(/Stands: fleet fleet-\S+ is ERROR/);
    expect(stderr).toMatch(/aws gamelift delete-fleet --fleet-id fleet-/);
  });

  it("[SP7] says what to do about a call that AWS refuses or nobody hears", async () => {
    const unknown = await ran("create-fleet", ["--build-id", "build-none"]);
    expect(unknown.stderr).toMatch(
      /DescribeBuild: NotFoundException: .*\n {2}What to do: see whether the id/,
    );
    const nobody = await ran("create-fleet", [
      "--build-id",
      buildId,
      "--endpoint-url",
      "http://127.0.0.1:9",
    ]);
    expect([nobody.code, nobody.stderr]).toEqual([1, expect.stringContaining("ECONNREFUSED")]);
    expect(nobody.stderr).toContain("What to do: see whether http://127.0.0.1:9 can be reached");
    const tight = await ran("create-fleet", [
      "--build-id",
      buildId,
      "--processes",
      "50",
      "--locations",
      "us-west-2",
    ]);
    expect(tight.stderr).toMatch(
      /--processes = 50: so many.*\n.*--locations: us-west-2 is the home Region/s,
    );
  });

  it("[SP11] roll-fleet sends what it prints: a fleet like the old one, the alias, the old one emptied", async () => {
    const old = { ...here.plane.fleets.find(fleetId) };
    const aliasId = here.plane.aliases.list()[0]?.aliasId ?? "";
    const zip = await here.zip([NODE, manifest({ version: "2" })]);
    const next = (await ran("upload-build", ["--zip", zip])).stdout.trim();
    // In one Region: how many calls there are for others only the service knows.
    const args = ["--alias", aliasId, "--build-id", next, "--delete-old"];
    const calls = await printed("roll-fleet", args);
    const { code, stdout, stderr, sent } = await ran("roll-fleet", args);
    expect([code, stderr]).toEqual([0, expect.stringContaining("is deleted")]);
    const home = sent.filter(
      ({ input }) => (input as { Location?: string }).Location !== "eu-west-1",
    );
    const plain = home.filter(({ operation }) => operation !== "PutScalingPolicy");
    const printedFleet = calls.map(({ operation, input }) =>
      operation === "CreateFleet"
        ? { operation, input: { ...(input as object), Locations: "<Locations>" } }
        : { operation, input },
    );
    expectAsPrinted(printedFleet, absentAdded(plain));
    const fresh = here.plane.fleets.find(stdout.trim());
    expect(fresh).toMatchObject({
      buildId: next,
      name: old.name,
      description: `a game (takes the place of ${fleetId})`,
      runtimeConfiguration: old.runtimeConfiguration,
      inboundPermissions: old.inboundPermissions,
      certificateType: old.certificateType,
      capacities: old.capacities,
    });
    expect(here.plane.scalingPolicies.list(fresh?.fleetId ?? "")).toMatchObject([
      { members: { TargetConfiguration: { TargetValue: 25 } } },
    ]);
    expect(here.plane.aliases.find(aliasId)?.routing).toEqual({
      type: "SIMPLE",
      fleetId: fresh?.fleetId,
    });
    expect(here.plane.fleets.find(fleetId)).toBeUndefined();
  });

  it("[SP9] roll-fleet that is interrupted says what stands, and goes on when it is run again", async () => {
    const aliasId = here.plane.aliases.list()[0]?.aliasId ?? "";
    const before = here.plane.aliases.find(aliasId)?.routing;
    const zip = await here.zip([NODE, manifest({ version: "3" })]);
    const next = (await ran("upload-build", ["--zip", zip])).stdout.trim();
    const args = ["--alias", aliasId, "--build-id", next];
    here.arePrompt = false;
    const stopped = await here.run("roll-fleet", args, "is ACTIVATING");
    here.arePrompt = true;
    expect(stopped).toMatchObject({ code: 1, stdout: "" });
    expect(stopped.stderr).toContain(
      "FLEETS_INTERRUPTED: stopped. The same command goes on from there.",
    );
    expect(stopped.stderr).toMatch(
      /Stands: alias \S+ leads to fleet \S+\nStands: fleet \S+ is ACTIVATING/,
    );
    expect(here.plane.aliases.find(aliasId)?.routing).toEqual(before);
    for (const process of here.plane.processes.list()) {
      if (process.state === "STARTED") here.plane.processes.kill(process);
    }
    const again = await ran("roll-fleet", args);
    expect([again.code, again.stderr]).toEqual([0, expect.stringContaining("was made for this")]);
    const made = here.plane.fleets.list().filter((each) => each.buildId === next);
    expect(made.map((each) => each.fleetId)).toEqual([again.stdout.trim()]);
  });
});

/** What a fleet does not have is in no input; a printed one cannot know that. */
function absentAdded(calls: readonly SentCall[]): SentCall[] {
  return calls.map(({ operation, input }) =>
    operation === "CreateFleet"
      ? {
          operation,
          input: {
            ResourceCreationLimitPolicy: {},
            ...(input as object),
          },
        }
      : { operation, input },
  );
}
