import { describe, expect, it } from "vitest";
import { CloseCode } from "../../../protocol/close-codes.ts";
import { playerSession } from "../../support/scripted-fleet.ts";
import { CALLER } from "./admission-world.ts";
import { EMPTY_MS, LifeWorld, RESULTS_MS } from "./life-world.ts";

const FAULT = new Error("the game broke");

describe("a game session", () => {
  it("[GS10] opens, is played, shows its results, closes with 4411 and ends the process", async () => {
    const world = await LifeWorld.playing(1, 2);
    expect([world.life.phase, world.life.seatsHeld]).toEqual(["active", 2]);
    await world.pass(60_000);
    world.room.scores.set(0, 5).set(1, 3);
    world.room.winners = [0];
    world.room.events.onOver();
    await world.pass(RESULTS_MS - 1);
    expect([world.life.phase, world.room.closes]).toEqual(["over", []]);
    await world.pass(1);
    expect(world.room.closes).toEqual([CloseCode.MATCH_OVER]);
    expect(world.isDone).toBe(true);
    expect(world.fleet.calls).toEqual([
      ...["ready port", "activate gsess-1", "close gsess-1", "ended gsess-1", "ending"],
    ]);
    expect([...world.fleet.removes].sort()).toEqual(["psess-1", "psess-2"]);
    expect(world.results).toEqual([
      {
        resultId: "result-1",
        gameSessionId: "gsess-1",
        room: "scripted",
        outcome: "completed",
        why: "over",
        startedAt: "2026-01-01T00:00:00.000Z",
        endedAt: "2026-01-01T00:01:00.500Z",
        ticks: 100,
        stateHash: "0123456789abcdef",
        players: [
          { playerId: "player-1", seat: 0, score: 5, isWinner: true },
          { playerId: "player-2", seat: 1, score: 3, isWinner: false },
        ],
      },
    ]);
    expect(world.room.seals).toEqual(["result-1 completed"]);
    expect(world.telemetry.of("gameSessionEnded")).toMatchObject([
      { outcome: "completed", why: "over" },
    ]);
    expect(world.clock.pendingTimers).toBe(0);
  });

  it("[GS10] takes no joins while it shows its results", async () => {
    const world = await LifeWorld.playing(1);
    world.room.events.onOver();
    await expect(world.join(2)).rejects.toThrow("4404");
  });

  it("[GS10] counts an end that is told twice once", async () => {
    const world = await LifeWorld.playing(1);
    world.room.events.onOver();
    world.room.events.onOver();
    await world.pass(60_000);
    world.room.events.onOver();
    await world.pass(60_000);
    expect(world.results).toHaveLength(1);
    expect(world.fleet.calls.filter((call) => call === "ended gsess-1")).toHaveLength(1);
  });

  it("[GS11] has no result if nobody ever played", async () => {
    const world = await LifeWorld.playing();
    world.room.events.onDisposed();
    await world.pass(0);
    expect([world.isDone, world.results]).toEqual([true, []]);
    expect(world.telemetry.of("gameSessionEnded")).toHaveLength(1);
  });

  it("[GS11] does not count a player whom the room refused, nor give him another's score", async () => {
    const world = await LifeWorld.playing();
    const refused = await world.join(1);
    world.life.current?.admission.giveBack(refused, CALLER);
    const played = await world.join(2);
    expect(played.holder.seat).toBe(0);
    world.room.scores.set(0, 9);
    world.room.winners = [0];
    world.room.events.onOver();
    await world.pass(RESULTS_MS);
    expect(world.results[0]?.players).toEqual([
      { playerId: "player-2", seat: 0, score: 9, isWinner: true },
    ]);
  });

  it("[GS11] keeps the score of who left earlier, and lets only those present win", async () => {
    const world = await LifeWorld.playing(1);
    const leaver = await world.join(2);
    world.room.scores.set(0, 1).set(1, 7);
    world.leave(leaver);
    const next = await world.join(3);
    expect(next.holder.seat).toBe(1);
    world.room.scores.set(1, 2);
    world.room.winners = [1];
    world.room.events.onOver();
    await world.pass(RESULTS_MS);
    expect(world.results[0]?.players).toEqual([
      { playerId: "player-1", seat: 0, score: 1, isWinner: false },
      { playerId: "player-2", seat: 1, score: 7, isWinner: false },
      { playerId: "player-3", seat: 1, score: 2, isWinner: true },
    ]);
  });

  it("[GS11] keeps what a player left with when he is refused at coming back", async () => {
    const world = await LifeWorld.playing(1);
    const leaver = await world.join(2);
    world.room.scores.set(1, 7);
    world.leave(leaver);
    world.room.scores.set(1, 0);
    world.fleet.add(playerSession(12, { playerId: "player-2" }));
    const again = await world.join(12);
    world.life.current?.admission.giveBack(again, CALLER);
    world.room.events.onOver();
    await world.pass(RESULTS_MS);
    expect(world.results[0]?.players).toMatchObject([
      { playerId: "player-1" },
      { playerId: "player-2", score: 7, isWinner: false },
    ]);
    expect([...world.fleet.removes].sort()).toEqual(["psess-1", "psess-12", "psess-2"]);
  });

  it("[GS11] notes the score of a player whose takeover failed", async () => {
    const world = await LifeWorld.playing(1, 2);
    world.room.scores.set(1, 4);
    world.fleet.add(playerSession(12, { playerId: "player-2" }));
    const takeover = await world.join(12);
    world.life.current?.admission.giveBack(takeover, CALLER);
    world.room.scores.set(1, 0);
    world.room.events.onOver();
    await world.pass(RESULTS_MS);
    expect(world.results[0]?.players[1]).toMatchObject({ playerId: "player-2", score: 4 });
  });

  it("[GS11] names the winner also if he leaves while the result is on its way", async () => {
    const world = await LifeWorld.playing();
    const winner = await world.join(1);
    world.room.scores.set(0, 5);
    world.room.winners = [0];
    world.room.onSeal = async () => {
      world.room.scores.set(0, 0);
      world.leave(winner);
    };
    world.room.events.onOver();
    await world.pass(RESULTS_MS);
    expect(world.results[0]?.players).toEqual([
      { playerId: "player-1", seat: 0, score: 5, isWinner: true },
    ]);
  });
});

describe("a game session that everybody left", () => {
  it("[GS12] ends after 30 s", async () => {
    const world = await LifeWorld.playing();
    await world.pass(120_000);
    expect(world.life.phase).toBe("active");
    const claims = [await world.join(1), await world.join(2)];
    for (const claim of claims) world.leave(claim);
    world.lapse();
    await world.pass(EMPTY_MS - 1);
    expect(world.life.phase).toBe("active");
    await world.pass(1);
    expect([world.isDone, world.outcomes]).toEqual([true, ["completed"]]);
  });

  it("[GS12] goes on if somebody comes back in time", async () => {
    const world = await LifeWorld.playing();
    world.leave(await world.join(1));
    await world.pass(EMPTY_MS - 1_000);
    await world.join(2);
    await world.pass(120_000);
    expect(world.life.phase).toBe("active");
  });

  it("[GS12] is not kept alive by a player whom the room refuses", async () => {
    const world = await LifeWorld.playing();
    world.leave(await world.join(1));
    const refused = await world.join(2);
    world.life.current?.admission.giveBack(refused, CALLER);
    world.lapse();
    await world.pass(EMPTY_MS);
    expect([world.isDone, world.outcomes]).toEqual([true, ["completed"]]);
  });

  it("[GS12] is left to a room that has its own rule", async () => {
    const world = await LifeWorld.playing();
    world.room.endsWhenEmpty = false;
    world.leave(await world.join(1));
    await world.pass(120_000);
    expect(world.life.phase).toBe("active");
  });
});

describe("a fault", () => {
  async function expectAborted(world: LifeWorld, results: number): Promise<void> {
    await world.pass(60_000);
    expect(world.isDone).toBe(true);
    expect(world.results).toHaveLength(results);
    expect(world.fleet.calls.filter((call) => call === "ended gsess-1")).toHaveLength(1);
    expect(new Set(world.fleet.removes)).toEqual(new Set(world.fleet.accepts));
    expect(world.telemetry.of("gameSessionEnded")).toHaveLength(1);
    expect(world.clock.pendingTimers).toBe(0);
  }

  it("[GS13] while it is played ends it once, as aborted", async () => {
    const world = await LifeWorld.playing(1, 2);
    for (let time = 0; time < 3; time++) world.room.events.onFault("tick", FAULT);
    world.life.fault("timer", FAULT);
    await expectAborted(world, 1);
    expect([world.outcomes, world.room.closes]).toEqual([["aborted"], [CloseCode.MATCH_ABORTED]]);
    expect(world.telemetry.of("roomFault")).toHaveLength(4);
  });

  it("[GS13] while results show keeps the one result there is", async () => {
    const world = await LifeWorld.playing(1);
    world.room.events.onOver();
    await world.pass(1_000);
    world.life.fault("timer", FAULT);
    await expectAborted(world, 1);
    expect(world.outcomes).toEqual(["completed"]);
    expect(world.telemetry.of("gameSessionEnded")).toMatchObject([{ outcome: "completed" }]);
  });

  it("[GS13] while it closes changes nothing", async () => {
    const world = await LifeWorld.playing(1);
    world.room.onClose = () => {
      world.room.events.onFault("onDispose", FAULT);
      world.room.events.onDisposed();
      return Promise.resolve();
    };
    world.room.events.onOver();
    await expectAborted(world, 1);
    expect(world.outcomes).toEqual(["completed"]);
  });

  it("[GS13] while the room is made ends it without a result, and the late room is closed", async () => {
    const world = new LifeWorld();
    world.whileOpening = async (events) => events.onFault("onCreate", FAULT);
    await world.place();
    await expectAborted(world, 0);
    expect(world.room.closes).toEqual([CloseCode.MATCH_ABORTED]);
  });

  it("[GS13] that keeps the room from opening ends it without a result", async () => {
    const world = new LifeWorld();
    world.whileOpening = () => Promise.reject(FAULT);
    await world.place();
    expect(world.life.current).toBeUndefined();
    await expectAborted(world, 0);
    expect(world.telemetry.of("roomFault")).toMatchObject([{ where: "open", cause: FAULT }]);
  });

  it("[GS13] with no match open is told, and ends nothing", async () => {
    const world = new LifeWorld();
    await world.life.start(7000);
    world.life.fault("timer", FAULT);
    await world.pass(60_000);
    expect([world.isDone, world.life.phase]).toEqual([false, "idle"]);
  });

  it("[GS13] that leaves the game unable to tell its score ends it all the same", async () => {
    const world = await LifeWorld.playing(1);
    world.room.onSummary = () => {
      throw FAULT;
    };
    world.room.events.onFault("tick", FAULT);
    await expectAborted(world, 1);
    expect(world.results).toMatchObject([
      { outcome: "aborted", ticks: 0, players: [{ playerId: "player-1", score: 0 }] },
    ]);
  });
});
