import { describe, expect, it } from "vitest";
import type { PlayerSession } from "../../../server/fleet/fleet.ts";
import { SESSION_LIMITS } from "../../../server/session/limits.ts";
import { playerSession } from "../../support/scripted-fleet.ts";
import { CALLER, HeldAnswers } from "./admission-world.ts";
import { EMPTY_MS, hang, LifeWorld } from "./life-world.ts";

const { describeTimeoutMs, tellMsMax, vacancyRetryMs, vacancyTriesMax } = SESSION_LIMITS;
const CLOSE = "close gsess-1";
const OPEN = "open gsess-1";
const down = () => Promise.reject(new Error("down"));

/** A match that its one player has left, a moment before it would end. */
async function emptied(): Promise<LifeWorld> {
  const world = await LifeWorld.playing();
  world.leave(await world.join(1));
  world.lapse();
  world.fleet.calls.length = 0;
  await world.pass(EMPTY_MS - 1);
  world.fleet.describes = 0;
  return world;
}

const ends = (world: LifeWorld) => world.telemetry.of("gameSessionEnded").map(({ why }) => why);

describe("an empty match whose time is over", () => {
  it("[GS38] closes to new players, then asks the fleet who is still to come, then ends", async () => {
    const world = await emptied();
    const closing = Promise.withResolvers<void>();
    world.fleet.process.setOpenToPlayers = (id, isOpen) => {
      world.fleet.calls.push(`${isOpen ? "open" : "close"} ${id}`);
      return closing.promise;
    };
    await world.pass(1);
    expect([world.life.phase, world.fleet.calls, world.fleet.describes]).toEqual([
      ...["vacant", [CLOSE], 0],
    ]);
    closing.resolve();
    await world.pass(0);
    expect([world.fleet.describes, ends(world), world.isDone]).toEqual([
      ...[1, ["everybody_left"], true],
    ]);
    expect(world.fleet.calls).toEqual([CLOSE, "ended gsess-1", "ending"]);
  });

  it("[GS38] asks anew: an older description does not count", async () => {
    const world = await emptied();
    const answers = new HeldAnswers<readonly PlayerSession[]>();
    world.fleet.answerDescribe = answers.ask;
    void reserve(world, 9).catch(() => {});
    await world.pass(1);
    expect([world.life.phase, answers.count]).toEqual(["vacant", 1]);
    await answers.answer([]);
    expect(world.life.phase).toBe("vacant");
    await world.pass(250);
    await answers.answer([playerSession(2)]);
    expect(world.life.phase).toBe("active");
  });

  it("[GS39] goes on while the fleet keeps a reservation: opens again, and asks again after the same time", async () => {
    const world = await emptied();
    world.fleet.add(playerSession(2));
    await world.pass(1);
    expect([world.life.phase, world.fleet.calls]).toEqual(["active", [CLOSE, OPEN]]);
    await world.pass(EMPTY_MS - 1);
    expect(world.fleet.calls).toEqual([CLOSE, OPEN]);
    world.lapse();
    await world.pass(1);
    expect([ends(world), world.isDone]).toEqual([["everybody_left"], true]);
    expect(world.clock.pendingTimers).toBe(0);
  });

  it("[GS39] lets the player in who was promised a seat meanwhile", async () => {
    const world = await emptied();
    world.fleet.add(playerSession(2));
    await world.pass(1);
    await world.join(2);
    await world.pass(10 * EMPTY_MS);
    expect([world.life.phase, world.life.seatsHeld]).toEqual(["active", 1]);
  });

  it("[GS39] does not open again what the room has locked", async () => {
    const world = await emptied();
    world.fleet.add(playerSession(2));
    world.room.events.onOpenChanged(false);
    await world.pass(1);
    expect([world.life.phase, world.fleet.calls]).toEqual(["active", [CLOSE]]);
    world.room.events.onOpenChanged(true);
    await world.pass(0);
    expect(world.fleet.calls).toEqual([CLOSE, OPEN]);
  });

  it("[GS39] counts who has a reservation here, or an accept under way, whatever the fleet says of him", async () => {
    const world = await emptied();
    world.fleet.add(playerSession(2));
    const admission = world.life.current?.admission;
    const asked = admission?.reserve({
      playerSessionId: "psess-2",
      options: {},
      caller: CALLER,
    });
    world.fleet.answerAccept = hang;
    await world.pass(1);
    world.lapse();
    expect((await asked)?.outcome).toBe("reserved");
    await world.pass(EMPTY_MS - 1);
    expect(world.life.phase).toBe("active");
  });

  it("[GS39] goes on at once with a player who comes while the fleet is asked", async () => {
    const world = await emptied();
    world.fleet.add(playerSession(2));
    const reserved = await reserve(world, 2);
    world.fleet.process.setOpenToPlayers = async (id, isOpen) => {
      world.fleet.calls.push(`${isOpen ? "open" : "close"} ${id}`);
      return isOpen ? undefined : hang();
    };
    await world.pass(1);
    expect(world.life.phase).toBe("vacant");
    const claim = await world.life.current?.admission.claim(reserved, CALLER);
    expect([claim?.outcome, world.life.phase]).toEqual(["claimed", "active"]);
    await world.pass(10 * EMPTY_MS);
    expect([world.life.phase, ends(world)]).toEqual(["active", []]);
  });

  it("[GS39] goes on with a player who comes before the fleet's answer, whatever that says", async () => {
    const world = await emptied();
    world.fleet.add(playerSession(2));
    const reserved = await reserve(world, 2);
    const answers = new HeldAnswers<readonly PlayerSession[]>();
    world.fleet.answerDescribe = answers.ask;
    await world.pass(1 + 250);
    expect([world.life.phase, answers.count]).toEqual(["vacant", 1]);
    await world.life.current?.admission.claim(reserved, CALLER);
    await answers.answer([]);
    await world.pass(0);
    expect([world.life.phase, ends(world)]).toEqual(["active", []]);
  });

  it("[GS39] stays open for a player who comes between two tries", async () => {
    const world = await emptied();
    world.fleet.add(playerSession(2));
    world.life.current?.admission.release(await reserve(world, 2));
    world.fleet.answerDescribe = down;
    await world.pass(1 + 250);
    expect(world.life.phase).toBe("vacant");
    await world.life.current?.admission.claim(await reserve(world, 2), CALLER);
    await world.pass(60_000);
    expect([world.life.phase, world.fleet.calls]).toEqual(["active", [CLOSE, OPEN]]);
  });

  it.each([
    ["cannot be told to close", "setOpenToPlayers", down, 0],
    ["does not answer when told to close", "setOpenToPlayers", hang, tellMsMax],
    ["cannot describe", "describe", down, 0],
    ["does not answer when asked", "describe", hang, describeTimeoutMs],
  ])("[GS40] ends after five tries when the fleet %s", async (_how, what, answer, eachMs) => {
    const world = await emptied();
    if (what === "describe") world.fleet.answerDescribe = answer;
    else world.fleet.process.setOpenToPlayers = answer;
    await world.pass(1 + vacancyTriesMax * eachMs + (vacancyTriesMax - 1) * vacancyRetryMs - 1);
    expect(world.life.phase).toBe("vacant");
    await world.pass(20_000);
    expect([ends(world), world.isDone]).toEqual([["everybody_left"], true]);
  });

  it("[GS40] goes on as the fleet says once it answers again", async () => {
    const world = await emptied();
    world.fleet.answerDescribe = down;
    await world.pass(1 + vacancyRetryMs);
    expect(world.life.phase).toBe("vacant");
    world.fleet.answerDescribe = undefined;
    world.fleet.add(playerSession(2));
    await world.pass(vacancyRetryMs);
    expect(world.life.phase).toBe("active");
  });

  it.each<[string, (world: LifeWorld) => void, string]>([
    ["a fault", (world) => world.life.fault("timer", new Error("broke")), "fault"],
    ["a drain", (world) => world.life.drain("signal", 5_000), "drained"],
    ["its room's end", (world) => world.room.events.onDisposed(), "disposed"],
    ["the game's result", (world) => world.room.events.onOver(), "over"],
  ])(
    "[GS38] is ended by %s while the fleet is asked, and asks no more",
    async (_what, happen, why) => {
      const world = await emptied();
      world.fleet.answerDescribe = hang;
      await world.pass(1);
      expect(world.life.phase).toBe("vacant");
      happen(world);
      await world.pass(60_000);
      expect([ends(world), world.isDone, world.fleet.describes]).toEqual([[why], true, 1]);
      expect(world.clock.pendingTimers).toBe(0);
    },
  );

  it("[GS38] ends without being asked where reservations never lapse, but for who is on the way", async () => {
    const world = await emptied();
    Object.assign(world.fleet.gameSessions, { keepsReservations: true });
    world.fleet.next = "await_game_session";
    await world.pass(60_000);
    world.fleet.add(playerSession(1, { gameSessionId: "gsess-2" }));
    world.fleet.add(playerSession(2, { gameSessionId: "gsess-2" }));
    await world.place({ gameSessionId: "gsess-2" });
    world.leave(await world.join(1));
    world.fleet.describes = 0;
    await world.pass(EMPTY_MS - 1_000);
    await reserve(world, 2);
    world.fleet.calls.length = 0;
    await world.pass(1_000);
    expect([world.life.phase, world.fleet.calls]).toEqual([
      ...["active", ["close gsess-2", "open gsess-2"]],
    ]);
    await world.pass(EMPTY_MS);
    expect(ends(world)).toEqual(["everybody_left", "everybody_left"]);
    expect(world.fleet.describes).toBe(1);
  });
});

describe("a match that ends for good", () => {
  it.each<[string, (world: LifeWorld) => void]>([
    ["has a result", (world) => world.room.events.onOver()],
    ["breaks", (world) => world.room.events.onFault("tick", new Error("broke"))],
    ["drains", (world) => world.life.drain("signal", 10_000)],
    ["is closed by its room", (world) => world.room.events.onDisposed()],
  ])(
    "[GS41] is closed to new players first when it %s, without waiting for the answer",
    async (_what, happen) => {
      const world = await LifeWorld.playing(1);
      world.fleet.calls.length = 0;
      world.fleet.process.setOpenToPlayers = (id, isOpen) => {
        world.fleet.calls.push(`${isOpen ? "open" : "close"} ${id}`);
        return hang();
      };
      happen(world);
      expect(world.fleet.calls).toEqual([CLOSE]);
      await world.pass(60_000);
      expect([world.isDone, world.fleet.calls.slice(0, 1)]).toEqual([true, [CLOSE]]);
      expect(world.fleet.calls.filter((call) => call === CLOSE)).toHaveLength(1);
    },
  );
});

async function reserve(world: LifeWorld, number: number): Promise<string> {
  const asked = world.life.current?.admission.reserve({
    playerSessionId: `psess-${number}`,
    options: {},
    caller: CALLER,
  });
  await world.pass(0);
  const answer = await asked;
  if (answer?.outcome !== "reserved") throw new Error("no seat is reserved");
  return answer.sessionId;
}
