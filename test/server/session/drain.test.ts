import { describe, expect, it } from "vitest";
import { CloseCode } from "../../../protocol/close-codes.ts";
import { SESSION_LIMITS } from "../../../server/session/limits.ts";
import { hang, LifeWorld, RESULTS_MS } from "./life-world.ts";

const DRAIN_MS = 10_000;
const early = (ms: number) => Math.min(SESSION_LIMITS.earlyMs, ms * SESSION_LIMITS.earlyShare);
const drain = (world: LifeWorld, ms = DRAIN_MS) => world.life.drain("signal", ms);

describe("a drain", () => {
  it("[GS24] leaves what comes after it no more than its deadline does, less the time to exit", async () => {
    const world = new LifeWorld();
    await world.life.start(7000);
    expect(world.life.leftMs(1_000)).toBe(1_000);
    drain(world, 2_000);
    expect(world.life.leftMs(1_000)).toBe(1_000);
    await world.pass(1_000);
    expect(world.life.leftMs(1_000)).toBe(1_000 - early(2_000) - SESSION_LIMITS.exitMs);
    await world.pass(500);
    expect(world.life.leftMs(1_000)).toBe(0);
  });

  it("[GS20] without a match ends at once", async () => {
    const world = new LifeWorld();
    await world.life.start(7000);
    drain(world);
    await world.pass(0);
    expect([world.isDone, world.fleet.calls]).toEqual([true, ["ready port", "ending"]]);
    expect(world.clock.pendingTimers).toBe(0);
    await world.place();
    expect(world.rooms).toEqual([]);
    expect(world.life.refusalWithoutMatch().code).toBe(CloseCode.CLOSED_TO_JOINS);
  });

  it("[GS20] while the room opens ends as soon as it is open", async () => {
    const world = new LifeWorld();
    const opening = Promise.withResolvers<void>();
    world.whileOpening = () => opening.promise;
    await world.place();
    drain(world);
    await world.pass(1_000);
    expect(world.isDone).toBe(false);
    opening.resolve();
    await world.pass(0);
    expect([world.isDone, world.room.closes]).toEqual([true, [CloseCode.SERVER_DRAINED]]);
    expect([world.results, world.clock.pendingTimers]).toEqual([[], 0]);
  });

  it("[GS20] is not held up by a room that never opens", async () => {
    const world = new LifeWorld();
    world.whileOpening = hang;
    await world.place();
    drain(world);
    await world.pass(DRAIN_MS * 0.75);
    expect([world.isDone, world.clock.pendingTimers]).toEqual([true, 0]);
  });

  it("[GS20] hurries a room that never opens with the second signal", async () => {
    const world = new LifeWorld();
    world.whileOpening = hang;
    await world.place();
    drain(world);
    drain(world);
    await world.pass(SESSION_LIMITS.hurryMs);
    expect(world.isDone).toBe(true);
  });

  it("[GS21] with nobody seated ends at once", async () => {
    const world = await LifeWorld.playing();
    drain(world);
    await world.pass(0);
    expect([world.isDone, world.room.drains]).toEqual([true, []]);
  });

  it("[GS21] with players tells them, takes no joins, and lets the game go on until a quarter of the time is left", async () => {
    const world = await LifeWorld.playing(1);
    drain(world);
    expect([world.room.drains, world.life.phase]).toEqual([[DRAIN_MS], "draining"]);
    await expect(world.join(2)).rejects.toThrow("4404");
    await world.pass(DRAIN_MS * 0.75 - 251);
    expect(world.room.closes).toEqual([]);
    await world.pass(1);
    expect(world.room.closes).toEqual([CloseCode.SERVER_DRAINED]);
    expect([world.isDone, world.outcomes]).toEqual([true, ["drained"]]);
    expect(world.deadlines).toEqual([DRAIN_MS / 4 - early(DRAIN_MS)]);
    expect(world.fleet.calls.slice(2)).toEqual(["close gsess-1", "ending"]);
    expect(world.clock.pendingTimers).toBe(0);
  });

  it("[GS21] keeps ten seconds of a long time for the end, and no more", async () => {
    const world = await LifeWorld.playing(1);
    drain(world, 120_000);
    await world.pass(110_000 - 1);
    expect(world.room.closes).toEqual([]);
    await world.pass(1);
    expect(world.room.closes).toEqual([CloseCode.SERVER_DRAINED]);
  });

  it("[GS21] lets a game that ends before be completed, without showing results", async () => {
    const world = await LifeWorld.playing(1);
    drain(world);
    await world.pass(2_000);
    world.room.winners = [0];
    world.room.events.onOver();
    await world.pass(0);
    expect(world.room.closes).toEqual([CloseCode.MATCH_OVER]);
    expect(world.results).toMatchObject([{ outcome: "completed", players: [{ isWinner: true }] }]);
    expect(world.isDone).toBe(true);
  });

  it("[GS21] ends at once when everybody has left", async () => {
    const world = await LifeWorld.playing(1);
    const last = await world.join(2);
    drain(world);
    const [first] = world.life.current?.admission.seats.holders() ?? [];
    world.room.events.onSeatGone(first?.sessionId ?? "");
    await world.pass(0);
    expect(world.isDone).toBe(false);
    world.leave(last);
    await world.pass(0);
    expect([world.isDone, world.outcomes]).toEqual([true, ["drained"]]);
  });

  it("[GS21] while results show ends at once, as completed", async () => {
    const world = await LifeWorld.playing(1);
    world.room.events.onOver();
    await world.pass(1_000);
    drain(world);
    await world.pass(0);
    expect([world.isDone, world.outcomes]).toEqual([true, ["completed"]]);
    expect(world.room.closes).toEqual([CloseCode.MATCH_OVER]);
  });

  it("[GS21] after a fault does not begin another match", async () => {
    const world = await LifeWorld.playing(1);
    world.fleet.next = "await_game_session";
    world.room.events.onFault("tick", new Error("broke"));
    await world.pass(100);
    drain(world);
    await world.pass(60_000);
    expect([world.isDone, world.outcomes]).toEqual([true, ["aborted"]]);
    expect(world.fleet.calls.filter((call) => call === "ending")).toHaveLength(1);
  });
});

describe("a second drain", () => {
  it("[GS22] ends the match at once", async () => {
    const world = await LifeWorld.playing(1);
    drain(world);
    await world.pass(1_000);
    drain(world);
    await world.pass(0);
    expect([world.isDone, world.outcomes]).toEqual([true, ["drained"]]);
    expect(world.deadlines).toEqual([SESSION_LIMITS.hurryMs - early(SESSION_LIMITS.hurryMs)]);
  });

  it("[GS22] is over within a second whatever hangs", async () => {
    const world = await LifeWorld.playing(1);
    world.room.onClose = hang;
    world.room.onSeal = hang;
    world.whileDelivering = hang;
    world.fleet.answerRemove = hang;
    drain(world, 60_000);
    drain(world, 60_000);
    await world.pass(SESSION_LIMITS.hurryMs);
    expect(world.isDone).toBe(true);
    expect(world.telemetry.of("playerSessionRemoveFailed")).toHaveLength(1);
    expect(world.clock.pendingTimers).toBe(0);
  });

  it("[GS22] hurries what already closes", async () => {
    const world = await LifeWorld.playing(1);
    world.room.onClose = hang;
    world.whileDelivering = hang;
    world.fleet.answerRemove = hang;
    drain(world, 60_000);
    await world.pass(51_000);
    expect(world.room.closes).toHaveLength(1);
    drain(world, 60_000);
    await world.pass(SESSION_LIMITS.hurryMs);
    expect(world.isDone).toBe(true);
  });
});

describe("the deadline of a drain", () => {
  it.each([
    ["a fleet that answers nothing any more", 20_000, 17_500],
    ["the same with little time", 2_000, 1_750],
    ["the same on a spot instance", 120_000, 117_500],
  ])("[GS25] is met early beside %s: of %d ms %d are used", async (_what, grantedMs, usedMs) => {
    const world = await LifeWorld.playing(1);
    world.fleet.answerRemove = hang;
    Object.assign(world.fleet.process, { ending: hang });
    drain(world, grantedMs);
    await world.pass(usedMs - 1);
    expect(world.isDone).toBe(false);
    await world.pass(1 + SESSION_LIMITS.tellMsMin);
    expect([world.isDone, world.outcomes]).toEqual([true, ["drained"]]);
  });

  it.each([
    ["the room", "onClose"],
    ["the result", "deliver"],
    ["the removals", "remove"],
  ])("[GS23] holds for a match that closes already when %s hangs", async (_what, hanging) => {
    const world = await LifeWorld.playing(1);
    if (hanging === "onClose") world.room.onClose = hang;
    if (hanging === "deliver") world.whileDelivering = hang;
    if (hanging === "remove") world.fleet.answerRemove = hang;
    world.room.events.onDisposed();
    await world.pass(100);
    drain(world, 1_000);
    await world.pass(1_000);
    expect(world.isDone).toBe(true);
    expect(world.clock.pendingTimers).toBe(0);
  });

  it("[GS23] is never moved back by a later call", async () => {
    const world = await LifeWorld.playing(1);
    world.room.events.onOver();
    await world.pass(RESULTS_MS - 1);
    world.whileDelivering = hang;
    world.room.onClose = hang;
    drain(world, 500);
    await world.pass(100);
    world.life.drain("fleet", 120_000);
    await world.pass(400);
    expect(world.isDone).toBe(true);
  });

  it("[GS23] is kept with every hook of the room hanging", async () => {
    const world = await LifeWorld.playing(1, 2);
    world.room.onClose = hang;
    world.room.onSeal = hang;
    world.whileDelivering = hang;
    world.fleet.answerRemove = hang;
    drain(world);
    await world.pass(DRAIN_MS);
    expect(world.isDone).toBe(true);
  });
});
