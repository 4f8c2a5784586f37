import { describe, expect, it } from "vitest";
import { manualBackfill } from "../../../server/session/backfill.ts";
import { silentTelemetry } from "../../../server/telemetry/fanout.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { GAME_SESSION } from "../../support/scripted-fleet.ts";
import { ARN, BackfillWorld, matchmakerData, ScriptedBackfills } from "./backfill-world.ts";

describe("whose backfill is ours", () => {
  const clock = new FakeClock();
  const ours = (data: string, over: { mode?: "off"; backfills?: undefined } = {}) =>
    manualBackfill({
      backfills: new ScriptedBackfills(clock),
      mode: "auto",
      gameSession: { ...GAME_SESSION, matchmakerData: data },
      clock,
      telemetry: silentTelemetry,
      seatsMax: () => 4,
      ...over,
    }) !== undefined;

  it("[BF10] is that of a matchmaker whose backfill is manual", () => {
    expect(ours(matchmakerData({ red: "ab" }))).toBe(true);
    expect(ours(matchmakerData({ red: "ab" }, { autoBackfillMode: null }))).toBe(true);
  });

  it.each([
    ["without a matchmaker", "", {}],
    ["with automatic backfill", matchmakerData({}, { autoBackfillMode: "AUTOMATIC" }), {}],
    [
      "with no mode of backfill and a ticket",
      matchmakerData({}, { autoBackfillMode: null, autoBackfillTicketId: "ticket-1" }),
      {},
    ],
    ["without a configuration", matchmakerData({}, { matchmakingConfigurationArn: null }), {}],
    ["when it is switched off", matchmakerData({}), { mode: "off" as const }],
    ["of a fleet without a matchmaker", matchmakerData({}), { backfills: undefined }],
  ])("[BF10] is not that of a game session %s", (_what, data, over) => {
    expect(ours(data, over)).toBe(false);
  });
});

describe("a ticket", () => {
  it("[BF11] is started 2 s after a player left, for all who are present, with teams and attributes", async () => {
    const world = BackfillWorld.full();
    world.leave("d");
    await world.pass(1_999);
    expect(world.calls).toEqual([]);
    await world.pass(1);
    expect(world.calls).toEqual(["2 start ticket-1: a/red b/red c/blue"]);
    expect(world.fleet.requests[0]).toEqual({
      gameSessionId: GAME_SESSION.gameSessionId,
      matchmakingConfigurationArn: ARN,
      players: ["a", "b", "c"].map((playerId) => ({
        playerId,
        team: playerId === "c" ? "blue" : "red",
        attributes: { skill: { type: "number", value: playerId.charCodeAt(0) } },
      })),
    });
    expect(world.telemetry.of("backfillStarted")).toEqual([
      { gameSessionId: "gsess-1", ticketId: "ticket-1", players: 3, seatsFree: 1 },
    ]);
    await world.pass(600_000);
    expect(world.calls).toHaveLength(1);
  });

  it("[BF11] is one for all who leave within these 2 s", async () => {
    const world = BackfillWorld.full();
    world.leave("d");
    await world.pass(1_500);
    world.leave("b");
    await world.pass(10_000);
    expect(world.calls).toEqual(["2 start ticket-1: a/red c/blue"]);
  });

  it("[BF11] is not started before anybody left, though seats are free", async () => {
    const world = new BackfillWorld({ red: "ab" }, 8);
    world.backfill.activated();
    world.seat("ab");
    // Somebody whom the room refused.
    world.leave("x");
    await world.pass(600_000);
    expect(world.calls).toEqual([]);
  });

  it("[BF11] is not started when seats are added to a match that was filled again", async () => {
    const world = new BackfillWorld({ red: "abcd" }, 8);
    world.seatsMax = 4;
    world.backfill.activated();
    world.seat("abcd");
    world.leave("d");
    world.seat("x");
    world.seatsMax = 5;
    world.seat("x");
    await world.pass(600_000);
    expect(world.calls).toEqual([]);
  });

  it("[BF11] is not started while nobody plays, or nobody whom the matchmaker knows", async () => {
    const world = new BackfillWorld();
    world.backfill.activated();
    world.seat("a");
    world.leave("a");
    await world.pass(600_000);
    expect(world.calls).toEqual([]);

    const strangers = BackfillWorld.full();
    strangers.leave("abcd");
    strangers.seat("xy");
    await strangers.pass(600_000);
    expect(strangers.calls).toEqual([]);
  });

  it.each<[string, (world: BackfillWorld) => void]>([
    ["the player is back", (world) => world.seat("d")],
    ["another fills the match", (world) => world.seat("x")],
    ["the room locks itself", (world) => world.backfill.setOpen(false)],
    ["all others leave, too", (world) => world.leave("abc")],
    ["the match is over", (world) => void world.backfill.close()],
  ])("[BF11] is not started when %s within these 2 s", async (_what, change) => {
    const world = BackfillWorld.full();
    world.leave("d");
    await world.pass(1_000);
    change(world);
    await world.pass(600_000);
    expect([world.calls, world.clock.pendingTimers]).toEqual([[], 0]);
  });

  it("[BF11] is not started for a room that offers no seat, or before the game session is active", async () => {
    const world = new BackfillWorld();
    world.seat("abcd");
    world.leave("d");
    await world.pass(60_000);
    expect(world.calls).toEqual([]);
    world.seatsMax = 3;
    world.backfill.activated();
    await world.pass(60_000);
    expect(world.calls).toEqual([]);

    const shrunk = BackfillWorld.full();
    shrunk.leave("d");
    await shrunk.pass(1_000);
    shrunk.seatsMax = 3;
    await shrunk.pass(60_000);
    expect(shrunk.calls).toEqual([]);
  });

  it("[BF11] is started when the room opens again", async () => {
    const world = BackfillWorld.full();
    world.backfill.setOpen(false);
    world.leave("d");
    await world.pass(60_000);
    world.backfill.setOpen(true);
    await world.pass(2_000);
    expect(world.calls).toEqual(["62 start ticket-1: a/red b/red c/blue"]);
  });

  it("[BF11] does not name players whom the matchmaker never heard of, who take a seat all the same", async () => {
    const world = BackfillWorld.full();
    world.leave("cd");
    world.seat("x");
    await world.pass(2_000);
    expect(world.calls).toEqual(["2 start ticket-1: a/red b/red"]);
    expect(world.telemetry.of("backfillStarted")).toMatchObject([{ players: 2, seatsFree: 1 }]);
    world.seat("y");
    await world.pass(10_000);
    expect(world.calls.at(-1)).toBe("2 stop ticket-1");
  });

  it("[BF11] names 199 players at most: for more than that there is none", async () => {
    const letters = Array.from({ length: 201 }, (_, at) => String.fromCodePoint(0x4e00 + at));
    const world = new BackfillWorld({ red: letters.join("") }, 201);
    world.backfill.activated();
    world.seat(letters.join(""));
    world.leave(letters[0] ?? "");
    await world.pass(10_000);
    expect(world.calls).toEqual([]);
    world.leave(letters[1] ?? "");
    await world.pass(10_000);
    expect(world.fleet.requests[0]?.players).toHaveLength(199);
  });
});

describe("an open ticket", () => {
  it.each<[string, (world: BackfillWorld) => void, string]>([
    ["another leaves", (world) => world.leave("c"), "a/red b/red"],
    [
      "the player who left is back, and another is not",
      (world) => {
        world.leave("c");
        world.seat("d");
      },
      "a/red b/red d/blue",
    ],
  ])("[BF12] is stopped, and a fresh one started, when %s", async (_what, change, players) => {
    const world = await BackfillWorld.open();
    await world.pass(1_000);
    change(world);
    await world.pass(10_000);
    expect(world.calls.slice(1)).toEqual(["3 stop ticket-1", `5 start ticket-2: ${players}`]);
    expect(world.ends).toEqual(["ticket-1 stopped"]);
  });

  it.each<[string, (world: BackfillWorld) => void]>([
    ["the match is full", (world) => world.seat("x")],
    ["the room locks itself", (world) => world.backfill.setOpen(false)],
    ["everybody has left", (world) => world.leave("abc")],
    ["the match is over", (world) => void world.backfill.close()],
  ])("[BF12] is stopped for good when %s", async (_what, change) => {
    const world = await BackfillWorld.open();
    await world.pass(1_000);
    change(world);
    await world.pass(600_000);
    expect(world.calls.slice(1)).toEqual(["3 stop ticket-1"]);
    expect(world.clock.pendingTimers).toBe(0);
  });

  it("[BF12] stays when a player takes his own seat over", async () => {
    const world = await BackfillWorld.open();
    world.seat("a");
    await world.pass(60_000);
    expect(world.calls).toHaveLength(1);
  });
});

describe("a call that is under way", () => {
  it("[BF13] is not overtaken: a ticket that nobody wants any more is stopped once its id is known", async () => {
    const world = BackfillWorld.full();
    const started = Promise.withResolvers<string>();
    world.fleet.onStart = () => started.promise;
    world.leave("d");
    await world.pass(2_000);
    world.seat("d");
    await world.pass(5_000);
    expect(world.calls).toHaveLength(1);
    started.resolve("its id");
    await world.pass(60_000);
    expect(world.calls.slice(1)).toEqual(["7 stop its id"]);
  });

  it("[BF13] for other players than those of now is made good by a fresh ticket", async () => {
    const world = BackfillWorld.full();
    const started = Promise.withResolvers<string>();
    world.fleet.onStart = (ticketId) =>
      ticketId === "ticket-1" ? started.promise : Promise.resolve(ticketId);
    world.leave("d");
    await world.pass(2_000);
    world.leave("c");
    started.resolve("ticket-1");
    await world.pass(60_000);
    expect(world.calls.slice(1)).toEqual(["2 stop ticket-1", "4 start ticket-2: a/red b/red"]);
  });

  it("[BF13] to stop holds up the next start", async () => {
    const world = await BackfillWorld.open();
    const stopped = Promise.withResolvers<void>();
    world.fleet.onStop = () => stopped.promise;
    world.leave("c");
    await world.pass(3_000);
    world.leave("b");
    expect(world.calls).toHaveLength(2);
    stopped.resolve();
    await world.pass(60_000);
    expect(world.calls.slice(1)).toEqual(["2 stop ticket-1", "7 start ticket-2: a/red"]);
  });
});
