import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EmulatorConfig, readConfig } from "../../emulator/config.ts";
import { parseFleetFile } from "../../emulator/fleet-file.ts";
import { optionsOf, startText } from "../../emulator/start.ts";
import { ANYWHERE, EmulatorWorld, MANAGED } from "./emulator-world.ts";

/** Whatever its runtime configuration says, nothing of it is started. */
const { RuntimeConfiguration } = MANAGED;
const ELSEWHERE = { Name: "a", ComputeType: "ANYWHERE", RuntimeConfiguration };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-start-"));
  mkdirSync(path.join(folder, "game"));
  writeFileSync(path.join(folder, "game", "server"), "", { mode: 0o755 });
  write("managed.json", JSON.stringify({ Fleets: [ELSEWHERE, MANAGED] }));
  write("scenario.yaml", "seed: 7\nsteps:\n  - { at: 1s, fault: cut, process: 1 }\n");
});
afterAll(() => rmSync(folder, { recursive: true }));

const write = (name: string, text: string) => writeFileSync(path.join(folder, name), text);

function config(...argv: string[]): EmulatorConfig {
  const line = readConfig({ argv, env: { HOME: "/h" }, cwd: folder });
  if (line.command !== "run") throw new Error(line.command);
  return line.config;
}

const options = (...argv: string[]) => optionsOf(config(...argv), () => {});

describe("the options of an emulator", () => {
  it("[EM15] are what the command line says, with its files read", () => {
    const argv = [
      "--config",
      "managed.json",
      "--launch-root",
      "game",
      "--scenario",
      "scenario.yaml",
    ];
    const key = "AKIDEXAMPLE000000:secret";
    const read = options(...argv, "--credentials", key, "--seed", "9", "--port", "0", "--tls");
    expect(read).toMatchObject({
      port: 0,
      isTls: true,
      seed: 9,
      launchRoots: [path.join(folder, "game")],
      credentials: { accessKeyId: "AKIDEXAMPLE000000" },
      environment: { HOME: "/h" },
      fleetFile: { name: "managed.json", fleets: [{ Name: "a" }, { FleetId: "fleet-managed" }] },
      scenario: { seed: 7, steps: [{ atMs: 1_000 }] },
    });
    expect(options().fleetFile?.fleets).toEqual([]);
  });

  it("[EM15] are refused when a program of an EC2 fleet may not be started", () => {
    const at =
      "managed.json cannot be used:\n  Fleets[1].RuntimeConfiguration.ServerProcesses[0]: ";
    for (const [roots, why] of [
      [[], "--launch-root DIR"],
      [["--launch-root", "."], "there is no file"],
    ] as const) {
      const read = () => options("--config", "managed.json", ...roots);
      expect(read).toThrow(at);
      expect(read).toThrow(why);
    }
  });

  it("[EM15] are refused when a scenario cannot be used", () => {
    write("bad.yaml", "steps:\n  - { at: soon, fault: none }\n");
    const bad = () => options("--scenario", "bad.yaml");
    expect(bad).toThrow(/^bad\.yaml cannot be used:\n {2}bad\.yaml:2: /);
    expect(() => options("--scenario", "none.yaml")).toThrow(
      `none.yaml cannot be read (ENOENT): --scenario names ${folder}/none.yaml`,
    );
    for (const name of ["bad.yaml", "none.yaml"]) {
      expect(() => options("--scenario", name)).toThrow(
        expect.objectContaining({ code: "EMULATOR_SCENARIO_INVALID" }),
      );
    }
  });
});

describe("what is said at the start", () => {
  it("[EM15] names the address, the console, what is there and a command to try", async () => {
    const content = {
      Locations: ["custom-here"],
      Fleets: [
        { ...MANAGED, Instances: 2 },
        { ...ANYWHERE, Name: "any\u001b[31m" },
      ],
    };
    await using world = await EmulatorWorld.open({}, content);
    const { url, webSocketUrl } = world.emulator;
    const fleetFile = parseFleetFile(JSON.stringify(content), "fleet.json");
    const said = startText(world.emulator, { fleetFile, print: () => {} });
    expect(said).toContain(`${webSocketUrl}\n`);
    expect(said).toContain(`${url}/console\n`);
    expect(said).toContain("fleet.json: 1 location, 2 fleets, 0 aliases, 0 queues");
    expect(said).toContain('fleet-managed "managed": 4 server processes in us-west-2');
    expect(said).toContain("fleet-anywhere");
    expect(said).toContain(`aws --endpoint-url ${url} --region us-west-2 gamelift list-fleets`);
    expect(said).not.toContain("CA_BUNDLE");
    expect(said.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
  });

  it("[EM15] says how to go on without a fleet file, and how to trust its certificate", async () => {
    await using world = await EmulatorWorld.open({ isTls: true });
    const said = startText(world.emulator, { print: () => {} });
    expect(said).toContain("ready for Anywhere");
    expect(said).toContain(`AWS_CA_BUNDLE=${world.emulator.certificateFile} AWS_ACCESS_KEY_ID`);
  });
});
