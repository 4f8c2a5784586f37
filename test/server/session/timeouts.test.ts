import { describe, expect, it } from "vitest";
import { CloseCode } from "../../../protocol/close-codes.ts";
import type { SessionTimeouts } from "../../../server/session/limits.ts";
import { CALLER } from "./admission-world.ts";
import { EMPTY_MS, LifeWorld, RESULTS_MS } from "./life-world.ts";

const NOBODY_CAME_MS = 120_000;
const MATCH_MS_MAX = 600_000;

async function playing(timeouts: Partial<SessionTimeouts>): Promise<LifeWorld> {
  const world = new LifeWorld(4, 3_000, timeouts);
  await world.place();
  return world;
}

const ends = (world: LifeWorld) =>
  world.telemetry.of("gameSessionEnded").map(({ outcome, why }) => [outcome, why]);

describe("a game session to which nobody comes", () => {
  it("[GS34] ends after its time, without a result", async () => {
    const world = await playing({ nobodyCameMs: NOBODY_CAME_MS });
    world.lapse();
    await world.pass(NOBODY_CAME_MS - 1);
    expect(world.life.phase).toBe("active");
    await world.pass(1);
    expect([world.isDone, ends(world)]).toEqual([true, [["completed", "nobody_came"]]]);
    expect([world.results, world.clock.pendingTimers]).toEqual([[], 0]);
    expect(world.fleet.calls.slice(2)).toEqual(["close gsess-1", "ended gsess-1", "ending"]);
  });

  it("[GS34] ends also where a room has a rule of its own, for that begins with its first player", async () => {
    const world = await playing({ nobodyCameMs: NOBODY_CAME_MS });
    world.room.endsWhenEmpty = false;
    world.life.current?.admission.giveBack(await world.join(1), CALLER);
    world.lapse();
    await world.pass(NOBODY_CAME_MS + 1_000);
    expect(ends(world)).toEqual([["completed", "nobody_came"]]);
  });

  it("[GS34] waits anew after a player whom the room refused", async () => {
    const world = await playing({ nobodyCameMs: NOBODY_CAME_MS });
    await world.pass(NOBODY_CAME_MS - 1_000);
    const refused = await world.join(1);
    await world.pass(NOBODY_CAME_MS);
    expect(world.life.phase).toBe("active");
    world.life.current?.admission.giveBack(refused, CALLER);
    world.lapse();
    await world.pass(NOBODY_CAME_MS - 1_000);
    expect(world.life.phase).toBe("active");
    await world.pass(2_000);
    expect(ends(world)).toEqual([["completed", "nobody_came"]]);
  });

  it("[GS34] is one that somebody came to, once he plays", async () => {
    const world = await playing({ nobodyCameMs: NOBODY_CAME_MS, emptyMs: 0 });
    world.leave(await world.join(1));
    await world.pass(10 * NOBODY_CAME_MS);
    expect(world.life.phase).toBe("active");
  });
});

describe("a match that takes too long", () => {
  it("[GS35] ends as aborted, with its result, and its players hear that it is over", async () => {
    const world = await playing({ matchMsMax: MATCH_MS_MAX });
    await world.join(1);
    world.room.scores.set(0, 7);
    await world.pass(MATCH_MS_MAX - 1_000);
    expect(world.room.closes).toEqual([]);
    await world.pass(1_000);
    expect([ends(world), world.room.closes]).toEqual([
      ...[[["aborted", "too_long"]], [CloseCode.MATCH_OVER]],
    ]);
    expect(world.results).toMatchObject([
      { outcome: "aborted", why: "too_long", players: [{ score: 7, isWinner: false }] },
    ]);
    expect(world.fleet.removes).toEqual(["psess-1"]);
  });

  it("[GS35] is forgotten once it has ended otherwise", async () => {
    const world = await playing({ matchMsMax: MATCH_MS_MAX });
    world.room.events.onDisposed();
    await world.pass(0);
    expect([ends(world), world.clock.pendingTimers]).toEqual([[["completed", "disposed"]], 0]);
  });

  it("[GS35] is not one whose results show, nor one that drains", async () => {
    const shown = await playing({ matchMsMax: MATCH_MS_MAX });
    await shown.join(1);
    await shown.pass(MATCH_MS_MAX - 1_000);
    shown.room.events.onOver();
    await shown.pass(RESULTS_MS - 1);
    expect(shown.room.closes).toEqual([]);
    await shown.pass(1);
    expect(ends(shown)).toEqual([["completed", "over"]]);
    const drained = await playing({ matchMsMax: MATCH_MS_MAX });
    await drained.join(1);
    await drained.pass(MATCH_MS_MAX - 2_000);
    drained.life.drain("signal", 10_000);
    await drained.pass(10_000);
    expect(ends(drained)).toEqual([["drained", "drained"]]);
    expect([shown.clock.pendingTimers, drained.clock.pendingTimers]).toEqual([0, 0]);
  });
});

describe("no timeout", () => {
  it("[GS36] ends anything: 0 is for ever", async () => {
    const waiting = await playing({ nobodyCameMs: 0, emptyMs: 0, matchMsMax: 0 });
    await waiting.pass(7 * 86_400_000);
    const left = await playing({ nobodyCameMs: 0, emptyMs: 0, matchMsMax: 0 });
    left.leave(await left.join(1));
    await left.pass(7 * 86_400_000);
    expect([waiting.life.phase, left.life.phase]).toEqual(["active", "active"]);
    // The next look at the process's health.
    expect([waiting.clock.pendingTimers, left.clock.pendingTimers]).toEqual([1, 1]);
  });
});

describe("the reason of an end", () => {
  const FAULT = new Error("the game broke");
  it.each<[string, (world: LifeWorld) => void, string, string]>([
    ["a game with a result", (world) => world.room.events.onOver(), "completed", "over"],
    [
      "a room that closes itself",
      (world) => world.room.events.onDisposed(),
      "completed",
      "disposed",
    ],
    ["a fault", (world) => world.room.events.onFault("tick", FAULT), "aborted", "fault"],
    ["a drain", (world) => world.life.drain("signal", 4_000), "drained", "drained"],
    [
      "everybody's leaving",
      (world) => world.room.events.onSeatGone("session-2"),
      "completed",
      "everybody_left",
    ],
  ])("[GS37] is told for %s", async (_what, happen, outcome, why) => {
    const world = await LifeWorld.playing(1);
    world.lapse();
    happen(world);
    await world.pass(EMPTY_MS + RESULTS_MS);
    expect(ends(world)).toEqual([[outcome, why]]);
    expect(world.results).toMatchObject([{ outcome, why }]);
  });

  it("[GS37] stays that of the game when results are cut short", async () => {
    const world = await LifeWorld.playing(1);
    world.room.events.onOver();
    await world.pass(1_000);
    world.life.fault("timer", FAULT);
    await world.pass(1_000);
    expect(ends(world)).toEqual([["completed", "over"]]);
    expect(world.results).toMatchObject([{ outcome: "completed", why: "over" }]);
  });
});
