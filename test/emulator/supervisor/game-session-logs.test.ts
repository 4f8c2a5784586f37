import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { settle } from "../../support/fake-clock.ts";
import { zipContents } from "./logs/zip-reader.ts";
import { type ScriptedChild, SERVER, SupervisorWorld } from "./supervisor-world.ts";

let world: SupervisorWorld;

afterEach(() => world.dispose());

async function opened(processes = 1): Promise<SupervisorWorld> {
  world = new SupervisorWorld({
    serverProcesses: [{ ...SERVER, concurrentExecutions: processes }],
  });
  mkdirSync(path.join(world.root, "logs"));
  writeFileSync(path.join(world.root, "logs", "a.log"), "from the match");
  return world.open();
}

/** Lets the disk work until there is a zip. */
async function archive(gameSessionId: string): Promise<string> {
  for (;;) {
    const file = world.supervisor.logArchive(gameSessionId);
    if (file !== undefined) return file;
    await settle();
  }
}

/** Its game session is over, and it exits. */
async function ends(child: ScriptedChild): Promise<void> {
  world.plane.processes.ending(world.processOf(child));
  child.end({ code: 0, signal: null });
  await world.pass(0);
}

const zips = () => readdirSync(path.join(world.folder, "data", "logs"));

describe("the logs of a supervised process", () => {
  it("[EV15] are found by its game session, once it has exited", async () => {
    const { children, plane, supervisor } = await opened();
    world.ready(children[0], ["/local/game/logs"]);
    const { gameSessionId } = world.place();
    plane.processes.ending(world.processOf(children[0]));
    await world.pass(1_000);
    expect(zips()).toEqual([]);
    children[0]?.end({ code: 0, signal: null });
    const file = await archive(gameSessionId);
    expect(zipContents(file).get("local/game/logs/a.log")?.toString()).toBe("from the match");
    expect(file.startsWith(path.join(world.folder, "data"))).toBe(true);
    expect(supervisor.logArchive("another")).toBeUndefined();
  });

  it("[EV15] are collected of one that crashed or was killed as well", async () => {
    const { children, plane } = await opened(2);
    for (const child of children) world.ready(child, ["/local/game/logs"]);
    const [first, second] = [world.place(), world.place()];
    plane.gameSessions.terminate(first.gameSessionId, "FORCE_TERMINATE");
    const crashing = plane.processes
      .list()
      .find(({ gameSessionId }) => gameSessionId === second.gameSessionId);
    world.childOf(crashing!).end({ code: 1, signal: null });
    expect(await archive(first.gameSessionId)).not.toBe(await archive(second.gameSessionId));
  });

  it("[EV15] are not collected of one that hosted no game session", async () => {
    const { children } = await opened(2);
    for (const child of children) world.ready(child, ["/local/game/logs"]);
    const { gameSessionId } = world.place();
    const idle = children.find((child) => world.processOf(child).gameSessionId === undefined)!;
    await ends(idle);
    await ends(children.find((child) => child !== idle)!);
    await archive(gameSessionId);
    expect(zips()).toHaveLength(1);
  });

  it("[EV15] that cannot be packed are told as a fleet event", async () => {
    const { children } = await opened();
    const { processId } = world.processOf(children[0]);
    mkdirSync(path.join(world.folder, "data", "logs", `${processId}.zip`));
    world.ready(children[0], ["/local/game/logs"]);
    const { gameSessionId } = world.place();
    await ends(children[0]!);
    while (world.events("COMPUTE_LOG_UPLOAD_FAILED").length === 0) await settle();
    expect(world.events("COMPUTE_LOG_UPLOAD_FAILED")[0]).toContain(
      `Logs of ${gameSessionId} were not collected: `,
    );
  });

  it("[EV17] that wait when the supervisor closes are still packed", async () => {
    const { children, supervisor } = await opened();
    world.ready(children[0], ["/local/game/logs"]);
    const { gameSessionId } = world.place();
    const closed = supervisor.close();
    await ends(children[0]!);
    await closed;
    expect(supervisor.logArchive(gameSessionId)).toBeDefined();
  });
});

describe("what a supervised process writes", () => {
  it("[EV13] is printed behind the fleet's name and the beginning of its id, and kept under the data directory", async () => {
    const { children, supervisor } = await opened();
    children[0]?.command.output(Buffer.from("hello\n"));
    children[0]?.command.errorOutput(Buffer.from("wrong\n"));
    children[0]?.command.output(Buffer.from(`${"x".repeat(1_000)}\n`.repeat(900)));
    children[0]?.end({ code: 0, signal: null });
    const closed = supervisor.close();
    await closed;
    expect(world.printed).toEqual(
      expect.arrayContaining(["[games 00000000] hello", "[games 00000000] wrong"]),
    );
    const folder = path.join(world.folder, "data", "output");
    expect(statSync(path.join(folder, `${children[0]?.processId}.log`)).size).toBe(
      12 + 1_001 * 900,
    );
  });
});
