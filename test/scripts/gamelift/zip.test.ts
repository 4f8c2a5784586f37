import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { unpackZip } from "../../../emulator/builds/zip.ts";
import { writeZip } from "../../../scripts/gamelift/zip.ts";

const folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

const FILES = [
  { name: "bin/program", bytes: Buffer.from("#!/bin/sh\n"), mode: 0o755 },
  { name: "data/zeros", bytes: Buffer.alloc(2_000), mode: 0o644 },
  { name: "empty", bytes: Buffer.alloc(0), mode: 0o644 },
];

describe("the zip of a build", () => {
  it("[BG4] has the same bytes again, whatever the time and the zone", async () => {
    const first = await writeZip(path.join(folder, "first.zip"), FILES);
    const source = `
      import { writeZip } from ${JSON.stringify(path.resolve("scripts/gamelift/zip.ts"))};
      const files = JSON.parse(process.argv[1]).map((each) => ({ ...each, bytes: Buffer.from(each.bytes, "base64") }));
      console.log(JSON.stringify(await writeZip(process.argv[2], files)));`;
    const files = FILES.map((each) => ({ ...each, bytes: each.bytes.toString("base64") }));
    const args = [JSON.stringify(files), path.join(folder, "second.zip")];
    const text = execFileSync(
      process.execPath,
      ["--input-type=module", "--eval", source, "--", ...args],
      { encoding: "utf8", env: { ...process.env, TZ: "Asia/Tokyo" } },
    );
    expect(JSON.parse(text)).toEqual(first);
    const bytes = readFileSync(path.join(folder, "first.zip"));
    expect(bytes.length).toBe(first.sizeBytes);
    expect(readFileSync(path.join(folder, "second.zip")).equals(bytes)).toBe(true);
  });

  it("[BG4] gives back each file with its mode", async () => {
    const file = path.join(folder, "whole.zip");
    await writeZip(file, FILES);
    const into = path.join(folder, "whole");
    mkdirSync(into);
    const unpacked = await unpackZip(file, into, new AbortController().signal);
    expect(unpacked).toMatchObject({ value: { files: FILES.length } });
    for (const { name, bytes, mode } of FILES) {
      expect(readFileSync(path.join(into, name)).equals(bytes), name).toBe(true);
      expect(statSync(path.join(into, name)).mode & 0o777, name).toBe(mode);
    }
  });
});
