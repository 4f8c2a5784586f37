import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EmulatorError } from "../../../emulator/errors.ts";
import { matchedPlayerIds, readMatchmakerData } from "../../../emulator/verify/matchmaker-data.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-matchmaker-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the matchmaker's data of a file", () => {
  it("[EY15] names the players who come, in the order of their teams", () => {
    const url = new URL("../../fixtures/verify/matchmaker-data.json", import.meta.url);
    const text = readMatchmakerData(fileURLToPath(url));
    expect(matchedPlayerIds(text)).toEqual(["anna", "bert", "carl", "dora", "emil", "fred"]);
    expect(matchedPlayerIds("")).toEqual([]);
  });

  it.each([
    "",
    "{",
    "null",
    "[]",
    '{"teams":[]}',
    '{"teams":{"red":{}}}',
    '{"teams":[null,1,{"players":"x"},{"players":[{},null,{"playerId":7}]}]}',
    JSON.stringify({ teams: [{ players: [{ playerId: "p".repeat(390_000) }] }] }),
  ])("[EY15] is refused in words when it is none: %.40s", (text) => {
    const file = path.join(folder, "data.json");
    writeFileSync(file, text);
    expect(() => readMatchmakerData(file)).toThrow(EmulatorError);
    expect(() => readMatchmakerData(file)).toThrow(/^the matchmaker's data has /);
  });

  it("[EY15] is refused in words when it is not there", () => {
    expect(() => readMatchmakerData(path.join(folder, "nowhere"))).toThrow(
      /^the matchmaker's data cannot be read \(ENOENT\): --matchmaker-data names .*nowhere$/,
    );
  });
});
