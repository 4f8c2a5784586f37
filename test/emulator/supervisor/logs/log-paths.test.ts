import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { logSource } from "../../../../emulator/supervisor/logs/log-paths.ts";

const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "fleetroom-logs-")));
const root = path.join(folder, "game");
const target = { program: path.join(root, "bin", "server"), root };
mkdirSync(path.join(root, "bin"), { recursive: true });
mkdirSync(path.join(root, "logs"));
mkdirSync(path.join(folder, "secrets"));
symlinkSync(path.join(folder, "secrets"), path.join(root, "out"));
symlinkSync("logs", path.join(root, "alias"));

afterAll(() => rmSync(folder, { recursive: true }));

describe("a log path", () => {
  it.each([
    ["server.log", "bin/server.log"],
    ["./a/b.log", "bin/a/b.log"],
    ["../logs/", "logs"],
    ["/local/game/logs/x.log", "logs/x.log"],
    ["/local/game/logs", "logs"],
    [`${root}/logs/x.log`, "logs/x.log"],
    ["/local/game/alias/x.log", "alias/x.log"],
    ["/local/game", ""],
  ])(
    "[EV14] is relative to the folder of the program, or lies in the launch root: %s",
    (named, inRoot) => {
      expect(logSource(named, target)).toEqual({
        named,
        file: path.join(root, inRoot),
        nameInZip: path.join("local/game", inRoot),
      });
    },
  );

  it.each([
    ["/etc/passwd", "lies outside of the launch root"],
    ["../../secrets/key", "lies outside of the launch root"],
    ["/local/game/../secrets/key", "lies outside of the launch root"],
    ["/local/gamer/x", "lies outside of the launch root"],
    ["/local/game/out/key", "leads outside of the launch root"],
    ["../out/key", "leads outside of the launch root"],
    ["", "is empty"],
    ...[..."<>\"'|*?[]\\\n\r\0"].map((each) => [
      `logs/a${each}b`,
      `has one of < > " ' | * ? [ ] \\ or a line end in it`,
    ]),
    ["x".repeat(4_097), "has more than 4096 characters"],
    // Absolute it is longer.
    ["x".repeat(4_090), "has more than 4096 characters"],
  ])("[EV14] is refused in words: %j", (named, why) => {
    expect(logSource(named, target)).toBe(why);
  });
});
