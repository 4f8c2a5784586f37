import { describe, expect, it } from "vitest";
import { CloseCode } from "../../../protocol/close-codes.ts";
import { SESSION_LIMITS } from "../../../server/session/limits.ts";
import { playerSession } from "../../support/scripted-fleet.ts";
import { hang, LifeWorld, RESULTS_MS } from "./life-world.ts";

const FAULT = new Error("the game broke");

describe("what hangs or fails at the end", () => {
  it("[GS14] is waited for 2 s when it is the room, 10 s when it is the result", async () => {
    const world = await LifeWorld.playing(1);
    world.room.onClose = hang;
    world.whileDelivering = hang;
    world.room.events.onDisposed();
    await world.pass(SESSION_LIMITS.roomCloseMs - 1);
    expect(world.fleet.removes).toEqual([]);
    await world.pass(1);
    expect(world.fleet.removes).toEqual(["psess-1"]);
    await world.pass(SESSION_LIMITS.settleMs - 1);
    expect(world.isDone).toBe(false);
    await world.pass(1);
    expect(world.isDone).toBe(true);
    expect(world.deadlines).toEqual([SESSION_LIMITS.settleMs]);
  });

  it("[GS14] is reported when it fails, and stops nothing", async () => {
    const world = await LifeWorld.playing(1);
    world.room.onClose = () => Promise.reject(FAULT);
    world.room.onSeal = () => Promise.reject(FAULT);
    world.whileDelivering = () => Promise.reject(FAULT);
    world.room.events.onDisposed();
    await world.pass(60_000);
    expect([world.isDone, world.fleet.removes]).toEqual([true, ["psess-1"]]);
    expect(world.telemetry.of("roomFault").length).toBeGreaterThanOrEqual(2);
  });

  it("[GS14] does not keep the result from being delivered when it is the journal", async () => {
    const world = await LifeWorld.playing(1);
    world.room.onSeal = hang;
    world.room.events.onDisposed();
    await world.pass(0);
    expect(world.outcomes).toEqual(["completed"]);
    await world.pass(60_000);
    expect(world.isDone).toBe(true);
  });

  it("[GS14] is reported when it is a call to the fleet, and stops nothing", async () => {
    const world = await LifeWorld.playing(1);
    const fail = () => Promise.reject(new Error("unreachable"));
    Object.assign(world.fleet.process, {
      setOpenToPlayers: fail,
      gameSessionEnded: fail,
      ending: fail,
    });
    world.fleet.answerRemove = fail;
    world.room.events.onOpenChanged(false);
    world.room.events.onOver();
    await world.pass(60_000);
    expect(world.isDone).toBe(true);
    const actions = world.telemetry.of("fleetCallFailed").map(({ action }) => action);
    expect([...new Set(actions)]).toEqual([
      ...["set_open_to_players", "remove_player_session"],
      ...["game_session_ended", "process_ending"],
    ]);
    expect(world.telemetry.of("playerSessionRemoveFailed")).toHaveLength(1);
  });

  it("[GS14] is an accept whose answer comes while the match closes: it is given back", async () => {
    const world = await LifeWorld.playing(1);
    const answer = Promise.withResolvers<{ outcome: "accepted" }>();
    world.fleet.answerAccept = () => answer.promise;
    const joining = world.join(2).catch((error: Error) => error.message);
    await world.pass(250);
    world.room.events.onDisposed();
    await world.pass(1_000);
    answer.resolve({ outcome: "accepted" });
    await world.pass(0);
    expect(await joining).toBe("refused with 4404");
    expect([world.isDone, world.fleet.removes]).toEqual([true, ["psess-1", "psess-2"]]);
    expect(world.fleet.calls.at(-1)).toBe("ending");
  });
});

describe("a fleet that does not answer", () => {
  it("[GS17] is waited for 5 s when a game session is over, and 5 s when the process ends", async () => {
    const world = await LifeWorld.playing(1);
    Object.assign(world.fleet.process, { gameSessionEnded: hang, ending: hang });
    world.room.events.onDisposed();
    await world.pass(2 * SESSION_LIMITS.tellMsMax - 1);
    expect(world.isDone).toBe(false);
    await world.pass(1);
    expect([world.isDone, world.clock.pendingTimers]).toEqual([true, 0]);
    expect(world.telemetry.of("fleetCallFailed").map(({ action }) => action)).toEqual([
      ...["game_session_ended", "process_ending"],
    ]);
  });

  it("[GS17] is told of the end even when a drain has no time left", async () => {
    const world = await LifeWorld.playing(1);
    world.room.onClose = hang;
    Object.assign(world.fleet.process, { ending: hang });
    world.life.drain("signal", 1_000);
    const usedMs = 1_000 * (1 - SESSION_LIMITS.earlyShare);
    await world.pass(usedMs + SESSION_LIMITS.tellMsMin - 1);
    expect(world.isDone).toBe(false);
    await world.pass(1);
    expect(world.isDone).toBe(true);
  });

  it("[GS17] to the start does not keep a signal from ending the process", async () => {
    const world = new LifeWorld();
    Object.assign(world.fleet.process, { ready: hang });
    const started = world.life.start(7000);
    world.life.drain("signal", 1_000);
    await started;
    expect(world.isDone).toBe(true);
  });
});

describe("the health of the process", () => {
  it("[GS19] is bad only once a game session has taken longer to close than all it may wait for, for a minute", async () => {
    const world = new LifeWorld(4, 300_000);
    expect(world.life.isHealthy).toBe(true);
    await world.place();
    await world.join(1);
    world.fleet.answerAccept = hang;
    void world.join(2).catch(() => {});
    await world.pass(250);
    world.room.events.onDisposed();
    await world.pass(SESSION_LIMITS.closingMsMax + 60_000);
    expect(world.life.isHealthy).toBe(true);
    await world.pass(SESSION_LIMITS.healthLookMs);
    expect([world.life.phase, world.life.isHealthy]).toEqual(["closing", false]);
    expect(world.fleet.callbacks?.isHealthy()).toBe(false);
    expect(world.life.health).toMatchObject({ isHealthy: false, match: "closing_stuck" });
    await world.pass(300_000);
    expect([world.isDone, world.clock.pendingTimers]).toEqual([true, 0]);
  });
});

describe("the next game session", () => {
  it("[GS15] opens after the last one where the fleet says so, with nothing left of it", async () => {
    const world = await LifeWorld.playing(1);
    world.fleet.next = "await_game_session";
    world.room.events.onOver();
    await world.pass(RESULTS_MS);
    expect([world.life.phase, world.life.current, world.isDone]).toEqual([
      ...["idle", undefined, false],
    ]);
    expect(world.life.refusalWithoutMatch().code).toBe(CloseCode.TRY_AGAIN);
    world.fleet.add(playerSession(1, { gameSessionId: "gsess-2" }));
    await world.place({ gameSessionId: "gsess-2" });
    await world.join(1);
    world.room.events.onDisposed();
    await world.pass(0);
    expect(world.results.map(({ gameSessionId }) => gameSessionId)).toEqual(["gsess-1", "gsess-2"]);
    expect(new Set(world.results.map(({ resultId }) => resultId)).size).toBe(2);
    expect(world.fleet.removes).toEqual(["psess-1", "psess-1"]);
  });

  it("[GS15] rests a moment after an aborted one", async () => {
    const world = await LifeWorld.playing(1);
    world.fleet.next = "await_game_session";
    world.room.events.onFault("tick", FAULT);
    await world.pass(SESSION_LIMITS.abortRestMs - 1);
    expect(world.fleet.calls).not.toContain("ended gsess-1");
    await world.pass(1);
    expect(world.fleet.calls).toContain("ended gsess-1");
  });

  it("[GS15] is not opened beside one that is there", async () => {
    const world = await LifeWorld.playing(1);
    await world.place({ gameSessionId: "gsess-2" });
    expect(world.rooms).toHaveLength(1);
  });

  it("[GS16] tells the fleet when the room opens and closes itself", async () => {
    const world = await LifeWorld.playing();
    world.room.events.onOpenChanged(false);
    await expect(world.join(1)).rejects.toThrow("4404");
    world.room.events.onOpenChanged(true);
    await world.join(1);
    expect(world.fleet.calls.slice(2)).toEqual(["close gsess-1", "open gsess-1"]);
  });

  it("[GS16] takes players while the fleet is still being told, and their end counts", async () => {
    const world = new LifeWorld();
    const activated = Promise.withResolvers<void>();
    world.fleet.process.activateGameSession = () => activated.promise;
    await world.place();
    expect(world.life.phase).toBe("activating");
    await world.join(1);
    world.room.events.onOver();
    activated.resolve();
    await world.pass(RESULTS_MS);
    expect([world.isDone, world.outcomes]).toEqual([true, ["completed"]]);
  });
});
