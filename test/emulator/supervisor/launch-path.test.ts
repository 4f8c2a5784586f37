import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { inLaunchRoot, launchTarget } from "../../../emulator/supervisor/launch-path.ts";

const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "fleetroom-launch-")));
const root = path.join(folder, "game");
const other = path.join(folder, "other");
const outside = path.join(folder, "game-outside");

function program(...names: string[]): string {
  const file = path.join(...names);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, "", { mode: 0o755 });
  return file;
}

const server = program(root, "bin", "server");
const second = program(other, "bin", "second");
program(other, "bin", "server");
const stranger = program(outside, "stranger");
symlinkSync(stranger, path.join(root, "link-out"));
symlinkSync(outside, path.join(root, "folder-out"));
symlinkSync(second, path.join(root, "link-to-other"));
symlinkSync("bin/server", path.join(root, "link-inside"));
symlinkSync("loop", path.join(root, "loop"));
chmodSync(program(root, "plain.txt"), 0o644);
program(root, "a=b", "server");

afterAll(() => rmSync(folder, { recursive: true }));

const refusal = (launchPath: string, roots: readonly string[] = [root]) => {
  const target = launchTarget(launchPath, roots);
  return "refusal" in target ? target.refusal : undefined;
};

describe("a launch path", () => {
  it.each(["/local/game/bin/server", server, "/local/game//bin/../bin/server"])(
    "[EV2] is found in the launch root: %s",
    (launchPath) => {
      expect(launchTarget(launchPath, [root])).toEqual({ program: server, root });
    },
  );

  it("[EV2] is looked for in each launch root, in their order", () => {
    expect(launchTarget("/local/game/bin/server", [root, other])).toEqual({
      program: server,
      root,
    });
    expect(launchTarget("/local/game/bin/second", [root, other])).toEqual({
      program: second,
      root: other,
    });
    expect(launchTarget(second, [root, other])).toEqual({ program: second, root: other });
  });

  it("[EV2] may be a link that stays in the launch roots, and is started by its own name", () => {
    const inside = path.join(root, "link-inside");
    expect(launchTarget(inside, [root])).toEqual({ program: inside, root });
    const toOther = path.join(root, "link-to-other");
    expect(launchTarget(toOther, [root, other])).toEqual({ program: toOther, root });
    expect(refusal(toOther)).toContain(`leads to ${second}, which lies in no --launch-root`);
  });

  it.each([
    stranger,
    "/bin/sh",
    "bin/server",
    "./bin/server",
    "/local/game/../game-outside/stranger",
    `/local/game/../../../../../../../../bin/sh`,
    `${root}/../game-outside/stranger`,
    "/local/game",
    "/local/game/",
    "/local/game/..",
    "/local/gamebin/server",
    root,
    "C:\\game\\server.exe",
    "",
  ])("[EV2] leads nowhere outside of a launch root: %s", (launchPath) => {
    expect(refusal(launchPath)).toBe(
      `LaunchPath ${launchPath}: must lie in /local/game/ or in a --launch-root: ${root}`,
    );
  });

  it.each([
    ["link-out", stranger],
    ["folder-out/stranger", stranger],
  ])("[EV2] leads nowhere outside of a launch root over a link: %s", (name, real) => {
    for (const launchPath of [`/local/game/${name}`, path.join(root, name)]) {
      expect(refusal(launchPath)).toContain(`leads to ${real}, which lies in no --launch-root`);
    }
  });

  it("[EV1] leads nowhere without a launch root, and that flag is named", () => {
    expect(refusal("/local/game/bin/server", [])).toBe(
      "LaunchPath /local/game/bin/server: no program may be started. Start the emulator with --launch-root DIR, the folder that /local/game stands for",
    );
  });

  it.each([
    ["/local/game/bin/none", `there is no file ${root}/bin/none`],
    ["/local/game/bin/server/x", `there is no file ${root}/bin/server/x`],
    ["/local/game/loop", `there is no file ${root}/loop`],
    ["/local/game/a\0b", `there is no file ${root}/a\0b`],
    ["/local/game/bin", `${root}/bin is no file`],
    ["/local/game/plain.txt", `${root}/plain.txt is not executable: chmod +x ${root}/plain.txt`],
    ["/local/game/a=b/server", `${root}/a=b/server has a "=" in its name: rename the folder`],
  ])("[EV3] that leads to nothing that can run is refused in words: %s", (launchPath, why) => {
    // As root a file without any x bit cannot be executed either.
    expect(refusal(launchPath)).toBe(`LaunchPath ${launchPath}: ${why}`);
  });

  it("[EV2] does not lead into a root that is not there", () => {
    expect(refusal(stranger, [path.join(folder, "none"), root])).toContain("must lie in");
  });
});

describe("an argument", () => {
  it.each([
    ["/local/game/dist/main.mjs", `${root}/dist/main.mjs`],
    ["/local/game", root],
    ["--map=/local/game/maps/a", `--map=${root}/maps/a`],
    ["/local/gamer/x", "/local/gamer/x"],
    ["x/local/game/y", "x/local/game/y"],
    ["--url=http://a/local/game/", "--url=http://a/local/game/"],
    ["", ""],
  ])("[EV4] has the launch root where /local/game begins it: %s", (argument, expected) => {
    expect(inLaunchRoot(argument, root)).toBe(expected);
  });

  it("[EV4] is not changed by a root with characters that replacements know", () => {
    expect(inLaunchRoot("/local/game/x", "/a/$&/b")).toBe("/a/$&/b/x");
  });
});
