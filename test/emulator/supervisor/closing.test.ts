import { afterEach, describe, expect, it } from "vitest";
import { SERVER, SupervisorWorld } from "./supervisor-world.ts";

let world: SupervisorWorld;

afterEach(() => world.dispose());

async function opened(processes: number): Promise<SupervisorWorld> {
  world = new SupervisorWorld({
    serverProcesses: [{ ...SERVER, concurrentExecutions: processes }],
  });
  return world.open();
}

describe("closing the supervisor", () => {
  it("[EV17] tells each process once to terminate, over its connection or by SIGTERM, and waits", async () => {
    const { children, supervisor, plane } = await opened(3);
    const link = world.ready(children[0]);
    for (const child of children) child.onSignal = () => {};
    let isClosed = false;
    const closed = supervisor.close().then(() => {
      isClosed = true;
    });
    expect(link.kinds).toEqual(["terminate-process"]);
    expect(children.map(({ signals }) => signals)).toEqual([[], ["SIGTERM"], ["SIGTERM"]]);
    plane.processes.ending(world.processOf(children[0]));
    for (const child of children) child.end({ code: 0, signal: null });
    await world.pass(0);
    await closed;
    expect(isClosed).toBe(true);
    expect(children).toHaveLength(3);
    expect(plane.processes.host).toBeUndefined();
    expect(world.isClosed).toBe(true);
    await world.pass(600_000);
    expect(children).toHaveLength(3);
    expect(world.clock.pendingTimers).toBe(0);
  });

  it("[EV17] asks all that are left by SIGTERM halfway, and kills them after 5 s", async () => {
    const { children, supervisor } = await opened(2);
    world.ready(children[0]);
    for (const child of children) {
      child.onSignal = (signal) => signal === "SIGKILL" && child.end({ code: null, signal });
    }
    const closed = supervisor.close();
    await world.pass(2_499);
    expect(children.map(({ signals }) => signals)).toEqual([[], ["SIGTERM"]]);
    await world.pass(1);
    expect(children.map(({ signals }) => signals)).toEqual([["SIGTERM"], ["SIGTERM", "SIGTERM"]]);
    await world.pass(2_499);
    expect(children.flatMap(({ signals }) => signals)).not.toContain("SIGKILL");
    await world.pass(1);
    expect(children.every(({ signals }) => signals.includes("SIGKILL"))).toBe(true);
    await closed;
  });

  it("[EV17] a second time ends what is left at once", async () => {
    const { children, supervisor } = await opened(1);
    children[0]!.onSignal = (signal) =>
      signal === "SIGKILL" && children[0]!.end({ code: null, signal });
    const first = supervisor.close();
    await world.pass(100);
    expect(children[0]?.signals).toEqual(["SIGTERM"]);
    const second = supervisor.close();
    expect(children[0]?.signals).toEqual(["SIGTERM", "SIGKILL"]);
    await world.pass(0);
    await Promise.all([first, second]);
  });

  it("[EV17] is over though a process cannot be ended, and says so", async () => {
    const { children, supervisor } = await opened(1);
    children[0]!.onSignal = () => {};
    const closed = supervisor.close();
    await world.pass(15_000);
    await closed;
    expect(world.printed).toContain("1 server processes cannot be ended");
    children[0]?.end({ code: null, signal: "SIGKILL" });
  });

  it("[EV17] starts nothing that waited for its turn or its rest", async () => {
    world = new SupervisorWorld({ serverProcesses: [{ ...SERVER, concurrentExecutions: 3 }] });
    await world.open(0);
    world.children[0]?.end({ code: 1, signal: null });
    await world.pass(100);
    expect(world.children).toHaveLength(2);
    const closed = world.supervisor.close();
    await world.pass(120_000);
    await closed;
    expect(world.children).toHaveLength(2);
  });
});
