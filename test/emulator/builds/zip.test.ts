import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readZip, unpackZip } from "../../../emulator/builds/zip.ts";
import { type ZipMember, zipOf } from "./zips.ts";

let folder = "";
const never = new AbortController().signal;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-zip-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function written(members: readonly ZipMember[], change = (bytes: Buffer) => bytes) {
  const file = path.join(folder, "build.zip");
  writeFileSync(file, change(await zipOf(members)));
  return file;
}

/** Words of the refusal, by looking and by unpacking alike. */
async function refusalOf(file: string): Promise<string> {
  const outcomes = [await readZip(file), await unpackZip(file, path.join(folder, "out"), never)];
  for (const outcome of outcomes) expect(outcome).toHaveProperty("refusal", "InvalidRequest");
  return outcomes.map((outcome) => ("message" in outcome ? outcome.message : "")).join(" ");
}

describe("a zip that was sent", () => {
  it("[EA59] is unpacked with its folders and modes, and without rights that nobody has on an instance", async () => {
    const file = await written([
      { name: "bin/server", content: "#!/bin/sh", mode: 0o104755 },
      { name: "empty/" },
      { name: "maps/a.json", content: "{}", mode: 0o100400 },
    ]);
    const out = path.join(folder, "out");
    expect(await readZip(file)).toEqual({ value: { files: 2, bytes: 11 } });
    expect(await unpackZip(file, out, never)).toEqual({ value: { files: 2, bytes: 11 } });
    expect(readdirSync(out).sort()).toEqual(["bin", "empty", "maps"]);
    expect(readFileSync(path.join(out, "bin/server"), "utf8")).toBe("#!/bin/sh");
    expect(statSync(path.join(out, "bin/server")).mode & 0o7777).toBe(0o755);
    expect(statSync(path.join(out, "maps/a.json")).mode & 0o7777).toBe(0o600);
  });

  it.each([
    ["a path that leaves it", [{ name: "../evil" }]],
    ["a path that leaves it further in", [{ name: "a/../../evil" }]],
    ["an absolute path", [{ name: "/etc/evil" }]],
    ["a path of Windows", [{ name: "a\\..\\evil" }]],
    ["a terminal's command in a name", [{ name: "a\u001b[2Jb" }]],
    ["a link", [{ name: "link", content: "/etc/passwd", mode: 0o120777 }]],
    ["a device", [{ name: "device", mode: 0o060644 }]],
    ["the same name twice", [{ name: "a" }, { name: "a" }]],
    ["a file that is a folder as well", [{ name: "a" }, { name: "a/" }]],
    ["too deep a path", [{ name: `${"a/".repeat(70)}b` }]],
    ["no file", [{ name: "folder/" }]],
  ])("[EA59] is refused with %s, and nothing is written outside", async (_, members) => {
    const file = await written(members);
    expect(await refusalOf(file)).toMatch(/^The zip cannot be used: /);
    expect(readdirSync(folder).filter((name) => !["build.zip", "out"].includes(name))).toEqual([]);
  });

  it("[EA59] is refused when it has too many entries, or too many bytes by what it says of itself", async () => {
    const file = await written([
      { name: "a", content: "12345" },
      { name: "b", content: "12345" },
    ]);
    const limits = { entriesMax: 2, unpackedBytesMax: 10 };
    expect(await readZip(file, limits)).toHaveProperty("value");
    const many = await readZip(file, { ...limits, entriesMax: 1 });
    expect(many).toMatchObject({ message: expect.stringContaining("2 entries, and 1 may be") });
    const large = await readZip(file, { ...limits, unpackedBytesMax: 9 });
    expect(large).toMatchObject({ message: expect.stringContaining("more than 9 bytes") });
  });

  it("[EA59] is refused when it is none, cut off, damaged, or says less than there is", async () => {
    const text = path.join(folder, "text.zip");
    writeFileSync(text, "no zip at all");
    expect(await refusalOf(text)).toContain("cannot be used");
    const members = [{ name: "a", content: Buffer.alloc(100_000, "fleetroom ") }];
    expect(await refusalOf(await written(members, (bytes) => bytes.subarray(0, -40)))).toContain(
      "cannot be used",
    );

    // The central directory has the checksum 16 bytes, and the size 24 bytes behind its signature.
    const central = (bytes: Buffer) => bytes.indexOf(Buffer.from("504b0102", "hex"));
    const damaged = await written(members, (bytes) => {
      bytes.writeUInt32LE(1, central(bytes) + 16);
      return bytes;
    });
    expect(await readZip(damaged)).toHaveProperty("value");
    const out = path.join(folder, "out");
    expect(await unpackZip(damaged, out, never)).toMatchObject({
      message: expect.stringContaining("checksum"),
    });
    rmSync(out, { recursive: true });
    const bomb = await written(members, (bytes) => {
      bytes.writeUInt32LE(10, central(bytes) + 24);
      return bytes;
    });
    expect(await unpackZip(bomb, out, never)).toHaveProperty("refusal");
    expect(statSync(path.join(out, "a")).size).toBeLessThanOrEqual(10);
  });
});
