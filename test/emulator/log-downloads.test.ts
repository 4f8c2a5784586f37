import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EMULATOR_LIMITS } from "../../emulator/limits.ts";
import { LogDownloads } from "../../emulator/log-downloads.ts";
import { FakeClock } from "../support/fake-clock.ts";

const SESSION = 'arn:aws:gamelift:us-west-2::gamesession/fleet-a/g"\r\n1';
let folder: string;
let archive: string | undefined;
let clock: FakeClock;
let downloads: LogDownloads;
let tokens: number;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-logs-"));
  archive = path.join(folder, "a.zip");
  writeFileSync(archive, "zip");
  clock = new FakeClock();
  tokens = 0;
  downloads = new LogDownloads({
    archive: (gameSessionId) => (gameSessionId === SESSION ? archive : undefined),
    url: () => "http://127.0.0.1:1",
    clock,
    newToken: () => `token-${++tokens}`,
  });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const get = (requestPath: string) =>
  downloads.handle({
    method: "GET",
    path: requestPath,
    query: new URLSearchParams(),
    headers: {},
    body: Buffer.alloc(0),
  });

describe("a URL of logs", () => {
  it("[EM13] leads to the zip, whose name is no path", async () => {
    expect(downloads.urlFor(SESSION)).toBe("http://127.0.0.1:1/logs/token-1");
    const { status, headers, body } = await get("/logs/token-1");
    expect([status, headers?.["Content-Length"]]).toEqual([200, "3"]);
    expect(headers?.["Content-Disposition"]).toBe('attachment; filename="g___1.zip"');
    expect(await text(body as Readable)).toBe("zip");
  });

  it("[EM13] is there when the logs are, and good for 15 minutes", async () => {
    expect(downloads.urlFor("another")).toBeUndefined();
    downloads.urlFor(SESSION);
    clock.advance(15 * 60_000 - 1);
    const { status, body } = await get("/logs/token-1");
    (body as Readable).destroy();
    expect(status).toBe(200);
    clock.advance(1);
    expect((await get("/logs/token-1")).status).toBe(403);
  });

  it.each([
    "/logs",
    "/logs/",
    "/logs/token",
    "/logs/token-1/",
    "/logs//token-1",
    "/logs/constructor",
  ])("[EM13] is not %s", async (guess) => {
    downloads.urlFor(SESSION);
    expect((await get(guess)).status).toBe(403);
  });

  it("[EM13] leads nowhere when the zip is gone", async () => {
    downloads.urlFor(SESSION);
    rmSync(archive ?? "");
    expect((await get("/logs/token-1")).status).toBe(404);
    archive = undefined;
    expect((await get("/logs/token-1")).status).toBe(404);
  });

  it("[EM13] is forgotten when there are too many newer ones", async () => {
    for (let count = 0; count <= EMULATOR_LIMITS.logUrlsMax; count++) downloads.urlFor(SESSION);
    expect((await get("/logs/token-1")).status).toBe(403);
    const { status, body } = await get("/logs/token-2");
    (body as Readable).destroy();
    expect(status).toBe(200);
  });
});
