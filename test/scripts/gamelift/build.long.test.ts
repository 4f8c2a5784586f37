import { execFile, execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  globSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LAUNCH_PATH } from "../../../scripts/gamelift/launch.ts";
import { writeZip } from "../../../scripts/gamelift/zip.ts";

const ROOT = path.join(import.meta.dirname, "../../..");
/** What an upload and an instance have to carry; half as much again as it was when this was written. */
const ZIP_BYTES_MAX = 70e6;
const ROOT_BYTES_MAX = 200e6;
const FILES_MAX = 150;
const ELF_MACHINE_AT = 18;
const ELF = { x64: 0x3e, arm64: 0xb7 } as const;

const run = promisify(execFile);
const folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-builds-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number;
  readonly text: string;
}

async function script(name: string, ...flags: string[]): Promise<Ended> {
  try {
    const { stdout, stderr } = await run(process.execPath, [`scripts/${name}.ts`, ...flags], {
      cwd: ROOT,
    });
    return { code: 0, text: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, text: stdout + stderr };
  }
}

const zipIn = (out: string) => path.join(out, globSync("*.zip", { cwd: out })[0] ?? "none");
const sha256 = (file: string) => createHash("sha256").update(readFileSync(file)).digest("hex");
const own = path.join(folder, "own");
const root = path.join(own, "gamelift/linux-x64");
let built: Ended;
beforeAll(async () => {
  built = await script("build-gamelift", "--out", own);
});

describe("npm run build:gamelift", () => {
  it("[BG7] writes one zip and its root, saying what it does and how far it is", () => {
    expect(built.text).toMatch(/\[1\/4\] .*\n.*\n\[2\/4\] /);
    expect(built.code).toBe(0);
    expect(globSync("*", { cwd: own }).sort()).toEqual([
      expect.stringMatching(/^fleetroom-\d+\.\d+\.\d+-linux-x64\.zip$/),
      "gamelift",
    ]);
    const text = /(\d+\.\d MB), (\d+) files, SHA-256 ([0-9a-f]{64})/.exec(built.text);
    expect(text?.[3]).toBe(sha256(zipIn(own)));
    process.stdout.write(`the zip: ${text?.[1]}, ${text?.[2]} files\n`);
  });

  it("[BG7] holds what an instance needs and no links, no empty folders, and no more than it should", async () => {
    const names = globSync("**", { cwd: root, dot: true } as object);
    const stats = names.map((name) => ({ name, at: lstatSync(path.join(root, name)) }));
    for (const { name, at } of stats) {
      expect(at.isFile() || at.isDirectory(), name).toBe(true);
      if (at.isDirectory()) expect(globSync("*", { cwd: path.join(root, name) })).not.toEqual([]);
    }
    const files = stats.filter(({ at }) => at.isFile());
    const size = files.reduce((sum, { at }) => sum + at.size, 0);
    expect(files.length).toBeLessThan(FILES_MAX);
    expect(size).toBeLessThan(ROOT_BYTES_MAX);
    expect(lstatSync(zipIn(own)).size).toBeLessThan(ZIP_BYTES_MAX);
    for (const name of [
      ...["install.sh", "bin/node", "bin/LICENSE", "dist/server.mjs", "dist/server.mjs.map"],
      ...["LICENSE", "NOTICE", "THIRD-PARTY-LICENSES", "sbom.cdx.json", "manifest.json"],
      ...["cloudwatch-agent/ec2.json", "cloudwatch-agent/install.sh", "fleetroom.json"],
    ]) {
      expect(files.map((each) => each.name)).toContain(name);
    }
    expect(LAUNCH_PATH).toBe("/local/game/bin/node");
    const mapped = readFileSync(path.join(root, "dist/main.mjs.map"), "utf8");
    expect(mapped).not.toContain(ROOT);
  });

  it("[BG7] says in its manifest and in its bill of materials what is in it", () => {
    const manifest = JSON.parse(readFileSync(path.join(root, "manifest.json"), "utf8"));
    for (const { path: name, sha256: hash } of manifest.files) {
      expect(sha256(path.join(root, name)), name).toBe(hash);
    }
    const bill = JSON.parse(readFileSync(path.join(root, "sbom.cdx.json"), "utf8"));
    const names = (bill.components as { name: string }[]).map(({ name }) => name);
    const page = readFileSync(path.join(root, "THIRD-PARTY-LICENSES"), "utf8");
    const licensed = [...page.matchAll(/^={80}\n(\S+) /gm)].map(([, name]) => name);
    expect(names).toEqual([...licensed, "node"]);
    for (const name of ["@colyseus/core", "ws", "winston"]) expect(names).toContain(name);
  });

  it("[BG8] makes the same bytes a second time, from another folder and in another zone", async () => {
    const again = path.join(folder, "again");
    execFileSync(process.execPath, [path.join(ROOT, "scripts/build-gamelift.ts"), "--out", again], {
      cwd: folder,
      env: { ...process.env, TZ: "Pacific/Auckland" },
    });
    expect(sha256(zipIn(again))).toBe(sha256(zipIn(own)));
  });

  it("[BG9] is made for arm64 as well, with its Node", async () => {
    const out = path.join(folder, "arm");
    expect(await script("build-gamelift", "--arch", "arm64", "--out", out)).toMatchObject({
      code: 0,
    });
    const machine = (where: string) =>
      readFileSync(path.join(where, "bin/node")).readUInt16LE(ELF_MACHINE_AT);
    expect(machine(path.join(out, "gamelift/linux-arm64"))).toBe(ELF.arm64);
    expect(machine(root)).toBe(ELF.x64);
    rmSync(out, { recursive: true });
  });

  it("[BG10] tells all that is wrong with its flags at once, and builds nothing", async () => {
    const { code, text } = await script(
      ...(["build-gamelift", "--arch", "arm", "--agent", "maybe"] as const),
      ...["--rooms", "/nowhere/rooms.ts"],
    );
    expect(code).toBe(1);
    expect(text).toContain("--arch arm: allowed is x64, arm64");
    expect(text).toContain("--agent maybe: allowed is required, optional, off");
    expect(text).toContain("--rooms /nowhere/rooms.ts: there is no such file");
    expect(text).toContain("usage: npm run build:gamelift");
  });
});

/** As verify enters a root of its own, and on the machine that the build is for. */
function mayVerify(): boolean {
  if (process.platform !== "linux" || process.arch !== "x64") return false;
  const own = process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"];
  return spawnSync("unshare", [...own, "--mount", "true"]).status === 0;
}
const isSkipped = !mayVerify();
if (isSkipped) {
  process.stdout.write(
    "SKIPPED: verify:gamelift needs Linux on x64, and root or user namespaces\n",
  );
}

describe.skipIf(isSkipped)("npm run verify:gamelift", () => {
  /** The build with other files in it, or others instead. */
  async function changed(name: string, change: (at: string) => void): Promise<string> {
    const at = path.join(folder, name);
    cpSync(root, at, { recursive: true });
    change(at);
    const files = globSync("**/*", { cwd: at })
      .filter((each) => lstatSync(path.join(at, each)).isFile())
      .map((each) => ({
        name: each,
        bytes: readFileSync(path.join(at, each)),
        mode: lstatSync(path.join(at, each)).mode & 0o777,
      }));
    rmSync(at, { recursive: true });
    const zip = path.join(folder, `${name}.zip`);
    await writeZip(zip, files);
    return zip;
  }

  it("[VG1] takes the build from its zip to the end of 22 processes, and finds nothing wrong", async () => {
    const { code, text } = await script("verify-gamelift", "--zip", zipIn(own));
    process.stdout.write(text);
    expect(code).toBe(0);
    expect(text).toMatch(/\d+ kept, 0 broken/);
    for (const scheme of ["ws", "tcp", "wss", "tls"]) {
      expect(text).toContain(`ok      a player joins and plays over ${scheme}\n`);
    }
    expect(text).toContain("ok      20 processes with the same parameters are ready");
    expect(text).toContain("ok      all 24 processes ended with 0");
    expect(text).toContain("ok      nothing was written outside logs, targets");
  });

  it("[VG2] finds a file that is not what was built, and a build without a manifest", async () => {
    const other = await changed("other", (at) => writeFileSync(path.join(at, "extra"), "x"));
    const found = await script("verify-gamelift", "--zip", other, "--processes", "1");
    expect(found).toMatchObject({ code: 1 });
    expect(found.text).toContain("extra are not what the manifest says");
    const bare = await changed("bare", (at) => rmSync(path.join(at, "manifest.json")));
    const refused = await script("verify-gamelift", "--zip", bare);
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.text).toContain("BROKEN  the zip has a manifest");
    const strange = path.join(folder, "strange.zip");
    const link = { name: "link", bytes: Buffer.from("elsewhere"), mode: 0o120777 };
    await writeZip(strange, [link]);
    expect((await script("verify-gamelift", "--zip", strange)).text).toContain("is a link");
  });

  it("[VG3] finds a game that writes elsewhere, and one that does not start", async () => {
    const rooms = (name: string, body: string) => {
      const file = path.join(folder, name, "rooms.ts");
      mkdirSync(path.dirname(file));
      writeFileSync(file, body);
      return file;
    };
    const room = (body: string) => `
      import { Room } from "colyseus";
      import { writeFileSync } from "node:fs";
      export const rooms = { mine: class extends Room { onCreate() { ${body} } } };`;
    const out = path.join(folder, "writes");
    const writes = rooms("rooms-a", room('writeFileSync("/local/game/scores.txt", "1");'));
    await script("build-gamelift", "--out", out, "--rooms", writes, "--room", "mine");
    const found = await script("verify-gamelift", "--zip", zipIn(out), "--processes", "1");
    expect(found.text).toContain("BROKEN  nothing was written outside");
    expect(found.text).toContain("local/game/scores.txt were written");
    expect(found.code).toBe(1);

    const other = path.join(folder, "starts");
    await script("build-gamelift", "--out", other, "--rooms", writes, "--room", "yours");
    const failed = await script("verify-gamelift", "--zip", zipIn(other), "--processes", "1");
    expect(failed.code).toBe(1);
    expect(failed.text).toMatch(
      /BROKEN {2}1 processes with the same parameters are ready: .*ROOM_UNKNOWN/s,
    );
  });
});
