import { describe, expect, it } from "vitest";
import { CloseCode } from "../../../protocol/close-codes.ts";
import { ErrorCode, GameServerError } from "../../../server/errors.ts";
import { ACTIVATION_MS, hang, LifeWorld } from "./life-world.ts";

const down = () => Promise.reject(new GameServerError(ErrorCode.FLEET_UNREACHABLE, "down"));
const refuse = () => Promise.reject(new GameServerError(ErrorCode.FLEET_REFUSED, "no"));

const failures = (world: LifeWorld) => world.telemetry.of("gameSessionFailed");
const ends = (world: LifeWorld) =>
  world.telemetry.of("gameSessionEnded").map(({ outcome, why }) => [outcome, why]);

/** A game session whose fleet is told that its room is open; the test says what it answers. */
async function activating(answer: (call: number) => Promise<void>) {
  const world = new LifeWorld();
  const calledAtMs: number[] = [];
  const startMs = world.clock.nowMs();
  world.fleet.process.activateGameSession = () => {
    calledAtMs.push(world.clock.nowMs() - startMs);
    return answer(calledAtMs.length);
  };
  await world.place();
  return { world, calledAtMs };
}

describe("a room that is not made in time", () => {
  it("[GS18] ends its game session, and the process with it", async () => {
    const world = new LifeWorld();
    world.whileOpening = hang;
    world.fleet.next = "await_game_session";
    await world.place();
    await world.pass(ACTIVATION_MS - 1);
    expect(world.life.phase).toBe("opening");
    await world.pass(1);
    expect([world.isDone, world.results]).toEqual([true, []]);
    expect(world.telemetry.of("roomFault")).toMatchObject([{ where: "open" }]);
    expect(world.telemetry.of("serverStopping")).toMatchObject([{ reason: "fault" }]);
    expect(world.fleet.calls).toEqual(["ready port", "ending"]);
    expect(world.clock.pendingTimers).toBe(0);
    expect(failures(world)).toEqual([{ gameSessionId: "gsess-1", reason: "room_timed_out" }]);
    expect(ends(world)).toEqual([["aborted", "not_activated"]]);
  });

  it("[GS18] has the time that is chosen", async () => {
    const world = new LifeWorld(4, 3_000, { activationMs: 2_000 });
    world.whileOpening = hang;
    await world.place();
    await world.pass(2_000);
    expect(world.isDone).toBe(true);
  });
});

describe("a fleet that is told that players may come", () => {
  it("[GS43] is told again while it cannot be reached, and players wait no longer than it does", async () => {
    const { world, calledAtMs } = await activating((call) =>
      call < 7 ? down() : Promise.resolve(),
    );
    await world.pass(21_999);
    expect([world.life.phase, calledAtMs]).toEqual([
      "activating",
      [0, 1_000, 3_000, 7_000, 12_000, 17_000],
    ]);
    await world.pass(1);
    expect(calledAtMs.at(-1)).toBe(22_000);
    expect([world.life.phase, failures(world)]).toEqual(["active", []]);
    expect(world.telemetry.of("fleetCallFailed").map(({ action }) => action)).toEqual(
      Array(6).fill("activate_game_session"),
    );
    await world.join(1);
    // The next look at the process's health.
    expect(world.clock.pendingTimers).toBe(1);
  });

  it.each([
    ["cannot be reached", down],
    ["does not answer", hang],
  ])("[GS43] ends the game session when it %s in all the time there is", async (_how, answer) => {
    const { world, calledAtMs } = await activating(answer);
    world.fleet.next = "await_game_session";
    await world.pass(ACTIVATION_MS - 1);
    expect(world.life.phase).toBe("activating");
    await world.pass(1);
    expect([failures(world), ends(world)]).toEqual([
      [{ gameSessionId: "gsess-1", reason: "fleet_unreachable" }],
      [["aborted", "not_activated"]],
    ]);
    expect(world.room.closes).toEqual([CloseCode.MATCH_ABORTED]);
    const calls = calledAtMs.length;
    await world.pass(60_000);
    // The room was closed in good order: the process may take another game session.
    expect([calledAtMs.length, world.life.phase, world.isDone]).toEqual([calls, "idle", false]);
    // The next look at the process's health.
    expect([world.telemetry.of("roomFault"), world.clock.pendingTimers]).toEqual([[], 1]);
  });

  it("[GS43] is not told again while a call has no answer", async () => {
    const { world, calledAtMs } = await activating(hang);
    await world.pass(ACTIVATION_MS - 1);
    expect(calledAtMs).toEqual([0]);
  });

  it("[GS43] ends the game session also when players sit there already", async () => {
    const { world } = await activating(hang);
    await world.join(1);
    await world.pass(ACTIVATION_MS);
    expect(ends(world)).toEqual([["aborted", "not_activated"]]);
    expect(world.results).toMatchObject([{ outcome: "aborted", why: "not_activated" }]);
    expect(world.fleet.removes).toEqual(["psess-1"]);
  });

  it("[GS44] ends the game session at once when it refuses", async () => {
    const { world, calledAtMs } = await activating(refuse);
    await world.pass(0);
    expect([failures(world), ends(world), world.isDone]).toEqual([
      [{ gameSessionId: "gsess-1", reason: "fleet_refused" }],
      [["aborted", "not_activated"]],
      false,
    ]);
    await world.pass(1_000);
    expect([calledAtMs, world.isDone, world.clock.pendingTimers]).toEqual([[0], true, 0]);
  });

  it("[GS44] may refuse because it heard an earlier call: the match goes on", async () => {
    const { world } = await activating((call) => (call === 1 ? down() : refuse()));
    await world.pass(1_000);
    expect([world.life.phase, failures(world)]).toEqual(["active", []]);
    await world.join(1);
  });

  it.each<[string, (world: LifeWorld) => void, string]>([
    ["a fault", (world) => world.life.fault("timer", new Error("broke")), "not_activated"],
    ["a drain", (world) => world.life.drain("signal", 5_000), "drained"],
    ["its room's end", (world) => world.room.events.onDisposed(), "disposed"],
  ])("[GS43] is told no more after %s", async (_what, happen, why) => {
    const { world, calledAtMs } = await activating(down);
    happen(world);
    await world.pass(60_000);
    expect([ends(world)[0]?.[1], world.isDone, calledAtMs]).toEqual([why, true, [0]]);
    expect(world.clock.pendingTimers).toBe(0);
  });

  it("[GS21] ends a drain at once when everybody leaves", async () => {
    const { world } = await activating(hang);
    const claim = await world.join(1);
    world.life.drain("signal", 60_000);
    await world.pass(1_000);
    expect(world.isDone).toBe(false);
    world.leave(claim);
    await world.pass(0);
    expect([world.isDone, world.outcomes]).toEqual([true, ["drained"]]);
  });
});

describe("a room that fails before players can come", () => {
  it.each<[string, (world: LifeWorld) => void]>([
    [
      "while it is made",
      (world) => {
        world.whileOpening = () => Promise.reject(new Error("onCreate broke"));
      },
    ],
    [
      "by a fault of its own while it is made",
      (world) => {
        world.whileOpening = async (events) => events.onFault("timer", new Error("broke"));
      },
    ],
    [
      "while the fleet is told",
      (world) => {
        world.fleet.process.activateGameSession = () => {
          world.room.events.onFault("timer", new Error("broke"));
          return hang();
        };
      },
    ],
  ])("[GS45] %s is told as such, once", async (_when, prepare) => {
    const world = new LifeWorld();
    prepare(world);
    await world.place();
    await world.pass(1_000);
    expect(failures(world)).toEqual([{ gameSessionId: "gsess-1", reason: "room_failed" }]);
    expect([ends(world), world.isDone]).toEqual([[["aborted", "not_activated"]], true]);
  });

  it("[GS45] is no failure to open when it breaks later", async () => {
    const world = await LifeWorld.playing(1);
    world.room.events.onFault("tick", new Error("broke"));
    await world.pass(1_000);
    expect([failures(world), ends(world)]).toEqual([[], [["aborted", "fault"]]]);
  });
});
