import { describe, expect, it } from "vitest";
import { SESSION_LIMITS } from "../../../server/session/limits.ts";
import { playerSession } from "../../support/scripted-fleet.ts";
import { AdmissionWorld, REFUSED, TRY_AGAIN } from "./admission-world.ts";

const { breakerFailuresMax, breakerTryMs, describeRetryMs } = SESSION_LIMITS;
const down = () => Promise.reject(new Error("down"));
const turns = (world: AdmissionWorld) =>
  world.telemetry.of("fleetBreakerTurned").map(({ isOpen }) => isOpen);

/** A world whose fleet has failed so often that it is asked no more. */
async function broken(players = 0) {
  const world = new AdmissionWorld(players);
  world.fleet.answerDescribe = down;
  const asked: Promise<unknown>[] = [];
  while (turns(world).length === 0) {
    asked.push(world.ask("psess-x"));
    await world.clock.advanceAsync(describeRetryMs);
  }
  expect(world.fleet.describes).toBe(breakerFailuresMax);
  expect(await Promise.all(asked)).toEqual(asked.map(() => TRY_AGAIN));
  expect(turns(world)).toEqual([true]);
  return world;
}

describe("a fleet that has failed five times in a row", () => {
  it("[AD40] is not asked to describe, and joins are told to try again at once", async () => {
    const world = await broken();
    const { describes } = world.fleet;
    const asked = Array.from({ length: 50 }, (_, number) => world.ask(`psess-y${number}`));
    expect(await Promise.all(asked)).toEqual(asked.map(() => TRY_AGAIN));
    expect(await world.roster.describe()).toBeUndefined();
    expect(world.fleet.describes).toBe(describes);
    expect(world.clock.pendingTimers).toBe(0);
    expect(world.telemetry.of("fleetCallFailed")).toHaveLength(breakerFailuresMax);
  });

  it("[AD40] is not asked to accept, and the id is kept", async () => {
    const world = new AdmissionWorld(8);
    world.fleet.answerAccept = down;
    for (let number = 1; number <= breakerFailuresMax; number++) {
      expect(await world.join(`psess-${number}`)).toEqual(TRY_AGAIN);
    }
    const { accepts } = world.fleet;
    const before = accepts.length;
    expect(await world.claim(await world.ask("psess-7"))).toEqual(TRY_AGAIN);
    expect(await world.claim(await world.ask("psess-7"))).toEqual(TRY_AGAIN);
    expect(accepts).toHaveLength(before);
    world.fleet.answerAccept = undefined;
    await world.clock.advanceAsync(breakerTryMs);
    expect((await world.join("psess-7")).outcome).toBe("claimed");
  });

  it("[AD40] leaves what needs no fleet as it is: a malformed or used id is refused", async () => {
    const world = new AdmissionWorld(1);
    await world.seated("psess-1");
    world.fleet.answerDescribe = down;
    for (let times = 0; times < breakerFailuresMax; times++) {
      void world.ask("psess-x");
      await world.clock.advanceAsync(2 * describeRetryMs);
    }
    expect(turns(world)).toEqual([true]);
    expect([await world.ask("not an id"), await world.ask("psess-1")]).toEqual([REFUSED, REFUSED]);
  });

  it("[AD41] is tried by one join in 2 s, and stays broken while it fails", async () => {
    const world = await broken();
    const { describes } = world.fleet;
    for (let tries = 1; tries <= 4; tries++) {
      await world.clock.advanceAsync(breakerTryMs - 1);
      void world.ask("psess-early");
      await world.clock.advanceAsync(1);
      expect(world.fleet.describes).toBe(describes + tries - 1);
      const asked = [world.ask("psess-a"), world.ask("psess-b"), world.ask("psess-c")];
      expect(await Promise.all(asked)).toEqual(asked.map(() => TRY_AGAIN));
      expect(world.fleet.describes).toBe(describes + tries);
    }
    expect(turns(world)).toEqual([true]);
  });

  it("[AD41] is asked by all again after its first answer", async () => {
    const world = await broken(2);
    world.fleet.answerDescribe = undefined;
    await world.clock.advanceAsync(breakerTryMs);
    expect(await world.ask("psess-nobody")).toEqual(REFUSED);
    expect(turns(world)).toEqual([true, false]);
    world.add(playerSession(3));
    expect((await world.join("psess-3")).outcome).toBe("claimed");
  });

  it("[AD41] counts as answering when it says no", async () => {
    const world = new AdmissionWorld(9, { maximumPlayerSessionCount: 20 });
    world.fleet.answerAccept = down;
    for (let number = 1; number < breakerFailuresMax; number++) await world.join(`psess-${number}`);
    world.fleet.answerAccept = async () => ({ outcome: "refused" });
    await world.join("psess-8");
    world.fleet.answerAccept = down;
    for (let number = 1; number < breakerFailuresMax; number++) await world.join(`psess-${number}`);
    expect(turns(world)).toEqual([]);
    await world.join("psess-9");
    expect(turns(world)).toEqual([true]);
  });
});
