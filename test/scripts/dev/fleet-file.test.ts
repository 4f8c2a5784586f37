import { expect, test } from "vitest";
import { parseFleetFile } from "../../../emulator/fleet-file.ts";
import { readableFleetLine } from "../../../scripts/dev/child-output.ts";
import { developmentFleetFile, ownSettings } from "../../../scripts/dev/fleet-file.ts";
import { readConfig } from "../../../server/config.ts";

const ORIGINS = ["http://127.0.0.1:8080", "http://localhost:8080"];

interface ServerProcess {
  readonly LaunchPath: string;
  readonly Parameters: string;
  readonly ConcurrentExecutions: number;
}

function serverProcess(environment: Record<string, string> = {}): ServerProcess {
  const file = parseFleetFile(JSON.stringify(developmentFleetFile(ORIGINS, environment)), "fleet");
  const { RuntimeConfiguration } = file.fleets[0] as never as {
    RuntimeConfiguration: { ServerProcesses: [ServerProcess] };
  };
  return RuntimeConfiguration.ServerProcesses[0];
}

/** What a server makes of its command line. */
function configOf({ Parameters }: ServerProcess) {
  const [script, ...argv] = Parameters.split(" ");
  expect(script).toBe("server/main.ts");
  const env = { GAMELIFT_SDK_WEBSOCKET_URL: "ws://127.0.0.1:9080" };
  return readConfig({ env, argv, cwd: "/", readFile: () => undefined });
}

test("[DV1] keeps two server processes for each game, which admit the page and keep to this machine", () => {
  const process = serverProcess();
  expect(process.ConcurrentExecutions).toBe(4);
  const config = configOf(process);
  expect(config).toMatchObject({
    fleet: "gamelift",
    host: "127.0.0.1",
    origins: ORIGINS,
    drainMs: 2_000,
    logLevel: "warn",
  });
  expect(config.ports[0]).toBe(7000);
});

test("[DV1] hands a developer's own settings on as flags, and says which it cannot", () => {
  const environment = {
    FLEETROOM_TICK_RATE_HZ: "64",
    FLEETROOM_LOG_LEVEL: "debug",
    FLEETROOM_RESULTS_TOKEN: "a-secret",
    FLEETROOM_JOURNAL_DIR: "with a blank",
    FLEETROOM_PORT: "9999",
    FLEETROOM_NO_SUCH: "1",
    PATH: "/bin",
  };
  expect(configOf(serverProcess(environment))).toMatchObject({
    tickRateHz: 64,
    logLevel: "debug",
    drainMs: 2_000,
  });
  expect(serverProcess(environment).Parameters).not.toMatch(/a-secret|9999/);
  expect(ownSettings(environment).lost.toSorted()).toEqual([
    "FLEETROOM_JOURNAL_DIR",
    "FLEETROOM_PORT",
    "FLEETROOM_RESULTS_TOKEN",
  ]);
});

test("[PK8] starts servers as a project has them, and repeats no flag of it", () => {
  const launch = {
    launchPath: "/local/game/.fleetroom/dev/node",
    script: "node_modules/fleetroom/lib/server/main.js",
    flags: ["--rooms", "rooms.ts"],
  };
  const environment = { FLEETROOM_ROOMS: "others.ts", FLEETROOM_TICK_RATE_HZ: "64" };
  const file = JSON.stringify(developmentFleetFile(ORIGINS, environment, undefined, launch));
  const { RuntimeConfiguration } = parseFleetFile(file, "fleet").fleets[0] as never as {
    RuntimeConfiguration: { ServerProcesses: [ServerProcess] };
  };
  const [{ LaunchPath, Parameters }] = RuntimeConfiguration.ServerProcesses;
  expect(LaunchPath).toBe(launch.launchPath);
  const [script, ...argv] = Parameters.split(" ");
  expect(script).toBe(launch.script);
  const env = { GAMELIFT_SDK_WEBSOCKET_URL: "ws://127.0.0.1:9080" };
  const config = readConfig({ env, argv, cwd: "/game", readFile: () => undefined });
  expect(config).toMatchObject({ rooms: "/game/rooms.ts", tickRateHz: 64, room: "" });
});

test.each<[string, string | undefined]>([
  ["[development 0a1b2c3d] started on i-1 (eu-central-1), pid 7", undefined],
  ["[development 0a1b2c3d] is over (TERMINATED, exit code 0)", undefined],
  [
    "[development 0a1b2c3d] is over (CRASHED, exit code 1)",
    "server 0a1b2c3d: is over (CRASHED, exit code 1)",
  ],
  ['[development 0a1b2c3d] {"level":"info","event":"server_listening"}', undefined],
  [
    '[development 0a1b2c3d] {"level":"warn","event":"room_fault","where":"step"}',
    "server 0a1b2c3d: warn room_fault where=step",
  ],
  ["[development 0a1b2c3d] SyntaxError: no", "server 0a1b2c3d: SyntaxError: no"],
  ["[development i-1] LaunchPath: no file", "fleet: [development i-1] LaunchPath: no file"],
])("[DV2] shows of %o what a person should see", (line, shown) => {
  expect(readableFleetLine(line)).toBe(shown);
});
