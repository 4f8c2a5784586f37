import { chmodSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { granted } from "../plane/plane-world.ts";
import { SERVER, SupervisorWorld, type SupervisorWorldOptions } from "./supervisor-world.ts";

let world: SupervisorWorld;

async function opened(
  options: SupervisorWorldOptions = {},
  passMs?: number,
): Promise<SupervisorWorld> {
  world = new SupervisorWorld(options);
  return world.open(passMs);
}

afterEach(() => world.dispose());

const startsOf = ({ children }: SupervisorWorld) => children.map(({ startedAtMs }) => startedAtMs);

describe("the instances of a fleet", () => {
  it("[EV6] are computes on this machine, so many in each location, and each runs its processes", async () => {
    const { plane, fleet, children } = await opened({
      locations: ["us-west-2", "eu-central-1"],
      instancesPerLocation: 2,
      serverProcesses: [{ ...SERVER, concurrentExecutions: 3 }],
    });
    const computes = plane.computes.list(fleet.fleetId);
    expect(computes.map(({ location }) => location)).toEqual([
      "us-west-2",
      "us-west-2",
      "eu-central-1",
      "eu-central-1",
    ]);
    expect(computes[0]).toMatchObject({
      ipAddress: "127.0.0.1",
      dnsName: "localhost",
      type: "EC2",
      status: "ACTIVE",
    });
    expect(new Set(computes.map(({ computeName }) => computeName)).size).toBe(4);
    for (const { computeName } of computes) {
      expect(computeName).toMatch(/^i-[0-9a-f]{17}$/);
      const own = world.alive().filter((each) => each.computeName === computeName);
      expect(own.map(({ state, isSupervised }) => [state, isSupervised])).toEqual(
        Array(3).fill(["STARTED", true]),
      );
    }
    expect(children).toHaveLength(12);
  });

  it("[EV6] of a fleet that is made later come with it", async () => {
    const { plane, children, root } = await opened();
    const { runtimeConfiguration } = world.fleet;
    plane.fleets.create({ name: "later", computeType: "EC2", runtimeConfiguration });
    plane.locations.create("custom-laptop");
    plane.fleets.create({ name: "hand", computeType: "ANYWHERE", locations: ["custom-laptop"] });
    expect(children).toHaveLength(1);
    await world.pass(100);
    expect(children).toHaveLength(2);
    expect(children[1]?.command).toMatchObject({ program: `${root}/bin/server`, folder: root });
  });

  it("[EV6] start ten processes a second together, fifty on one of them", async () => {
    const entries = [
      { ...SERVER, parameters: "a", concurrentExecutions: 30 },
      { ...SERVER, parameters: "b", concurrentExecutions: 20 },
    ];
    await opened({ serverProcesses: entries, instancesPerLocation: 2 });
    expect(startsOf(world)).toEqual(Array.from({ length: 100 }, (_, at) => at * 100));
    const args = world.children.map(({ command }) => command.args.join());
    expect(args.filter((each) => each === "a")).toHaveLength(60);
  });

  it("[EV6] are told of when there is no room for them", async () => {
    const { plane, fleet } = await opened({ instancesPerLocation: 101, serverProcesses: [] });
    expect(plane.computes.list(fleet.fleetId)).toHaveLength(100);
    expect(world.printed.join()).toContain("[games] has no instance in us-west-2: ");
  });
});

describe("a process that is started", () => {
  it("[EV4] gets its launch path, parameters and folder as an instance would give them", async () => {
    const parameters = "/local/game/main.mjs --port 7777  --title 'a b'";
    await opened({ serverProcesses: [{ ...SERVER, parameters }] });
    expect(world.children[0]?.command).toMatchObject({
      program: path.join(world.root, "bin/server"),
      args: [path.join(world.root, "main.mjs"), "--port", "7777", "", "--title", "'a", "b'"],
      folder: world.root,
    });
    expect(world.printed.join()).toContain("have a blank in quotes");
  });

  it("[EV5] gets the five variables, with a token that opens a connection, and no key of the developer's", async () => {
    const { plane, fleet, children } = await opened();
    const { computeName, processId } = world.processOf(children[0]);
    const { environment } = children[0]!.command;
    const token = environment["GAMELIFT_SDK_AUTH_TOKEN"]!;
    expect(environment).toEqual({
      PATH: "/bin",
      GAMELIFT_SDK_WEBSOCKET_URL: "ws://127.0.0.1:9080",
      GAMELIFT_SDK_AUTH_TOKEN: token,
      GAMELIFT_SDK_FLEET_ID: fleet.fleetId,
      GAMELIFT_SDK_HOST_ID: computeName,
      GAMELIFT_SDK_PROCESS_ID: processId,
    });
    expect(plane.computes.admits(token, fleet.fleetId, computeName)).toBe(true);
    expect(world.printed.join()).not.toContain(token);
  });

  it("[EV13] prints no token of its compute, renewed ones included", async () => {
    const { plane, fleet, children } = await opened();
    const { computeName } = world.processOf(children[0]);
    const first = children[0]!.command.environment["GAMELIFT_SDK_AUTH_TOKEN"]!;
    world.clock.hold(plane.durations.tokenMs);
    const renewed = granted(plane.computes.token(fleet.fleetId, computeName)).token;
    expect(renewed).not.toBe(first);
    children[0]!.command.output(Buffer.from(`was ${first}, is ${renewed}\n`));
    expect(world.printed.at(-1)).toMatch(/was \[token\], is \[token\]$/);
  });
});

describe("a process that ended", () => {
  it("[EV7] well is replaced at once, but no sooner than a second after its start", async () => {
    const { children, plane } = await opened();
    world.ready(children[0]);
    plane.processes.ending(world.processOf(children[0]));
    children[0]?.end({ code: 0, signal: null });
    await world.pass(0);
    expect(world.processOf(children[0])).toMatchObject({ state: "ENDED", endReason: "ended" });
    expect(children).toHaveLength(2);
    world.ready(children[1]);
    plane.processes.ending(world.processOf(children[1]));
    children[1]?.end({ code: 0, signal: null });
    await world.pass(999);
    expect(children).toHaveLength(2);
    await world.pass(1);
    expect(children).toHaveLength(3);
    expect(new Set(children.map(({ processId }) => processId)).size).toBe(3);
  });

  it("[EV8] badly and soon, time and again, is replaced after rests that double up to a minute", async () => {
    const { children, clock } = await opened({}, 0);
    const restsMs = [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000];
    for (const [at, restMs] of restsMs.entries()) {
      await world.pass(children[at]!.startedAtMs + 9_999 - clock.nowMs());
      children[at]!.end({ code: at, signal: null });
      await world.pass(restMs - 1);
      expect(children).toHaveLength(at + 1);
      await world.pass(1);
      expect(children).toHaveLength(at + 2);
    }
    expect(world.events("SERVER_PROCESS_CRASHED")).toHaveLength(restsMs.length);
  });

  it.each([
    ["one that ran for ten seconds", 10_000, false],
    ["one that ended well", 2_000, true],
  ])("[EV8] badly is forgiven after %s", async (_, livedMs, isGood) => {
    const { children, plane } = await opened({}, 0);
    for (const restMs of [1_000, 2_000]) {
      children.at(-1)?.end({ code: 1, signal: null });
      await world.pass(restMs);
    }
    expect(children).toHaveLength(3);
    await world.pass(livedMs);
    if (isGood) {
      world.ready(children[2]);
      plane.processes.ending(world.processOf(children[2]));
    }
    children[2]?.end({ code: 0, signal: null });
    await world.pass(0);
    expect(children).toHaveLength(4);
    children[3]?.end({ code: 1, signal: null });
    await world.pass(999);
    expect(children).toHaveLength(4);
    await world.pass(1);
    expect(children).toHaveLength(5);
  });

  it("[EV8] badly rests by the time of the service, and is judged by real time", async () => {
    const { children, plane } = await opened({ timeScale: 10 }, 0);
    expect(plane.durations.scaled(60_000)).toBe(6_000);
    const restsMs = [100, 200, 400, 800, 1_600, 3_200, 6_000, 6_000];
    for (const [at, restMs] of restsMs.entries()) {
      await world.pass(9_000);
      children[at]?.end({ code: 1, signal: null });
      await world.pass(restMs - 1);
      expect(children).toHaveLength(at + 1);
      await world.pass(1);
      expect(children).toHaveLength(at + 2);
    }
  });

  it("[EV8] badly does not hold up the others", async () => {
    const { children } = await opened({
      serverProcesses: [{ ...SERVER, concurrentExecutions: 2 }],
    });
    for (let crash = 0; crash < 5; crash++) {
      children.at(-1)?.end({ code: 1, signal: null });
      await world.pass(9_000);
    }
    const before = children.length;
    children[0]?.end({ code: 0, signal: null });
    await world.pass(100);
    expect(children).toHaveLength(before + 1);
  });

  it("[EV8] because it could not be started is told with its cause", async () => {
    const { children } = await opened({}, 0);
    const cause = new Error("spawn EAGAIN");
    children[0]?.end({ code: null, signal: null, cause });
    await world.pass(0);
    expect(world.printed.at(-1)).toMatch(/^\[games 00000000\] could not be started: spawn EAGAIN$/);
    await world.pass(1_000);
    expect(children).toHaveLength(2);
  });
});

describe("a launch path that leads nowhere", () => {
  it("[EV1] starts nothing without a launch root, and the event says which flag is missing", async () => {
    const { children, fleet } = await opened({ hasRoot: false });
    expect(children).toEqual([]);
    expect(world.events("SERVER_PROCESS_INVALID_PATH")[0]).toMatch(
      /^Compute i-\w+: LaunchPath \/local\/game\/bin\/server: no program may be started. Start the emulator with --launch-root DIR/,
    );
    expect(world.plane.processes.list(fleet.fleetId)).toEqual([]);
    const told = world.printed.filter((line) => line.includes("--launch-root"));
    await world.pass(600_000);
    expect(world.printed.filter((line) => line.includes("--launch-root"))).toEqual(told);
    expect(told).toHaveLength(1);
  });

  it("[EV3] is told once for all its processes, and looked at again after rests that double up to a minute", async () => {
    world = new SupervisorWorld({ serverProcesses: [{ ...SERVER, concurrentExecutions: 9 }] });
    const program = path.join(world.root, "bin", "server");
    rmSync(program);
    await world.open(0);
    const code = "SERVER_PROCESS_INVALID_PATH";
    expect(world.events(code)).toHaveLength(1);
    expect(world.events(code)[0]).toContain(`there is no file ${program}`);
    let looks = 1;
    for (const restMs of [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]) {
      await world.pass(restMs - 1);
      expect(world.events(code)).toHaveLength(looks);
      await world.pass(1);
      expect(world.events(code)).toHaveLength(++looks);
    }
    writeFileSync(program, "", { mode: 0o755 });
    await world.pass(61_000);
    expect(world.children).toHaveLength(9);
    chmodSync(program, 0o644);
    world.children[0]?.end({ code: 0, signal: null });
    await world.pass(1_000);
    expect(world.events(code)).toHaveLength(looks + 1);
    expect(world.events(code).at(-1)).toContain("is not executable");
    await world.pass(1_000);
    expect(world.events(code)).toHaveLength(looks + 2);
  });
});

describe("a process that must go", () => {
  it("[EV10] is killed with its group when it does not call InitSDK in time, and replaced", async () => {
    const { children } = await opened({}, 0);
    await world.pass(299_999);
    expect(children[0]?.signals).toEqual([]);
    await world.pass(1);
    expect(children[0]?.signals).toEqual(["SIGKILL"]);
    await world.pass(0);
    expect(world.events("SERVER_PROCESS_SDK_INITIALIZATION_TIMEOUT")).toHaveLength(1);
    expect(world.events("SERVER_PROCESS_CRASHED")).toEqual([]);
    expect(children).toHaveLength(2);
  });

  it("[EV10] is killed when it overstays after ProcessEnding, and its place is not filled before it is gone", async () => {
    const { children, plane } = await opened();
    const [child] = children;
    world.ready(child);
    plane.processes.ending(world.processOf(child));
    child!.onSignal = () => {};
    await world.pass(30_000);
    expect(child?.signals).toEqual(["SIGKILL"]);
    expect(world.processOf(child).endReason).toBe("exit-timeout");
    await world.pass(5_000);
    expect(children).toHaveLength(1);
    child?.end({ code: null, signal: "SIGKILL" });
    await world.pass(0);
    expect(children).toHaveLength(2);
  });

  it("[EV10] is killed at once when its game session is ended by force", async () => {
    const { children, plane } = await opened();
    world.ready(children[0]);
    const { gameSessionId } = world.place();
    plane.gameSessions.terminate(gameSessionId, "FORCE_TERMINATE");
    expect(children[0]?.signals).toEqual(["SIGKILL"]);
    await world.pass(0);
    expect(children).toHaveLength(2);
  });

  it("[EV10] that badly and soon did not get ready rests like one that crashed", async () => {
    const { children } = await opened({ timeScale: 1_000 }, 0);
    await world.pass(300);
    expect(children[0]?.signals).toEqual(["SIGKILL"]);
    const atMs = world.clock.nowMs();
    await world.pass(100_000);
    const gapsMs = children
      .slice(1)
      .map(({ startedAtMs }, at) => startedAtMs - (children[at]!.startedAtMs + 300));
    expect(children[1]!.startedAtMs).toBe(atMs + 1);
    expect(gapsMs.slice(0, 8)).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  });
});
