import { describe, expect, it } from "vitest";
import type { Removal } from "../../../server/fleet/fleet.ts";
import { SESSION_LIMITS } from "../../../server/session/limits.ts";
import { playerSession } from "../../support/scripted-fleet.ts";
import { CALLER } from "./admission-world.ts";
import { hang, LifeWorld, RESULTS_MS } from "./life-world.ts";

const CAUSE = new Error("closed with 1000");
const unavailable = async (): Promise<Removal> => ({ outcome: "unavailable", cause: CAUSE });
const down = () => Promise.reject(CAUSE);

/** A match with players 1 and 2 whose fleet is out of reach. */
async function cutOff(): Promise<LifeWorld> {
  const world = await LifeWorld.playing(1, 2);
  world.fleet.calls.length = 0;
  world.fleet.callbacks?.onReachable(false);
  world.fleet.answerRemove = unavailable;
  return world;
}

describe("a fleet out of reach", () => {
  it("[AD42] is asked nothing: joins are told to try again at once, and keep their ids", async () => {
    const world = await cutOff();
    world.fleet.add(playerSession(3));
    world.fleet.describes = 0;
    // One who is known, one who is not, and one whose seat is reserved.
    for (const number of [4, 99, 3]) await expect(reserve(world, number)).rejects.toThrow("4403");
    expect([world.fleet.describes, world.fleet.accepts]).toEqual([0, ["psess-1", "psess-2"]]);
    expect(world.telemetry.of("joinRefused").map(({ reason }) => reason)).toEqual(
      Array(3).fill("fleet_unavailable"),
    );
    world.fleet.callbacks?.onReachable(true);
    await world.join(3);
    await world.join(4);
    expect(world.life.seatsHeld).toBe(4);
  });

  it("[AD42] leaves what needs no fleet as it is: a used or malformed id is refused", async () => {
    const world = await cutOff();
    await expect(reserve(world, 1)).rejects.toThrow("4401");
    await expect(reserve(world, " ")).rejects.toThrow("4401");
  });

  it("[AD42] turns a seat that was reserved before away at its claim, and keeps the id", async () => {
    const world = await LifeWorld.playing(1);
    const sessionId = await reserve(world, 2);
    world.fleet.callbacks?.onReachable(false);
    const claim = await world.life.current?.admission.claim(sessionId, CALLER);
    expect(claim).toMatchObject({ outcome: "refused", code: 4403 });
    world.fleet.callbacks?.onReachable(true);
    await world.join(2);
  });

  it("[AD42] that is back is asked by all again, whatever failed before", async () => {
    const world = await LifeWorld.playing();
    world.fleet.answerDescribe = down;
    while (world.telemetry.of("fleetBreakerTurned").length === 0) {
      void reserve(world, 99).catch(() => {});
      await world.pass(1_000);
    }
    world.fleet.answerDescribe = undefined;
    world.fleet.callbacks?.onReachable(false);
    world.fleet.callbacks?.onReachable(true);
    await world.join(1);
    expect(world.telemetry.of("fleetBreakerTurned").map(({ isOpen }) => isOpen)).toEqual([
      ...[true, false],
    ]);
  });

  it("[AD42] is so for a game session that is placed before it is back", async () => {
    const world = new LifeWorld();
    await world.life.start(7000);
    world.fleet.callbacks?.onReachable(false);
    await world.place();
    await expect(reserve(world, 1)).rejects.toThrow("4403");
    world.fleet.callbacks?.onReachable(true);
    await world.join(1);
  });

  it("[GS46] for an hour drops nobody; who left meanwhile is given back once when it is back", async () => {
    const world = await cutOff();
    const [first] = world.life.current?.admission.seats.holders() ?? [];
    world.room.events.onSeatGone(first?.sessionId ?? "");
    await world.pass(3_600_000);
    expect([world.life.phase, world.life.seatsHeld, world.room.closes]).toEqual(["active", 1, []]);
    expect(world.life.isHealthy).toBe(true);
    world.fleet.removes.length = 0;
    world.fleet.answerRemove = undefined;
    world.fleet.callbacks?.onReachable(true);
    await world.pass(0);
    expect(world.fleet.removes).toEqual(["psess-1"]);
    await world.pass(60_000);
    expect(world.fleet.removes).toEqual(["psess-1"]);
    expect(world.telemetry.of("playerSessionRemoveFailed")).toEqual([]);
    expect(world.telemetry.of("fleetReachable")).toEqual([
      { isReachable: false },
      { isReachable: true },
    ]);
  });

  it("[GS46] hears when it is back that the room has locked itself", async () => {
    const world = await cutOff();
    const { process } = world.fleet;
    const tell = process.setOpenToPlayers;
    process.setOpenToPlayers = down;
    world.room.events.onOpenChanged(false);
    await world.pass(60_000);
    process.setOpenToPlayers = tell;
    world.fleet.callbacks?.onReachable(true);
    await world.pass(0);
    expect(world.fleet.calls).toEqual(["close gsess-1"]);
  });

  it("[GS46] delivers the result of a match that ends meanwhile", async () => {
    const world = await cutOff();
    world.room.events.onOver();
    await world.pass(RESULTS_MS + 60_000);
    expect([world.outcomes, world.isDone]).toEqual([["completed"], true]);
    expect(world.telemetry.of("playerSessionRemoveFailed")).toHaveLength(2);
  });
});

describe("a fleet that is lost for good", () => {
  const lost = { name: "GameServerError", code: "FLEET_LOST", cause: CAUSE };

  it("[GS47] ends a process without a match at once, with an error", async () => {
    const world = new LifeWorld();
    await world.life.start(7000);
    world.fleet.callbacks?.onLost(CAUSE);
    await world.pass(0);
    expect([world.failure, world.isDone]).toMatchObject([lost, false]);
    expect(world.telemetry.of("fleetLost")).toEqual([{ cause: CAUSE }]);
    expect([world.fleet.calls, world.clock.pendingTimers]).toEqual([["ready port"], 0]);
    await world.place();
    expect([world.rooms, world.life.refusalWithoutMatch().code]).toEqual([[], 4404]);
  });

  it("[GS47] also one that has not said yet that it can host", async () => {
    const world = new LifeWorld();
    Object.assign(world.fleet.process, {
      ready: (_port: number, callbacks: NonNullable<LifeWorld["fleet"]["callbacks"]>) => {
        callbacks.onLost(CAUSE);
        return hang();
      },
    });
    await expect(world.life.start(7000)).rejects.toMatchObject(lost);
  });

  it("[GS47] is told once, and nothing of it after that", async () => {
    const world = await LifeWorld.playing(1);
    for (let times = 0; times < 2; times++) world.fleet.callbacks?.onLost(CAUSE);
    world.fleet.callbacks?.onReachable(true);
    expect(world.telemetry.of("fleetLost")).toHaveLength(1);
    expect(world.telemetry.of("fleetReachable")).toEqual([]);
    await expect(reserve(world, 2)).rejects.toThrow("4403");
  });

  it("[GS48] lets a match be played to its end, with its result, then ends the process the same way", async () => {
    const world = await LifeWorld.playing(1);
    world.fleet.next = "await_game_session";
    world.fleet.callbacks?.onLost(CAUSE);
    world.fleet.answerRemove = hang;
    await world.pass(3_600_000);
    expect([world.life.phase, world.life.seatsHeld, world.failure]).toEqual([
      "active",
      1,
      undefined,
    ]);
    world.fleet.calls.length = 0;
    world.room.events.onOver();
    await world.pass(RESULTS_MS - 1);
    expect(world.failure).toBeUndefined();
    await world.pass(1);
    expect([world.outcomes, world.failure]).toMatchObject([["completed"], lost]);
    expect(world.telemetry.of("playerSessionRemoveFailed")).toHaveLength(1);
    expect([world.fleet.calls, world.clock.pendingTimers]).toEqual([["close gsess-1"], 0]);
  });

  it("[GS48] while a match closes is not waited for any longer", async () => {
    const world = await LifeWorld.playing(1);
    world.fleet.answerRemove = unavailable;
    world.room.events.onDisposed();
    await world.pass(100);
    expect(world.life.phase).toBe("closing");
    world.fleet.callbacks?.onLost(CAUSE);
    await world.pass(0);
    expect(world.failure).toMatchObject(lost);
    await world.pass(60_000);
    expect(world.clock.pendingTimers).toBe(0);
  });

  it.each([
    ["while the room is made", true],
    ["while the fleet is told", false],
  ])("[GS48] %s fails the game session, and the process ends", async (_when, isOpening) => {
    const world = new LifeWorld();
    const opening = Promise.withResolvers<void>();
    if (isOpening) world.whileOpening = () => opening.promise;
    world.fleet.process.activateGameSession = hang;
    await world.place();
    world.fleet.callbacks?.onLost(CAUSE);
    opening.resolve();
    await world.pass(SESSION_LIMITS.abortRestMs);
    expect(world.telemetry.of("gameSessionFailed")).toMatchObject([
      { reason: "fleet_unreachable" },
    ]);
    expect(world.failure).toMatchObject(lost);
  });

  it("[GS48] ends an empty match after its time", async () => {
    const world = await LifeWorld.playing();
    world.leave(await world.join(1));
    world.fleet.callbacks?.onLost(CAUSE);
    world.fleet.process.setOpenToPlayers = down;
    await world.pass(120_000);
    expect(world.telemetry.of("gameSessionEnded")).toMatchObject([{ why: "everybody_left" }]);
    expect(world.failure).toMatchObject(lost);
  });

  it.each([
    ["before it is lost", true],
    ["after it was lost", false],
  ])(
    "[GS49] does not spoil the end of a process that was told to stop %s",
    async (_when, isFirst) => {
      const world = await LifeWorld.playing(1);
      if (isFirst) world.life.drain("signal", 4_000);
      world.fleet.callbacks?.onLost(CAUSE);
      if (!isFirst) world.life.drain("signal", 4_000);
      await world.pass(4_000);
      expect([world.isDone, world.outcomes, world.failure]).toEqual([true, ["drained"], undefined]);
    },
  );

  it("[GS49] is no loss once the process has said goodbye", async () => {
    const world = await LifeWorld.playing(1);
    const ending = Promise.withResolvers<void>();
    world.fleet.process.ending = () => ending.promise;
    world.room.events.onDisposed();
    await world.pass(0);
    world.fleet.callbacks?.onLost(CAUSE);
    ending.resolve();
    await world.pass(0);
    expect([world.isDone, world.failure, world.telemetry.of("fleetLost")]).toEqual([
      ...[true, undefined, []],
    ]);
  });
});

async function reserve(world: LifeWorld, number: number | string): Promise<string> {
  const answer = await world.life.current?.admission.reserve({
    playerSessionId: `psess-${number}`,
    options: {},
    caller: CALLER,
  });
  if (answer?.outcome !== "reserved") throw new Error(`refused with ${answer?.code}`);
  return answer.sessionId;
}
