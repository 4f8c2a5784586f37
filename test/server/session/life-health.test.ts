import { describe, expect, it } from "vitest";
import { hang, LifeWorld } from "./life-world.ts";

const fail = (): Promise<never> => Promise.reject(new Error("down"));

/** The fleet is gone, in one way, for every call there is. */
function lose(world: LifeWorld, call: () => Promise<never>): void {
  const { fleet } = world;
  fleet.answerAccept = call;
  fleet.answerDescribe = call;
  fleet.answerRemove = call;
  fleet.process.setOpenToPlayers = call;
  fleet.backfills = { start: call, stop: call };
  fleet.callbacks?.onReachable(false);
}

describe("ten minutes without the control plane", () => {
  it.each([
    ["fails", fail],
    ["is silent", hang],
  ])("[HE7] leave a process with a match well when it %s", async (_what, call) => {
    const world = await LifeWorld.playing(1, 2);
    const left = await world.join(3);
    lose(world, call);
    world.leave(left);
    world.room.events.onOpenChanged(false);
    const answers = new Set<boolean | undefined>();
    for (let second = 0; second < 600; second++) {
      if (second % 10 === 0) void world.join(4).catch(() => {});
      world.room.progress = { state: "running", ranTicks: second * 30, droppedTicks: 0 };
      await world.pass(1_000);
      answers.add(world.fleet.callbacks?.isHealthy());
    }
    expect([...answers]).toEqual([true]);
    expect(world.life.health).toEqual({
      isHealthy: true,
      phase: "active",
      seatsHeld: 2,
      ticks: "ok",
      eventLoop: "ok",
      match: "ok",
      ranTicks: 599 * 30,
      droppedTicks: 0,
    });
    expect(world.telemetry.of("healthChanged")).toEqual([]);
    expect(world.telemetry.of("fleetReachable")).toEqual([{ isReachable: false }]);
  });

  it("[HE1] say nothing of a match that stopped ticking in them: that is told to the fleet", async () => {
    const world = await LifeWorld.playing(1);
    lose(world, fail);
    world.room.progress = { state: "running", ranTicks: 1, droppedTicks: 0 };
    await world.pass(120_000);
    expect(world.fleet.callbacks?.isHealthy()).toBe(false);
    expect(world.life.health).toMatchObject({ isHealthy: false, ticks: "stalled" });
  });
});
