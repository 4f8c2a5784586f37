import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { zipOf } from "../emulator/builds/zips.ts";
import { EmulatorProgram } from "../support/emulator-program.ts";

const AWS = "/usr/bin/aws";
const isHere = existsSync(AWS);
if (!isHere) process.stderr.write(`skipped: ${AWS} is missing (apt-get install awscli)\n`);

const WITHIN_MS = 30_000;
const ROOT = path.join(import.meta.dirname, "../..");

/** Of whatever operation: the command line's JSON. */
// biome-ignore lint/suspicious/noExplicitAny: a client's view of any operation's output.
type Answer = any;

type Keys = Readonly<Record<string, string>>;

/** Debian's command line, as a person types it. */
function cli(url: string, keys: Keys = { AWS_ACCESS_KEY_ID: "any", AWS_SECRET_ACCESS_KEY: "any" }) {
  const env = {
    PATH: process.env["PATH"] ?? "",
    AWS_DEFAULT_REGION: "us-west-2",
    AWS_EC2_METADATA_DISABLED: "true",
    ...keys,
  };
  return async (...args: readonly string[]): Promise<Answer> => {
    const all = ["--endpoint-url", url, "--output", "json", ...args];
    const { stdout } = await promisify(execFile)(AWS, all, { env, timeout: WITHIN_MS });
    return stdout.trim() === "" ? {} : JSON.parse(stdout);
  };
}

/** The server of this repository in a build that has nothing but the way to it. */
function serverZip(): Promise<Buffer> {
  const command = `exec ${process.execPath} ${path.join(ROOT, "server/main.ts")} --host 127.0.0.1 "$@"`;
  return zipOf([{ name: "bin/server", content: `#!/bin/sh\n${command}\n`, mode: 0o100755 }]);
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + WITHIN_MS;
  while (!(await isTrue())) {
    if (performance.now() > endMs) throw new Error(`not within ${WITHIN_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

describe.skipIf(!isHere)("Debian's aws on the emulator, with a build of one's own", () => {
  it("[SP14] uploads a build, makes a fleet of it that becomes ACTIVE, and changes its capacity", async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-cli-"));
    await using emulator = await EmulatorProgram.start();
    const { url } = emulator;
    const aws = cli(url);
    const gamelift = (...args: readonly string[]) => aws("gamelift", ...args);
    try {
      const file = path.join(folder, "build.zip");
      writeFileSync(file, await serverZip());
      const system = ["--operating-system", "AMAZON_LINUX_2023", "--server-sdk-version", "5.5.0"];
      const { Build, StorageLocation, UploadCredentials } = await gamelift(
        "create-build",
        ...system,
      );
      const { AccessKeyId, SecretAccessKey, SessionToken } = UploadCredentials;
      const uploader = cli(url, {
        AWS_ACCESS_KEY_ID: AccessKeyId,
        AWS_SECRET_ACCESS_KEY: SecretAccessKey,
        AWS_SESSION_TOKEN: SessionToken,
      });
      const { Bucket, Key } = StorageLocation;
      await uploader("s3api", "put-object", "--bucket", Bucket, "--key", Key, "--body", file);
      const build = await gamelift("describe-build", "--build-id", Build.BuildId);
      expect(build.Build.Status).toBe("READY");

      const launch =
        "LaunchPath=/local/game/bin/server,Parameters=--port 21300-21309 --journal-dir= --results-dir=,ConcurrentExecutions=1";
      const { FleetAttributes } = await gamelift(
        "create-fleet",
        ...["--name", "by hand", "--build-id", Build.BuildId, "--ec2-instance-type", "c5.large"],
        ...["--runtime-configuration", `ServerProcesses=[{${launch}}]`],
      );
      const ofFleet = ["--fleet-id", FleetAttributes.FleetId];
      const ofFleets = ["--fleet-ids", FleetAttributes.FleetId];
      await until(async () => {
        const told = await gamelift("describe-fleet-attributes", ...ofFleets);
        return told.FleetAttributes[0].Status === "ACTIVE";
      });
      await gamelift(
        "update-fleet-capacity",
        ...ofFleet,
        "--desired-instances",
        "2",
        "--max-size",
        "3",
      );
      await until(async () => {
        const { FleetCapacity } = await gamelift("describe-fleet-capacity", ...ofFleets);
        return FleetCapacity[0].InstanceCounts.ACTIVE === 2;
      });
      const refused = gamelift("update-fleet-capacity", ...ofFleet, "--desired-instances", "4");
      await expect(refused).rejects.toThrow(/InvalidRequestException.*DesiredInstances 4 must be/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    await emulator.stop();
  });
});
