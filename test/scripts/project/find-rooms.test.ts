import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findRooms } from "../../../scripts/project/find-rooms.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-project-"));
  mkdirSync(path.join(folder, "rooms"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(...names: string[]): void {
  for (const name of names) writeFileSync(path.join(folder, name), "");
}
function settings(text: string): void {
  writeFileSync(path.join(folder, "fleetroom.json"), text);
}
function found(given?: string, env: Record<string, string> = {}) {
  const answer = findRooms({ folder, given, env });
  return "mistake" in answer ? answer.mistake : answer.name;
}

describe("the rooms module of a project", () => {
  it("[PK6] is the one that is named: by flag, by variable, by file, else by a usual name", () => {
    put("flag.ts", "variable.ts", "file.ts", "rooms.js", "rooms/index.ts", "rooms.ts");
    settings('{ "rooms": "./file.ts", "room": "x" }');
    const env = { FLEETROOM_ROOMS: "variable.ts" };
    expect(found("flag.ts", env)).toBe("flag.ts");
    expect(found(undefined, env)).toBe("variable.ts");
    expect(found()).toBe("file.ts");
    settings("{}");
    expect(found()).toBe("rooms.ts");
    rmSync(path.join(folder, "rooms.ts"));
    expect(found()).toBe("rooms/index.ts");
    rmSync(path.join(folder, "rooms/index.ts"));
    expect(found()).toBe("rooms.js");
  });

  it("[PK6] is looked for in the settings that the server would read", () => {
    put("other.ts", "rooms.ts");
    writeFileSync(path.join(folder, "other.json"), '{ "rooms": "other.ts" }');
    expect(found(undefined, { FLEETROOM_CONFIG: "other.json" })).toBe("other.ts");
  });

  it("[PK6] is missed in words that show what one looks like", () => {
    expect(found()).toMatch(
      /there is no rooms module in .*: rooms\.ts, rooms\/index\.ts, rooms\.js/,
    );
    expect(found()).toContain("export const rooms = { my_room: MyRoom };");
    expect(found("gone.ts")).toBe(`there is no gone.ts in ${folder}`);
  });

  it.each([
    ['{ "rooms": 5 }', 'fleetroom.json: "rooms" is to be the path of a module'],
    ["{", "fleetroom.json: is not JSON; correct it, or remove it"],
  ])("[PK6] is not guessed when %s is in fleetroom.json", (text, mistake) => {
    put("rooms.ts");
    settings(text);
    expect(found()).toBe(mistake);
  });
});
