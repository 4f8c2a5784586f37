import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { ZipFile } from "yazl";
import { unzip } from "../../../scripts/gamelift/unzip.ts";
import { writeZip } from "../../../scripts/gamelift/zip.ts";

const folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

const FILES = [
  { name: "bin/program", bytes: Buffer.from("#!/bin/sh\n"), mode: 0o755 },
  { name: "data/zeros", bytes: Buffer.alloc(10_000), mode: 0o644 },
  { name: "empty", bytes: Buffer.alloc(0), mode: 0o644 },
];

/** A zip with entries that a build never has. */
async function strangeZip(name: string, mode: number): Promise<string> {
  const zip = new ZipFile();
  zip.addBuffer(Buffer.from("elsewhere"), "link", { mode });
  zip.end();
  const file = path.join(folder, name);
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) chunks.push(chunk as Buffer);
  writeFileSync(file, Buffer.concat(chunks));
  return file;
}

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
    expect(await unzip(file, into)).toEqual(FILES.map(({ name }) => name));
    for (const { name, bytes, mode } of FILES) {
      expect(readFileSync(path.join(into, name)).equals(bytes), name).toBe(true);
      expect(statSync(path.join(into, name)).mode & 0o777, name).toBe(mode);
    }
  });

  it("[VG2] is refused with a link or a folder in it, which an upload would drop", async () => {
    const link = await strangeZip("link.zip", 0o120777);
    await expect(unzip(link, path.join(folder, "a"))).rejects.toThrow("link is a link");
    const inner = await strangeZip("folder.zip", 0o040755);
    await expect(unzip(inner, path.join(folder, "b"))).rejects.toThrow("for a folder");
  });
});
