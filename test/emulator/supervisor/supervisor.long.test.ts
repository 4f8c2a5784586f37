import { execFileSync } from "node:child_process";
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { until } from "../../support/in-process-server.ts";
import { zipContents } from "./logs/zip-reader.ts";
import { isAlive, RealWorld, type RealWorldOptions } from "./real-world.ts";

let world: RealWorld;

function opened(options: RealWorldOptions): RealWorld {
  world = new RealWorld(options);
  return world;
}

afterEach(() => world.dispose());

/** What must never reach a program that strangers talk to. */
const CANARIES = {
  AWS_ACCESS_KEY_ID: "canary-1",
  AWS_SECRET_ACCESS_KEY: "canary-2",
  AWS_SESSION_TOKEN: "canary-3",
  AWS_PROFILE: "canary-4",
  aws_secret_access_key: "canary-5",
  AWS_CONTAINER_CREDENTIALS_FULL_URI: "canary-6",
  NODE_OPTIONS: "--stack-trace-limit=77",
  NPM_TOKEN: "canary-7",
  GITHUB_TOKEN: "canary-8",
  SSH_AUTH_SOCK: "canary-9",
  LD_LIBRARY_PATH: "canary-10",
  GAMELIFT_SDK_AUTH_TOKEN: "canary-11",
  GAMELIFT_SDK_TOOL_NAME: "canary-12",
  PWD: "canary-13",
  OLDPWD: "canary-14",
  SHLVL: "canary-15",
  _: "canary-16",
  LC_CANARY: "allowed",
};

describe("a real process", () => {
  it("[EV5] sees the allowed variables and the five, and nothing of the developer's, its token hidden in its output", async () => {
    for (const [name, value] of Object.entries(CANARIES)) process.env[`CANARY_${name}`] = value;
    const PATH = process.env["PATH"] ?? "";
    const { root, plane } = opened({
      parameters: `tells "a b" --root=/local/game/x`,
      environment: { ...CANARIES, PATH, HOME: "/home/anna", TZ: "UTC" },
    });
    const [said] = await world.heard(1);
    const [server] = world.alive();
    expect(said).toEqual({
      pid: said?.pid,
      cwd: root,
      argv: ["tells", `"a`, `b"`, `--root=${root}/x`],
      env: {
        PATH,
        HOME: "/home/anna",
        TZ: "UTC",
        LC_CANARY: "allowed",
        GAMELIFT_SDK_WEBSOCKET_URL: plane.endpoint(),
        GAMELIFT_SDK_AUTH_TOKEN: "[token]",
        GAMELIFT_SDK_FLEET_ID: server?.fleetId,
        GAMELIFT_SDK_HOST_ID: server?.computeName,
        GAMELIFT_SDK_PROCESS_ID: server?.processId,
      },
    });
    const environ = readFileSync(`/proc/${said?.pid}/environ`, "utf8");
    expect(environ).not.toContain("canary");
    const token = /GAMELIFT_SDK_AUTH_TOKEN=([^\0]+)/.exec(environ)?.[1] ?? "";
    expect(plane.computes.admits(token, server!.fleetId, server!.computeName)).toBe(true);
    for (const name of Object.keys(CANARIES)) delete process.env[`CANARY_${name}`];
    // Descriptors 0 to 2 and what Node opens for itself; the emulator's own are not among them.
    const command = readFileSync(`/proc/${said?.pid}/cmdline`, "utf8");
    expect(command).not.toContain(token);
  });

  it("[EV8] that crashes is told with its last words, and comes again after a rest", async () => {
    opened({ parameters: "crashes" });
    await until(
      () => world.printed.filter((line) => line.includes("started on")).length >= 2,
      10_000,
    );
    expect(world.printed[1]).toMatch(/^\[games [0-9a-f]{8}\] what went wrong$/);
    expect(world.printed[2]).toMatch(/^\[games [0-9a-f]{8}\] is over \(crashed, exit code 3\)$/);
    const events = world.plane.fleetEvents.list(world.fleet.fleetId).map(({ code }) => code);
    expect(events).toContain("SERVER_PROCESS_CRASHED");
  });

  it("[EV10] is killed with what it started", async () => {
    opened({ parameters: "family" });
    const [said] = await world.heard(1);
    const pids = [said!.pid, said!.own!];
    expect(pids.map(isAlive)).toEqual([true, true]);
    world.plane.processes.kill(world.alive()[0]!);
    await until(() => !pids.some(isAlive), 5_000);
    await world.heard(2);
  });

  it("[EV10] that ended by itself takes what it started with it", async () => {
    opened({ parameters: "leaves" });
    const [said] = await world.heard(1);
    await until(() => !isAlive(said!.pid) && !isAlive(said!.own!), 5_000);
  });

  it("[EV15] has its logs in a zip once its game session is over, up to its very last words", async () => {
    opened({ parameters: "logs" });
    const [said] = await world.heard(1);
    const [server] = world.alive();
    world.ready(server!, ["/local/game/logs", "/etc/passwd"]);
    const { fleetId } = world.fleet;
    const created = world.plane.gameSessions.create({ fleetId, maximumPlayerSessionCount: 2 });
    const gameSessionId = "value" in created ? created.value.gameSessionId : "";
    expect(world.supervisor.logArchive(gameSessionId)).toBeUndefined();
    world.plane.processes.ending(server!);
    process.kill(said!.pid, "SIGTERM");
    await until(() => world.supervisor.logArchive(gameSessionId) !== undefined, 5_000);
    const zip = world.supervisor.logArchive(gameSessionId) ?? "";
    const text = zipContents(zip).get(`local/game/logs/${said?.pid}.log`)?.toString();
    expect(text).toBe("from the start\nto the very end\n");
    expect(zipContents(zip).get("ReadMe.txt")?.toString()).toContain(
      "Invalid Log Path\t/etc/passwd",
    );
    expect(readFileSync(path.join(world.root, "logs", `${said?.pid}.log`), "utf8")).toBe(text);
    expect(server?.endReason).toBe("ended");
  });

  it("[EV15] that names 200 MB of logs and a pipe gets a zip that other programs read", async () => {
    opened({ parameters: "logs" });
    const [said] = await world.heard(1);
    for (const [name, bytes] of [
      ["a.log", 199_999_950],
      ["b.log", 100],
      ["c.log", 5],
    ] as const) {
      writeFileSync(path.join(world.root, "logs", name), "");
      truncateSync(path.join(world.root, "logs", name), bytes);
    }
    const pipe = path.join(world.root, "logs", "pipe.log");
    execFileSync("python3", ["-c", "import os,sys; os.mkfifo(sys.argv[1])", pipe]);
    const [server] = world.alive();
    world.ready(server!, ["/local/game/logs"]);
    const { fleetId } = world.fleet;
    const created = world.plane.gameSessions.create({ fleetId, maximumPlayerSessionCount: 2 });
    const gameSessionId = "value" in created ? created.value.gameSessionId : "";
    process.kill(said!.pid, "SIGKILL");
    await until(() => world.supervisor.logArchive(gameSessionId) !== undefined, 30_000);
    const zip = world.supervisor.logArchive(gameSessionId) ?? "";
    const python =
      "import sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); print(z.testzip(), [i.file_size for i in z.infolist()][1:4])";
    const listing = execFileSync("python3", ["-c", python, zip], { encoding: "utf8" });
    expect(listing).toBe("None [199999950, 0, 5]\n");
  });
});

describe("fifty real processes", () => {
  it("[EV19] all run, one that is killed is replaced, and none is left behind", async () => {
    opened({ parameters: "lives", processes: 50 });
    const first = await world.heard(50, 60_000);
    const pids = first.map(({ pid }) => pid);
    expect(new Set(pids).size).toBe(50);
    expect(pids.every(isAlive)).toBe(true);
    expect(world.alive()).toHaveLength(50);
    process.kill(pids[7]!, "SIGKILL");
    const all = await world.heard(51);
    const fresh = all.map(({ pid }) => pid).find((pid) => !pids.includes(pid))!;
    expect(isAlive(fresh)).toBe(true);
    expect(world.alive()).toHaveLength(50);
    const closedAt = performance.now();
    await world.supervisor.close();
    expect(performance.now() - closedAt).toBeLessThan(9_000);
    expect([...pids, fresh].filter(isAlive)).toEqual([]);
    expect(world.alive()).toEqual([]);
  });

  it("[EV19] that hear nothing, and what they started, are gone when the supervisor has closed", async () => {
    opened({ parameters: "family", processes: 50 });
    const said = await world.heard(50, 60_000);
    const pids = said.flatMap(({ pid, own }) => [pid, own!]);
    expect(pids).toHaveLength(100);
    expect(pids.every(isAlive)).toBe(true);
    const watchdog = world.children.watchdog.pid!;
    expect(isAlive(watchdog)).toBe(true);
    await world.supervisor.close();
    await until(() => !pids.some(isAlive), 2_000);
    await until(() => !isAlive(watchdog), 2_000);
  });
});
