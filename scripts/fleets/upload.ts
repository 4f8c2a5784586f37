/**
 * From a zip to a build that is READY.
 * @module
 */
import { UploadFailed } from "./aws/faults.ts";
import type { BuildZip } from "./build-zip.ts";
import type { Output } from "./calls.ts";
import { FleetsError, FleetsErrorCode } from "./errors.ts";
import { FLEETS_LIMITS } from "./limits.ts";
import { megabytes } from "./progress.ts";
import { waitFor } from "./waiting.ts";
import type { Work } from "./work.ts";

export interface UploadOrder {
  readonly zip: BuildZip;
  readonly name: string;
  readonly version: string;
  readonly operatingSystem: string;
  /** Three numbers. GameLift would take 4.0.2 for a build that does not say. */
  readonly serverSdkVersion: string;
}

/** @returns The build's id. @throws FleetsError */
export async function uploadBuild(work: Work, order: UploadOrder): Promise<string> {
  const { calls, progress, signal } = work;
  const { zip, name, version, operatingSystem, serverSdkVersion } = order;
  progress.say(`uploading ${zip.file}, ${megabytes(zip.sizeBytes)} MB, as ${name} ${version}`);
  const created = await calls.call(
    "CreateBuild",
    {
      Name: name,
      Version: version,
      OperatingSystem: operatingSystem as never,
      ServerSdkVersion: serverSdkVersion,
    },
    signal,
  );
  const buildId = created.Build?.BuildId ?? "";
  progress.stands(
    "build",
    `build ${buildId} is there without its zip: aws gamelift delete-build --build-id ${buildId}`,
  );
  progress.say(
    `build ${buildId} is there, for Server SDK ${serverSdkVersion} on ${operatingSystem}`,
  );
  await send(work, zip, buildId, created);
  await ready(work, buildId);
  progress.stands("build", `build ${buildId} is READY`);
  return buildId;
}

type Ticket = Pick<Output<"CreateBuild">, "UploadCredentials" | "StorageLocation">;

async function send(work: Work, zip: BuildZip, buildId: string, first: Ticket): Promise<void> {
  const { calls, progress, signal, time } = work;
  let ticket = first;
  for (let attempt = 1; ; attempt++) {
    try {
      await calls.upload(uploadOf(work, zip, ticket), signal);
      return;
    } catch (error) {
      if (!(error instanceof UploadFailed) || attempt >= FLEETS_LIMITS.uploadTries) throw error;
      progress.say(`${error.message.split("\n")[0]}; once more, with other keys`);
      await time.sleep(FLEETS_LIMITS.uploadRetryMs, signal);
      ticket = await calls.call("RequestUploadCredentials", { BuildId: buildId }, signal);
    }
  }
}

function uploadOf({ progress }: Work, { file, sizeBytes }: BuildZip, ticket: Ticket) {
  const { UploadCredentials: keys, StorageLocation: place } = ticket;
  return {
    file,
    sizeBytes,
    bucket: place?.Bucket ?? "",
    key: place?.Key ?? "",
    accessKeyId: keys?.AccessKeyId ?? "",
    secretAccessKey: keys?.SecretAccessKey ?? "",
    sessionToken: keys?.SessionToken ?? "",
    sent: (bytes: number) => progress.sent(bytes, sizeBytes),
  };
}

async function ready(work: Work, buildId: string): Promise<void> {
  const { calls, progress, signal } = work;
  const wait = {
    ...work,
    atMostMs: FLEETS_LIMITS.buildReadyMs,
    what: `build ${buildId} is not READY`,
    advice: `look at it with aws gamelift describe-build --build-id ${buildId}; when it is READY, go on with create-fleet.`,
  };
  await waitFor(wait, async () => {
    const { Build } = await calls.call("DescribeBuild", { BuildId: buildId }, signal);
    progress.still(`build ${buildId} is ${Build?.Status}`);
    if (Build?.Status !== "FAILED") return Build?.Status === "READY" ? true : undefined;
    throw new FleetsError(
      FleetsErrorCode.FLEETS_BUILD_FAILED,
      `build ${buildId} is FAILED: GameLift could not use the zip.\n  What to do: see whether it opens, make the build again, and upload that; aws gamelift delete-build --build-id ${buildId} removes this one.`,
    );
  });
}
