import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDataDirectory } from "../../emulator/data-directory.ts";
import { withoutControls } from "../../emulator/supervisor/logs/lines.ts";
import { EmulatorWorld, MANAGED } from "./emulator-world.ts";

/** What moves a cursor, sets a title, begins another line or turns the writing direction. */
const HOSTILE = [
  ...["\u001b[31m", "\u001b]0;title\u0007", "\u009b2J", "\u009d0;title\u009c", "\u001bPq\u001b\\"],
  ...["\n", "\r", "\r\n", "\b", "\u0000", "\u007f", "\u0085", "\u2028", "\u2029"],
  ...["\u202a", "\u202e", "\u2066", "\u2069", "\u200e", "\u200f", "\u061c"],
];
const ACTS = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u;

describe("what somebody else named", () => {
  it.each(HOSTILE)("[EM18] is printed without what a terminal would act upon: %j", async (part) => {
    const said: string[] = [];
    const launchPath = "/local/game/server";
    const fleet = {
      ...MANAGED,
      Name: `one${part}two`,
      RuntimeConfiguration: {
        ServerProcesses: [{ LaunchPath: launchPath, ConcurrentExecutions: 1 }],
      },
    };
    const print = (line: string) => said.push(line);
    await using world = await EmulatorWorld.open({ print, launchRoots: [] }, { Fleets: [fleet] });
    await expect.poll(() => said.some((line) => line.includes(launchPath))).toBe(true);
    expect(world).toBeDefined();
    expect(said.filter((line) => ACTS.test(line))).toEqual([]);
    expect(said.some((line) => /one.*two/.test(line))).toBe(true);
    expect(withoutControls(`a${part}b`)).not.toMatch(ACTS);
  });
});

describe("a data directory", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-data-"));
    writeFileSync(path.join(folder, "file"), "");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it.each([
    ["is a file", "file"],
    ["lies below a file", "file/data"],
    ["has a file in place of its certificate's folder", "tls"],
    ["has a file in place of the folder for output", "output"],
    ["has a file in place of the folder for logs", "logs"],
  ])("[EM19] that %s is told in words", (_what, name) => {
    const isInside = !name.startsWith("file");
    const wanted = path.join(folder, isInside ? "data" : name);
    if (isInside) {
      mkdirSync(wanted);
      writeFileSync(path.join(wanted, name), "");
    }
    expect(() => openDataDirectory(wanted)).toThrow(
      expect.objectContaining({
        code: "EMULATOR_CONFIG_INVALID",
        message: expect.stringContaining(`--data = ${wanted}: cannot be written to`),
      }),
    );
  });
});
