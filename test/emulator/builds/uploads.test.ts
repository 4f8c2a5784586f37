import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { PassThrough, Readable } from "node:stream";
import {
  CreateBuildCommand,
  DeleteBuildCommand,
  DescribeBuildCommand,
  RequestUploadCredentialsCommand,
} from "@aws-sdk/client-gamelift";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { UPLOAD_BUCKET } from "../../../emulator/builds/uploads.ts";
import { until } from "../../support/in-process-server.ts";
import { EmulatorWorld } from "../emulator-world.ts";
import { zipOf } from "./zips.ts";

const quiet = () => {};
/** Without a checksum behind the body, and without the SDK's own words about what breaks off. */
const PLAIN = {
  requestChecksumCalculation: "WHEN_REQUIRED",
  logger: { debug: quiet, info: quiet, warn: quiet, error: quiet },
} as const;

const OperatingSystem = "AMAZON_LINUX_2023";

/** An emulator, and a build that waits for its zip. */
async function opened() {
  const world = await EmulatorWorld.open({ hasRates: false });
  const client = world.client();
  const answer = await client.send(new CreateBuildCommand({ OperatingSystem }));
  const { Bucket = "", Key = "" } = answer.StorageLocation ?? {};
  const BuildId = answer.Build?.BuildId ?? "";
  const keys = answer.UploadCredentials ?? {};
  const status = async () =>
    (await client.send(new DescribeBuildCommand({ BuildId }))).Build?.Status;
  const s3 = (over: object = {}, options: object = {}) =>
    new S3Client({
      endpoint: world.emulator.url,
      region: "us-west-2",
      forcePathStyle: true,
      maxAttempts: 1,
      ...options,
      credentials: {
        accessKeyId: keys.AccessKeyId ?? "",
        secretAccessKey: keys.SecretAccessKey ?? "",
        sessionToken: keys.SessionToken ?? "",
        ...over,
      },
    });
  const put = (
    Body: Buffer | Readable,
    over: object = {},
    credentials: object = {},
    options = {},
    sending = {},
  ) => s3(credentials, options).send(new PutObjectCommand({ Bucket, Key, Body, ...over }), sending);
  return { world, client, BuildId, Bucket, Key, keys, status, put };
}

const good = () => zipOf([{ name: "server", content: "#!/bin/sh\n", mode: 0o100755 }]);

describe("the upload of a build", () => {
  it("[EA58] takes one zip from the unmodified S3 client, and the build is READY", async () => {
    const { world, client, BuildId, Bucket, put, status } = await opened();
    await using _ = world;
    expect(Bucket).toBe(UPLOAD_BUCKET);
    expect(await status()).toBe("INITIALIZED");
    const body = await good();
    const { ETag } = await put(body);
    expect(ETag).toMatch(/^"[0-9a-f]{32}"$/);
    expect(await status()).toBe("READY");
    const { Build } = await client.send(new DescribeBuildCommand({ BuildId }));
    expect(Build?.SizeOnDisk).toBe(body.length);
    await expect(put(body)).rejects.toThrow("has come already");
    const again = client.send(new RequestUploadCredentialsCommand({ BuildId }));
    await expect(again).rejects.toThrow("is READY");
  });

  it("[EA58] takes other keys for the same build, and none that are not for it", async () => {
    const { world, client, BuildId, Key, keys, put, status } = await opened();
    await using _ = world;
    const body = await good();
    const wrong = [
      [{}, { secretAccessKey: "wrong" }, "SignatureDoesNotMatch"],
      [{}, { sessionToken: "wrong" }, "SignatureDoesNotMatch"],
      [{}, { accessKeyId: "AKIDEXAMPLE000000" }, "InvalidAccessKeyId"],
      [{ Key: `${Key}.other` }, {}, "AccessDenied"],
      [{ Bucket: "elsewhere" }, {}, "Unknown"],
    ] as const;
    for (const [over, credentials, name] of wrong) {
      const failed = await put(body, over, credentials).catch((error: Error) => error);
      if (name === "Unknown") expect(failed).toBeInstanceOf(Error);
      else expect(failed).toMatchObject({ name });
      expect(JSON.stringify(failed)).not.toContain(keys.SecretAccessKey);
    }
    expect(await status()).toBe("INITIALIZED");
    const others = await client.send(new RequestUploadCredentialsCommand({ BuildId }));
    const { AccessKeyId, SecretAccessKey, SessionToken } = others.UploadCredentials ?? {};
    expect(AccessKeyId).not.toBe(keys.AccessKeyId);
    await put(
      body,
      {},
      { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken },
    );
    expect(await status()).toBe("READY");
  });

  it("[EA58] refuses what came otherwise than it was announced, and the build may try again", async () => {
    const { world, put, status } = await opened();
    await using _ = world;
    const body = await good();
    await expect(put(body, { ContentMD5: "AAAAAAAAAAAAAAAAAAAAAA==" })).rejects.toMatchObject({
      name: "BadDigest",
    });
    expect(await status()).toBe("INITIALIZED");
    await put(body);
    expect(await status()).toBe("READY");
  });

  it("[EA58] forgets an upload that breaks off, and says that it does not read chunks of AWS's own", async () => {
    const { world, put, status } = await opened();
    await using _ = world;
    const body = await good();
    const half = new PassThrough();
    half.write(body.subarray(0, 20));
    const gone = AbortSignal.timeout(200);
    const broken = put(half, { ContentLength: body.length }, {}, PLAIN, { abortSignal: gone });
    await expect(broken).rejects.toThrow();
    expect(await status()).toBe("INITIALIZED");
    const { logger } = PLAIN;
    const chunked = put(Readable.from([body]), { ContentLength: body.length }, {}, { logger });
    await expect(chunked).rejects.toThrow("AWS_REQUEST_CHECKSUM_CALCULATION=when_required");
    // The emulator may not have heard yet that the first is gone: the client then tries again by itself.
    await put(body, {}, {}, { logger, maxAttempts: 5 });
    expect(await status()).toBe("READY");
  });

  it("[EA58] has whoever comes while a zip is under way try again, and then says which came", async () => {
    const { world, BuildId, put, status } = await opened();
    await using _ = world;
    const body = await good();
    const slow = new PassThrough();
    slow.write(body.subarray(0, 20));
    const first = put(slow, { ContentLength: body.length }, {}, PLAIN);
    await until(() => existsSync(path.join(world.dataFolder, "builds", `${BuildId}.zip`)));
    await expect(put(body)).rejects.toMatchObject({
      name: "SlowDown",
      $metadata: { httpStatusCode: 503 },
    });
    slow.end(body.subarray(20));
    await first;
    expect(await status()).toBe("READY");
    await expect(put(body)).rejects.toThrow("has come already");
  });

  it("[EA58] says what is wrong with a zip, and the build is FAILED", async () => {
    const { world, put, status } = await opened();
    await using _ = world;
    const failed = put(await zipOf([{ name: "../evil" }]));
    await expect(failed).rejects.toThrow("The zip cannot be used");
    expect(await status()).toBe("FAILED");
    expect(world.printed.join("\n")).toMatch(/is FAILED\. The zip cannot be used/);
  });

  it("[EA58] keeps a zip until its build is deleted, and nothing when it ends", async () => {
    const folder = { path: "" };
    {
      const { world, client, BuildId, put } = await opened();
      await using _ = world;
      folder.path = path.join(world.dataFolder, "builds");
      await put(await good());
      expect(readdirSync(folder.path)).toEqual([`${BuildId}.zip`]);
      await client.send(new DeleteBuildCommand({ BuildId }));
      expect(readdirSync(folder.path)).toEqual([]);
    }
    expect(existsSync(folder.path)).toBe(false);
  });

  it("[EA58] takes nothing but PUT there, and nothing from another web page", async () => {
    const { world } = await opened();
    await using _ = world;
    const url = `${world.emulator.url}/${UPLOAD_BUCKET}/x`;
    expect((await fetch(url)).status).toBe(405);
    const foreign = await fetch(url, {
      method: "PUT",
      headers: { origin: "http://example.org" },
      body: "x",
    });
    expect(foreign.status).toBe(403);
    const unsigned = await fetch(url, { method: "PUT", body: "x" });
    expect([unsigned.status, unsigned.headers.get("content-type")]).toEqual([
      403,
      "application/xml",
    ]);
    expect(await unsigned.text()).toContain("<Code>InvalidAccessKeyId</Code>");
  });
});
