import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { newestBuild, readBuildZip } from "../../../scripts/fleets/build-zip.ts";
import { type ZipMember, zipOf } from "../../emulator/builds/zips.ts";
import { MANIFEST, manifest, NODE } from "./fleets-world.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-build-zip-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function written(members: readonly ZipMember[]): Promise<string> {
  const file = path.join(folder, "game.zip");
  writeFileSync(file, await zipOf(members));
  return file;
}

describe("the zip of a build", () => {
  it("[SP2] says by its manifest what it is, or by the one beside it", async () => {
    const file = await written([NODE, manifest()]);
    expect(await readBuildZip(file)).toMatchObject({ file, manifest: MANIFEST });
    const bare = await written([NODE]);
    expect((await readBuildZip(bare)).manifest).toEqual({});
    writeFileSync(path.join(folder, "manifest.json"), JSON.stringify({ version: "9", files: [] }));
    expect((await readBuildZip(bare)).manifest).toEqual({ version: "9" });
  });

  it.each([
    ["npm run build:gamelift", undefined],
    ["no zip", "text"],
    ["bin/node, the launch path, is not in it", [manifest()]],
    [
      "zip what is in game/",
      [
        { ...NODE, name: "game/bin/node" },
        { name: "game/x", content: "" },
      ],
    ],
    ["bin/node is not executable", [{ ...NODE, mode: 0o100644 }, manifest()]],
    ["link is a link", [NODE, manifest(), { name: "link", content: "x", mode: 0o120777 }]],
    [
      "line ends of Windows",
      [NODE, manifest(), { name: "install.sh", content: "#!/bin/sh\r\n", mode: 0o100755 }],
    ],
    ["install.sh is not executable", [NODE, manifest(), { name: "install.sh", content: "x" }]],
    ["manifest.json is not JSON", [NODE, { name: "manifest.json", content: "{" }]],
    ["there is no file", []],
  ] as const)("[SP2] is refused before anything is sent: %s", async (words, members) => {
    const file = path.join(folder, "game.zip");
    if (members === "text") writeFileSync(file, "text");
    else if (members !== undefined) await written(members);
    if (words.startsWith("zip what")) {
      writeFileSync(path.join(folder, "manifest.json"), JSON.stringify(MANIFEST));
    }
    const refused = readBuildZip(file);
    await expect(refused).rejects.toMatchObject({ code: "FLEETS_ZIP_INVALID" });
    await expect(refused).rejects.toThrow(words);
  });

  it("[SP2] is the newest one for Linux unless somebody names another", () => {
    expect(newestBuild(folder)).toBeUndefined();
    const names = ["fleetroom-1.0.0-linux-x64.zip", "fleetroom-0.9.0-linux-arm64.zip", "other.zip"];
    for (const [index, name] of names.entries()) {
      writeFileSync(path.join(folder, name), "");
      utimesSync(path.join(folder, name), index, index);
    }
    expect(newestBuild(folder)).toBe(path.join(folder, names[1] ?? ""));
  });
});
