import { afterEach, describe, expect, it } from "vitest";
import {
  type ScriptedChild,
  SERVER,
  SupervisorWorld,
  type SupervisorWorldOptions,
} from "./supervisor-world.ts";

let world: SupervisorWorld;

async function opened(
  options: SupervisorWorldOptions = {},
  passMs?: number,
): Promise<SupervisorWorld> {
  world = new SupervisorWorld(options);
  return world.open(passMs);
}

afterEach(() => world.dispose());

const times = (concurrentExecutions: number, parameters = "") => [
  { ...SERVER, parameters, concurrentExecutions },
];

/** Says ProcessEnding and exits, as a server does that was told to terminate. */
async function goes(child: ScriptedChild): Promise<void> {
  world.plane.processes.ending(world.processOf(child));
  child.end({ code: 0, signal: null });
  await world.pass(0);
}

describe("a change of the runtime configuration", () => {
  it("[EV9] to more processes starts what is missing", async () => {
    const { children } = await opened({ serverProcesses: times(2) });
    await world.configure(times(5));
    await world.pass(1_000);
    expect(children).toHaveLength(5);
    expect(children.flatMap(({ signals }) => signals)).toEqual([]);
  });

  it("[EV9] to fewer processes tells idle ones to terminate, the newest first, and does not replace them", async () => {
    const { children } = await opened({ serverProcesses: times(4) });
    const links = children.map((child) => world.ready(child));
    await world.configure(times(1));
    expect(links.map(({ kinds }) => kinds)).toEqual([
      [],
      ["terminate-process"],
      ["terminate-process"],
      ["terminate-process"],
    ]);
    for (const child of children.slice(1)) await goes(child);
    await world.pass(60_000);
    expect(children).toHaveLength(4);
    expect(world.alive()).toHaveLength(1);
  });

  it("[EV9] to fewer processes prefers an idle one, however old, to one that hosts a game session", async () => {
    const { children } = await opened({ serverProcesses: times(3) });
    const newest = world.ready(children[2]);
    world.place();
    const [oldest, older] = [world.ready(children[0]), world.ready(children[1])];
    await world.configure(times(1));
    expect([oldest, older, newest].map(({ kinds }) => kinds.includes("terminate-process"))).toEqual(
      [true, true, false],
    );
  });

  it("[EV9] to fewer processes ends those at once that nobody can tell", async () => {
    const { children } = await opened({ serverProcesses: times(2) });
    await world.configure(times(1));
    expect(children.map(({ signals }) => signals)).toEqual([[], ["SIGKILL"]]);
    await world.pass(60_000);
    expect(children).toHaveLength(2);
  });

  it("[EV9] to fewer processes leaves those alone that host a game session, and replaces none of them", async () => {
    const { children } = await opened({ serverProcesses: times(3) });
    const links = children.map((child) => world.ready(child));
    for (const _ of children) world.place();
    await world.configure(times(1));
    await world.pass(120_000);
    expect(links.flatMap(({ kinds }) => kinds)).not.toContain("terminate-process");
    expect(children.flatMap(({ signals }) => signals)).toEqual([]);
    for (const child of children) await goes(child);
    await world.pass(1_000);
    expect(children).toHaveLength(4);
  });

  it("[EV9] to other parameters holds for processes that start later, and never has more run than it asks for", async () => {
    const { children } = await opened({ serverProcesses: times(3, "old") });
    for (const child of children) world.ready(child);
    world.place();
    const host = children.find((child) => world.processOf(child).gameSessionId !== undefined)!;
    const idle = children.filter((child) => child !== host);
    await world.configure(times(3, "new"));
    await world.pass(2_000);
    // All three still run.
    expect(children).toHaveLength(3);
    await goes(idle[0]!);
    await world.pass(1_000);
    expect(children.map(({ command }) => command.args[0])).toEqual(["old", "old", "old", "new"]);
    await goes(idle[1]!);
    await world.pass(1_000);
    expect(children).toHaveLength(5);
    await world.pass(60_000);
    expect(host.signals).toEqual([]);
    await goes(host);
    await world.pass(1_000);
    expect(children.slice(3).map(({ command }) => command.args[0])).toEqual(["new", "new", "new"]);
  });

  it("[EV9] taken back keeps the processes that were not told yet", async () => {
    const { children } = await opened({ serverProcesses: times(1) });
    world.ready(children[0]);
    world.place();
    await world.configure(times(1, "new"));
    await world.configure(times(1));
    await goes(children[0]!);
    await world.pass(1_000);
    expect(children.map(({ command }) => command.args)).toEqual([[], []]);
    await world.pass(60_000);
    expect(children).toHaveLength(2);
  });

  it("[EV9] taken back does not forget how the processes ended", async () => {
    const { children } = await opened({ serverProcesses: times(1) }, 0);
    world.ready(children[0]);
    world.place();
    await world.configure(times(1, "new"));
    await world.configure(times(1));
    children[0]?.end({ code: 1, signal: null });
    await world.pass(999);
    expect(children).toHaveLength(1);
    await world.pass(1);
    expect(children).toHaveLength(2);
  });

  it("[EV9] taken back does not keep a process that was told", async () => {
    const { children } = await opened({ serverProcesses: times(1) });
    world.ready(children[0]);
    await world.configure([]);
    await world.configure(times(1));
    await goes(children[0]!);
    await world.pass(1_000);
    expect(children).toHaveLength(2);
  });

  it("[EV9] adds up entries that are the same", async () => {
    const { children } = await opened({ serverProcesses: [...times(2), ...times(3)] });
    expect(children).toHaveLength(5);
    await world.configure([...times(1), ...times(1), ...times(4, "b")]);
    await world.pass(1_000);
    expect(world.alive()).toHaveLength(6);
  });

  it("[EV9] to none takes waiting places away as well", async () => {
    const { children } = await opened({ serverProcesses: times(1) }, 0);
    children[0]?.end({ code: 1, signal: null });
    await world.pass(0);
    await world.configure([]);
    expect(world.clock.pendingTimers).toBe(0);
    await world.pass(120_000);
    expect(children).toHaveLength(1);
    expect(world.clock.pendingTimers).toBe(0);
  });
});

describe("an instance that is taken away", () => {
  it("[EV11] by a spot interruption starts nothing more, goes with its last process, and another one comes", async () => {
    const { plane, fleet, children } = await opened({ serverProcesses: times(2) });
    const [instance] = plane.computes.list(fleet.fleetId);
    for (const child of children) world.ready(child);
    plane.processes.interrupt(fleet.fleetId, instance!.computeName);
    await goes(children[0]!);
    await world.pass(119_000);
    expect(children).toHaveLength(2);
    expect(plane.computes.list(fleet.fleetId)).toEqual([instance]);
    await world.pass(1_000);
    expect(children[1]?.signals).toEqual(["SIGKILL"]);
    await world.pass(200);
    const computes = plane.computes.list(fleet.fleetId);
    expect(computes).toHaveLength(1);
    expect(computes[0]?.computeName).not.toBe(instance?.computeName);
    expect(children).toHaveLength(4);
    expect(world.processOf(children[3]).computeName).toBe(computes[0]?.computeName);
  });

  it("[EV11] by its deregistration is replaced by another one", async () => {
    const { plane, fleet, children } = await opened();
    const [instance] = plane.computes.list(fleet.fleetId);
    plane.computes.deregister(fleet.fleetId, instance!.computeName);
    expect(children[0]?.signals).toEqual(["SIGKILL"]);
    await world.pass(200);
    expect(plane.computes.list(fleet.fleetId)).toHaveLength(1);
    expect(children).toHaveLength(2);
    expect(world.alive()).toHaveLength(1);
  });

  it("[EV12] with its fleet ends its processes, and none comes in their place", async () => {
    const { plane, fleet, children } = await opened({ serverProcesses: times(3) });
    plane.fleets.delete(fleet.fleetId);
    await world.pass(60_000);
    expect(children.map(({ signals }) => signals.includes("SIGKILL"))).toEqual(Array(3).fill(true));
    expect(world.alive()).toEqual([]);
    expect(children).toHaveLength(3);
    expect(world.clock.pendingTimers).toBe(0);
  });
});
