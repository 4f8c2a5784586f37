import { afterEach, describe, expect, it } from "vitest";
import { granted } from "../plane/plane-world.ts";
import { SupervisorWorld, type SupervisorWorldOptions } from "./supervisor-world.ts";

let world: SupervisorWorld | undefined;

async function opened(options: SupervisorWorldOptions = {}): Promise<SupervisorWorld> {
  world = await new SupervisorWorld(options).open();
  return world;
}

afterEach(async () => {
  await world?.dispose();
  world = undefined;
});

async function scale({ plane, fleet }: SupervisorWorld, desired: number): Promise<void> {
  const capacity = { desired, minimum: 0, maximum: 10 };
  granted(plane.fleets.setCapacity(fleet.fleetId, "us-west-2", capacity));
  await world?.pass(5_000);
}

const computes = ({ plane, fleet }: SupervisorWorld) => plane.computes.list(fleet.fleetId);

describe("the capacity of a fleet", () => {
  it("[EV25] brings instances, and takes idle ones away when their processes have ended", async () => {
    const here = await opened();
    await scale(here, 3);
    expect(computes(here)).toHaveLength(3);
    expect(here.children).toHaveLength(3);
    for (const child of here.children) here.ready(child);
    const session = here.place();
    await scale(here, 1);
    const told = here.plane.processes
      .list()
      .filter(({ terminationAtMs }) => terminationAtMs !== undefined);
    expect(told).toHaveLength(2);
    expect(told.map(({ processId }) => processId)).not.toContain(session.processId);
    for (const process of told) here.childOf(process).end({ code: 0, signal: null });
    await here.pass(5_000);
    expect(computes(here).map(({ computeName }) => computeName)).toEqual([session.computeName]);
    expect(here.alive()).toHaveLength(1);
  });

  it("[EV25] waits for a game session under FullProtection, and for no other", async () => {
    const here = await opened({ instancesPerLocation: 2 });
    granted(
      here.plane.fleets.change(here.fleet.fleetId, {
        newGameSessionProtectionPolicy: "FullProtection",
      }),
    );
    for (const child of here.children) here.ready(child);
    const guarded = here.place();
    granted(
      here.plane.fleets.change(here.fleet.fleetId, {
        newGameSessionProtectionPolicy: "NoProtection",
      }),
    );
    const open = here.place();
    await scale(here, 0);
    const find = (id: string) =>
      here.plane.processes.list().find(({ processId }) => processId === id);
    expect(find(open.processId)?.terminationAtMs).toBeDefined();
    expect(find(guarded.processId)?.terminationAtMs).toBeUndefined();
    const host = find(guarded.processId);
    if (host === undefined) throw new Error("no host");
    for (const child of here.children) child.end({ code: 0, signal: null });
    await here.pass(10_000);
    expect(computes(here)).toEqual([]);
    expect(here.children).toHaveLength(2);
  });
});
