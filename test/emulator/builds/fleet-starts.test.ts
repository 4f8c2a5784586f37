import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import {
  CreateBuildCommand,
  CreateFleetCommand,
  DeleteFleetCommand,
  DescribeFleetAttributesCommand,
  DescribeFleetEventsCommand,
} from "@aws-sdk/client-gamelift";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { ChildProcesses } from "../../../emulator/supervisor/child/child-processes.ts";
import { until } from "../../support/in-process-server.ts";
import { EmulatorWorld } from "../emulator-world.ts";
import { granted, RecordingLink } from "../plane/plane-world.ts";
import { type ZipMember, zipOf } from "./zips.ts";

const SERVER = { name: "bin/server", content: "#!/bin/sh\n", mode: 0o100755 };

class BuildWorld implements AsyncDisposable {
  readonly world: EmulatorWorld;

  private constructor(world: EmulatorWorld) {
    this.world = world;
  }

  static async open(over: Parameters<typeof EmulatorWorld.open>[0] = {}) {
    return new BuildWorld(await EmulatorWorld.open({ hasRates: false, ...over }));
  }

  async build(members: readonly ZipMember[]): Promise<string> {
    const client = this.world.client();
    const made = await client.send(
      new CreateBuildCommand({ OperatingSystem: "AMAZON_LINUX_2023", ServerSdkVersion: "5.5.0" }),
    );
    const keys = made.UploadCredentials;
    const s3 = new S3Client({
      endpoint: this.world.emulator.url,
      region: "us-west-2",
      forcePathStyle: true,
      credentials: {
        accessKeyId: keys?.AccessKeyId ?? "",
        secretAccessKey: keys?.SecretAccessKey ?? "",
        sessionToken: keys?.SessionToken ?? "",
      },
    });
    const { Bucket, Key } = made.StorageLocation ?? {};
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: await zipOf(members) }));
    s3.destroy();
    return made.Build?.BuildId ?? "";
  }

  async fleet(BuildId: string, LaunchPath = "/local/game/bin/server"): Promise<string> {
    const made = await this.world.client().send(
      new CreateFleetCommand({
        Name: "of a build",
        BuildId,
        EC2InstanceType: "c5.large",
        RuntimeConfiguration: { ServerProcesses: [{ LaunchPath, ConcurrentExecutions: 1 }] },
      }),
    );
    expect(made.FleetAttributes?.Status).toBe("NEW");
    return made.FleetAttributes?.FleetId ?? "";
  }

  async status(FleetId: string): Promise<string | undefined> {
    const input = { FleetIds: [FleetId] };
    const { FleetAttributes } = await this.world
      .client()
      .send(new DescribeFleetAttributesCommand(input));
    return FleetAttributes?.[0]?.Status;
  }

  async events(FleetId: string): Promise<string[]> {
    const { Events = [] } = await this.world
      .client()
      .send(new DescribeFleetEventsCommand({ FleetId, Limit: 100 }));
    return Events.map(({ EventCode = "" }) => EventCode);
  }

  async becomes(FleetId: string, status: string): Promise<void> {
    const { fleets } = this.world.emulator.plane;
    await until(() => fleets.find(FleetId)?.status === status, 5_000);
  }

  /** Its newest process says what a server process says. */
  ready(FleetId: string): void {
    const { processes } = this.world.emulator.plane;
    const process = processes.list(FleetId).at(-1);
    if (process === undefined) throw new Error("no process was started");
    const sdk = { sdkVersion: "5.5.0", sdkLanguage: "Go" };
    granted(processes.connect({ ...process, ...sdk }, new RecordingLink()));
    granted(processes.ready(process, { port: 7_000, logPaths: [], ...sdk }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.world[Symbol.asyncDispose]();
  }
}

describe("a fleet of an uploaded build", () => {
  it("[EV21] goes from NEW to ACTIVE by its first ready process, with the service's events in their order", async () => {
    await using build = await BuildWorld.open();
    const fleetId = await build.fleet(await build.build([SERVER, { name: "install.sh" }]));
    await until(() => build.world.children.length === 1, 5_000);
    expect(await build.status(fleetId)).toBe("ACTIVATING");
    build.ready(fleetId);
    expect(await build.status(fleetId)).toBe("ACTIVE");
    expect(await build.events(fleetId)).toEqual([
      "FLEET_CREATED",
      "FLEET_STATE_DOWNLOADING",
      "FLEET_CREATION_EXTRACTING_BUILD",
      "GENERIC_EVENT",
      "FLEET_STATE_VALIDATING",
      "FLEET_CREATION_VALIDATING_RUNTIME_CONFIG",
      "FLEET_STATE_BUILDING",
      "FLEET_STATE_ACTIVATING",
      "FLEET_STATE_ACTIVE",
    ]);
  });

  it("[EV22] is in ERROR when a launch path leads to nothing in the build, whatever lies on this machine", async () => {
    await using build = await BuildWorld.open();
    const buildId = await build.build([SERVER]);
    const wrong = await build.fleet(buildId, "/local/game/server");
    await build.becomes(wrong, "ERROR");
    expect(await build.events(wrong)).toContain("FLEET_VALIDATION_LAUNCH_PATH_NOT_FOUND");
    const outside = await build.fleet(buildId, "/bin/sh");
    await build.becomes(outside, "ERROR");
    expect(build.world.children).toEqual([]);
  });

  it("[EV22] is in ERROR when its processes end three times before one was ready, and none is started then", async () => {
    await using build = await BuildWorld.open({ timeScale: 1_000 });
    const fleetId = await build.fleet(await build.build([SERVER]));
    for (const count of [1, 2, 3]) {
      await until(() => build.world.children.length === count, 5_000);
      build.world.children.at(-1)?.end({ code: 1, signal: null });
    }
    await build.becomes(fleetId, "ERROR");
    const events = await build.events(fleetId);
    expect(events.slice(-3)).toEqual([
      "FLEET_VALIDATION_EXECUTABLE_RUNTIME_FAILURE",
      "FLEET_ACTIVATION_FAILED",
      "FLEET_STATE_ERROR",
    ]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(build.world.children).toHaveLength(3);
  });

  it("[EV23] has the files of its own build to itself, and they go with it", async () => {
    await using build = await BuildWorld.open();
    const ids: string[] = [];
    for (const text of ["one", "two"]) {
      const members = [SERVER, { name: "which", content: text }];
      ids.push(await build.fleet(await build.build(members)));
    }
    await until(() => build.world.children.length === 2, 5_000);
    const roots = ids.map((id) => path.join(build.world.dataFolder, "games", id));
    expect(roots.map((root) => readFileSync(path.join(root, "which"), "utf8"))).toEqual([
      "one",
      "two",
    ]);
    expect(build.world.children.map(({ command }) => command.folder).sort()).toEqual(
      [...roots].sort(),
    );
    expect(
      build.world.children.map(({ command }) => path.relative(command.folder, command.program)),
    ).toEqual(["bin/server", "bin/server"]);
    const [FleetId] = ids;
    await build.world.client().send(new DeleteFleetCommand({ FleetId }));
    expect(build.world.children.filter(({ signals }) => signals.length > 0)).toHaveLength(1);
  });

  it("[EV24] runs install.sh when it was asked to, in the build's root, and keeps what it wrote", async () => {
    await using build = await BuildWorld.open({
      runsInstallers: true,
      children: new ChildProcesses(),
      environment: { PATH: process.env["PATH"], AWS_SECRET_ACCESS_KEY: "canary" },
    });
    const script = (line: string) => ({
      name: "install.sh",
      content: `#!/bin/sh\n${line}\n`,
      mode: 0o100755,
    });
    const good = await build.fleet(await build.build([SERVER, script("env; ls; touch installed")]));
    await until(
      () => build.world.emulator.plane.fleets.find(good)?.status !== "DOWNLOADING",
      5_000,
    );
    await until(() => build.world.emulator.plane.fleets.find(good)?.status !== "NEW", 5_000);
    const root = path.join(build.world.dataFolder, "games", good);
    await until(
      () => statSync(path.join(root, "installed"), { throwIfNoEntry: false }) !== undefined,
      5_000,
    );
    const output = path.join(build.world.dataFolder, "output", `install-${good}.log`);
    await until(() => readFileSync(output, "utf8").includes("install.sh"), 5_000);
    expect(readFileSync(output, "utf8")).not.toContain("canary");
    await until(
      () => build.world.emulator.plane.fleets.find(good)?.status !== "DOWNLOADING",
      5_000,
    );
    expect(await build.events(good)).toEqual(
      expect.arrayContaining([
        "FLEET_CREATION_RUNNING_INSTALLER",
        "FLEET_CREATION_COMPLETED_INSTALLER",
      ]),
    );

    const bad = await build.fleet(
      await build.build([SERVER, script("echo no such package; exit 7")]),
    );
    await build.becomes(bad, "ERROR");
    const event = build.world.emulator.plane.fleetEvents
      .list(bad)
      .find(({ code }) => code === "FLEET_CREATION_FAILED_INSTALLER");
    expect(event?.message).toMatch(/exit code 7\. Its last words: no such package /);
    const windows = { ...script("true\r"), content: "#!/bin/sh\r\ntrue\r\n" };
    const crlf = await build.fleet(await build.build([SERVER, windows]));
    await build.becomes(crlf, "ERROR");
    expect(build.world.emulator.plane.fleetEvents.list(crlf).at(-2)?.message).toMatch(
      /line ends LF/,
    );
  });

  it("[EA30] needs a READY build of Amazon Linux and Server SDK 5", async () => {
    await using build = await BuildWorld.open();
    const client = build.world.client();
    const made = async (input: object) =>
      (
        await client.send(
          new CreateBuildCommand({ OperatingSystem: "AMAZON_LINUX_2023", ...input }),
        )
      ).Build?.BuildId ?? "";
    await expect(build.fleet(await made({}))).rejects.toThrow("is INITIALIZED");
    await expect(build.fleet("build-none")).rejects.toMatchObject({ name: "NotFoundException" });
    const old = await build.build([SERVER]);
    const { builds } = build.world.emulator.plane;
    Object.assign(builds.find(old) ?? {}, { serverSdkVersion: "4.0.2" });
    await expect(build.fleet(old)).rejects.toThrow("4.0.2");
    Object.assign(builds.find(old) ?? {}, {
      serverSdkVersion: "5.5.0",
      operatingSystem: "WINDOWS_2022",
    });
    await expect(build.fleet(old)).rejects.toThrow("WINDOWS_2022");
  });
});
