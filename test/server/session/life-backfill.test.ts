import { describe, expect, it } from "vitest";
import { sleep } from "../../../server/clock.ts";
import { SESSION_LIMITS } from "../../../server/session/limits.ts";
import { GAME_SESSION, playerSession } from "../../support/scripted-fleet.ts";
import { CALLER } from "./admission-world.ts";
import { matchmakerData, ScriptedBackfills, type Teams } from "./backfill-world.ts";
import { LifeWorld } from "./life-world.ts";

/** A match of four that a matchmaker made of players 1 to 4, all of whom have come. */
async function playing(mode = "MANUAL") {
  const world = new LifeWorld();
  const backfills = new ScriptedBackfills(world.clock);
  world.fleet.backfills = backfills;
  await world.place({
    maximumPlayerSessionCount: 4,
    matchmakerData: data({ red: [1, 2], blue: [3, 4] }, { autoBackfillMode: mode }),
  });
  const claims = [];
  for (const number of [1, 2, 3, 4]) claims.push(await world.join(number));
  const [first, second] = claims;
  if (first === undefined || second === undefined) throw new Error("nobody came");
  return {
    world,
    backfills,
    calls: () => backfills.calls.map((call) => call.replace(/^\S+ /, "")),
    first,
    second,
  };
}

/** Matchmaker data whose players are called as the fleet's. */
function data(
  teams: Record<string, readonly number[]>,
  over: Record<string, unknown> = {},
): string {
  const letters: Teams = Object.fromEntries(
    Object.entries(teams).map(([name, numbers]) => [name, numbers.join("")]),
  );
  return matchmakerData(letters, over).replaceAll(/"playerId":"(\d)"/g, '"playerId":"player-$1"');
}

const STARTED = "start ticket-1: player-2/red player-3/blue player-4/blue";

describe("the life of a game session", () => {
  it("[BF20] asks for others when a player has left, until the match is over", async () => {
    const { world, calls, first } = await playing();
    world.leave(first);
    await world.pass(2_000);
    expect(calls()).toEqual([STARTED]);
    world.room.events.onOver();
    await world.pass(0);
    expect(calls()).toEqual([STARTED, "stop ticket-1"]);
  });

  it("[BF20] asks for others when one whose seat was given back will not come", async () => {
    const { world, calls, first } = await playing();
    world.life.current?.admission.giveBack(first, CALLER);
    await world.pass(2_000);
    expect(calls()).toEqual([STARTED]);
  });

  it.each<[string, (world: LifeWorld) => void]>([
    ["a drain", (world) => world.life.drain("signal", 60_000)],
    ["a fault", (world) => world.life.fault("tick", new Error("broke"))],
    ["the room's own lock", (world) => world.room.events.onOpenChanged(false)],
  ])("[BF20] stops asking at %s", async (_what, happens) => {
    const { world, calls, first } = await playing();
    world.leave(first);
    await world.pass(2_000);
    happens(world);
    await world.pass(100);
    expect(calls()).toEqual([STARTED, "stop ticket-1"]);
  });

  it.each([
    ["until it is", 3_000, 3_000],
    ["ten seconds at most", 60_000, SESSION_LIMITS.settleMs],
  ])("[BF20] waits for a ticket to be stopped %s", async (_what, answerMs, endsMs) => {
    const { world, backfills, first } = await playing();
    world.leave(first);
    await world.pass(2_000);
    backfills.onStop = () => sleep(world.clock, answerMs);
    world.room.events.onDisposed();
    await world.pass(endsMs - 1);
    expect(world.isDone).toBe(false);
    await world.pass(1);
    expect(world.isDone).toBe(true);
  });

  it("[BF20] hands newer data to the room, and to later tickets", async () => {
    const { world, calls, first, second } = await playing();
    world.leave(first);
    await world.pass(2_000);
    const newer = data({ red: [2, 5], blue: [3, 4] });
    world.fleet.callbacks?.onGameSessionUpdated({
      reason: "backfill_failed",
      ticketId: "not ours",
      session: { ...GAME_SESSION, matchmakerData: "failed" },
    });
    world.fleet.callbacks?.onGameSessionUpdated({
      reason: "matchmaking_data",
      ticketId: "ticket-1",
      session: { ...GAME_SESSION, matchmakerData: newer },
    });
    expect(world.room.matchmakerData).toEqual([newer]);
    world.leave(second);
    await world.pass(2_000);
    expect(calls().at(-1)).toBe("start ticket-2: player-3/blue player-4/blue player-5/red");
  });

  it("[BF20] hears of player sessions that changed with an update", async () => {
    const world = new LifeWorld(0);
    world.fleet.add(playerSession(5, { status: "TIMEDOUT" }));
    await world.place();
    await expect(world.join(5)).rejects.toThrow("refused");
    world.fleet.add(playerSession(5));
    await world.pass(10_000);
    await expect(world.join(5)).rejects.toThrow("refused");
    world.fleet.callbacks?.onGameSessionUpdated({
      reason: "matchmaking_data",
      ticketId: "ticket-1",
      session: GAME_SESSION,
    });
    await world.join(5);
    expect(world.life.seatsHeld).toBe(1);
  });

  it("[BF20] leaves the backfill to the service where that is automatic", async () => {
    const { world, calls, first } = await playing("AUTOMATIC");
    world.leave(first);
    await world.pass(10_000);
    expect(calls()).toEqual([]);
  });
});
