import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { fleetSettings } from "../../../scripts/gamelift/settings-file.ts";

const folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

function settingsFile(text: string): string {
  const file = path.join(folder, "settings.json");
  writeFileSync(file, text);
  return file;
}

describe("a build's settings", () => {
  it("[BG3] put all that a server writes below its logs, but for its targets file", () => {
    const { text, collectors } = fleetSettings("optional", undefined, undefined);
    const settings = JSON.parse(text) as Record<string, unknown>;
    expect(collectors).toBe("agent");
    const { journalDir, resultsDir, targetsDir } = settings;
    for (const each of [journalDir, resultsDir]) expect(each).toMatch(/^logs\/./);
    expect(targetsDir).toBe("targets");
  });

  it("[BG3] name no collector and no targets where there is no agent", () => {
    const { text, collectors } = fleetSettings("off", undefined, undefined);
    expect(collectors).toBe("off");
    expect(JSON.parse(text)).not.toHaveProperty("targetsDir");
  });

  it("[BG3] are a project's where it has its own", () => {
    const file = settingsFile('{ "drainMs": 20000, "collectors": "both" }');
    const { text, collectors } = fleetSettings("required", file, "tag");
    expect(collectors).toBe("both");
    expect(JSON.parse(text)).toMatchObject({
      drainMs: 20_000,
      room: "tag",
      resultsDir: "logs/results",
    });
  });

  it("[BG3] are judged before anything is built: all mistakes at once", () => {
    const file = settingsFile('{ "drainMs": 1, "logDirectory": "x" }');
    const build = () => fleetSettings("optional", file, "no room");
    expect(build).toThrow(/drainMs/);
    expect(build).toThrow(/logDirectory/);
    expect(build).toThrow(/room/);
  });

  it("[BG3] are refused where the launch parameters would win over them, or nobody would collect", () => {
    for (const text of ['{ "port": "8443" }', '{ "logDir": "elsewhere" }']) {
      const build = () => fleetSettings("off", settingsFile(text), undefined);
      expect(build).toThrow(/which the launch parameters of a fleet say/);
    }
    const file = settingsFile('{ "collectors": "stdout" }');
    expect(() => fleetSettings("optional", file, undefined)).toThrow(/build with --agent off/);
    expect(fleetSettings("off", file, undefined).collectors).toBe("stdout");
  });

  it("[BG3] say what is wrong with a file that holds none", () => {
    for (const text of ["[]", "null", "{", '"x"']) {
      expect(() => fleetSettings("optional", settingsFile(text), undefined)).toThrow(
        /settings\.json cannot be used as --settings/,
      );
    }
    const missing = path.join(folder, "none.json");
    expect(() => fleetSettings("optional", missing, undefined)).toThrow(
      /none\.json cannot be used/,
    );
  });
});
