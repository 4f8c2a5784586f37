import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { report, runDoctor } from "../../../scripts/command/doctor/doctor.ts";
import { nodeFinding } from "../../../scripts/command/doctor/node.ts";
import { installedPackages, packageFindings } from "../../../scripts/command/doctor/packages.ts";
import { portFindings } from "../../../scripts/command/doctor/ports.ts";
import { awsFinding } from "../../../scripts/command/doctor/surroundings.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-patient-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function installed(packages: Record<string, string>): void {
  const entries = Object.entries(packages).map(([at, version]) => [at, { version }]);
  mkdirSync(path.join(folder, "node_modules"), { recursive: true });
  writeFileSync(
    path.join(folder, "node_modules/.package-lock.json"),
    JSON.stringify({ packages: Object.fromEntries(entries) }),
  );
}

describe("fleetroom doctor", () => {
  it("[PK10] finds a project well, and says so with the exit code 0", async () => {
    const lines: string[] = [];
    writeFileSync(
      path.join(folder, "rooms.ts"),
      'import { Room } from "@colyseus/core"; class A extends Room {} export const rooms = { a: A };',
    );
    installed({
      "node_modules/@colyseus/schema": "5.0.34",
      "node_modules/@colyseus/core": "0.18.17",
    });
    const env = { PATH: "/nowhere" };
    const code = await runDoctor({ folder, env, print: (line) => lines.push(line) });
    expect(lines.join("\n")).toMatch(
      /rooms +good +rooms\.ts: a \(a Colyseus room, up to 200 players\)/,
    );
    expect(lines.at(-1)).toBe("All that is needed is there.");
    expect(code).toBe(0);
  });

  it("[PK10] says what is wrong with the rooms and the settings, and ends with the exit code 1", async () => {
    const lines: string[] = [];
    writeFileSync(path.join(folder, "rooms.ts"), "export const rooms = {};");
    writeFileSync(path.join(folder, "fleetroom.json"), '{ "prot": 7000 }');
    const code = await runDoctor({ folder, env: {}, print: (line) => lines.push(line) });
    const text = lines.join("\n");
    expect(text).toMatch(/rooms +wrong +.*maps no names to rooms\n +-> correct the module/);
    expect(text).toMatch(/settings +wrong +prot in fleetroom\.json: .*did you mean port\?/);
    expect(lines.at(-1)).toBe("2 things to put right.");
    expect(code).toBe(1);
  });

  it("[PK10] finds a setting that names a room which is not there", async () => {
    const lines: string[] = [];
    const rooms = "export const rooms = { a: class { broadcastPatch() {} } };";
    writeFileSync(path.join(folder, "rooms.ts"), rooms);
    const env = { FLEETROOM_ROOM: "b" };
    const code = await runDoctor({ folder, env, print: (line) => lines.push(line) });
    expect(lines.join("\n")).toMatch(/settings +wrong +room is b; there is a\n +-> name another/);
    expect(code).toBe(1);
  });

  it("[PK10] finds two copies of Colyseus's classes, an old ws and an SDK of another line", () => {
    installed({
      "node_modules/@colyseus/schema": "4.0.1",
      "node_modules/fleetroom/node_modules/@colyseus/schema": "5.0.34",
      "node_modules/@colyseus/core": "0.18.17",
      "node_modules/ws": "8.19.0",
      "node_modules/@colyseus/sdk": "0.17.2",
    });
    const findings = packageFindings(installedPackages(path.join(folder)));
    expect(findings.map(({ state }) => state)).toEqual(["wrong", "note", "note"]);
    expect(findings[0]).toMatchObject({
      words: expect.stringMatching(
        /^2 copies of @colyseus\/schema.*4\.0\.1 in node_modules\/@colyseus/,
      ),
      advice: expect.stringContaining("npm install @colyseus/schema@5.0.34"),
    });
    expect(findings[1]?.advice).toContain('"overrides": { "ws": "8.23.0" }');
    expect(findings[2]?.advice).toContain("npm install @colyseus/sdk@0.18.4");
  });

  it("[PK10] finds the packages of a workspace further up, and says when there is no list", () => {
    installed({ "node_modules/@colyseus/schema": "5.0.34" });
    const deeper = path.join(folder, "games/mine");
    mkdirSync(deeper, { recursive: true });
    expect(packageFindings(installedPackages(deeper))).toMatchObject([{ state: "good" }]);
    expect(packageFindings(undefined)).toMatchObject([{ state: "note" }]);
  });

  it("[PK10] counts free game ports, and names others that are taken", async () => {
    expect(await portFindings(async () => true)).toMatchObject([{ state: "good" }]);
    expect(await portFindings(async (port) => port < 8000)).toMatchObject([
      { words: "50 of 50 game ports are free" },
      { state: "note", words: expect.stringMatching(/8080 \(page\), 8090 \(lobby\), 9080/) },
    ]);
    expect(await portFindings(async (port) => port > 8000)).toMatchObject([{ state: "wrong" }]);
  });

  it("[PK10] names variables of AWS credentials and prints none of their values", () => {
    const env = {
      AWS_ACCESS_KEY_ID: "AKIASECRET",
      AWS_SECRET_ACCESS_KEY: "s3cr3t",
      AWS_REGION: "eu",
    };
    const good = awsFinding(env);
    expect(good).toMatchObject({
      state: "good",
      words: "set, not tried: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION",
    });
    expect(JSON.stringify(good)).not.toMatch(/AKIASECRET|s3cr3t/);
    expect(awsFinding({ AWS_ACCESS_KEY_ID: "AKIASECRET" })).toMatchObject({ state: "wrong" });
    expect(awsFinding({})).toMatchObject({ state: "note" });
  });

  it("[PK10] knows which Node has known faults", () => {
    expect(nodeFinding("24.18.0")).toMatchObject({ state: "note" });
    expect(nodeFinding("24.18.1")).toMatchObject({ state: "good" });
    expect(nodeFinding("26.0.0")).toMatchObject({ state: "good" });
  });

  it("[PK10] keeps what is long readable", () => {
    const lines = report([
      { about: "rooms", state: "wrong", words: "one\ntwo", advice: "do this" },
    ]);
    expect(lines[0]).toBe("rooms  wrong  one\n              two");
    expect(lines.at(-1)).toBe("1 thing to put right.");
  });
});
