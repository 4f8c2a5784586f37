import { describe, expect, it } from "vitest";
import type { Placement } from "../../../emulator/queues/placement.ts";
import { granted, refusalOf } from "../plane/plane-world.ts";
import { latencies, QueueWorld, REQUEST } from "./queue-world.ts";

const ANN = { playerId: "ann", playerData: "red" };
const BOB = { playerId: "bob", playerData: "" };

/** A queue of one fleet, and a placement in it. */
function waiting({ timeoutSeconds = 60 } = {}) {
  const world = new QueueWorld();
  const fleet = world.fleet([]);
  const queue = world.queue([fleet], { timeoutSeconds });
  const desiredPlayerSessions = [ANN, BOB];
  const placement = world.start(queue, { desiredPlayerSessions });
  world.settle();
  return { world, fleet, queue, placement };
}

/** It has a game session that is ACTIVATING. */
function activating(options = {}) {
  const begun = waiting(options);
  const process = begun.world.free(begun.fleet);
  begun.world.settle();
  const session = begun.world.plane.gameSessions.find(begun.placement.gameSessionId ?? "");
  if (session === undefined) throw new Error("no game session");
  return { ...begun, process, session };
}

function fulfilled() {
  const begun = activating();
  begun.world.activateFor(begun.placement);
  return begun;
}

type Begun = ReturnType<typeof waiting>;
type Step = (begun: Begun) => void;

const stop: Step = ({ world, placement }) => world.queues.stop(placement.placementId);
const deleteQueue: Step = ({ world, queue }) => world.queues.delete(queue.name);
const timeOut: Step = ({ world }) => world.pass(60_000);
const terminate: Step = ({ world, placement: { gameSessionId = "" } }) => {
  world.plane.gameSessions.terminate(gameSessionId, "TRIGGER_ON_PROCESS_TERMINATE");
  world.settle();
};
const kill: Step = ({ world, placement: { gameSessionId = "" } }) => {
  world.plane.gameSessions.terminate(gameSessionId, "FORCE_TERMINATE");
  world.settle();
};
const crash: Step = ({ world, placement }) => {
  world.plane.processes.exited(world.hostOf(placement), { code: 1, signal: null });
  world.settle();
};
const activate: Step = ({ world, placement }) => world.activateFor(placement);
const cancelled = () => {
  const begun = waiting();
  stop(begun);
  return begun;
};

describe("a placement", () => {
  it.each<[string, () => Begun, string, Step, string]>([
    ["waiting", waiting, "is stopped", stop, "CANCELLED"],
    ["waiting", waiting, "waits too long", timeOut, "TIMED_OUT"],
    ["waiting", waiting, "loses its queue", deleteQueue, "FAILED"],
    ["with a game session", activating, "is stopped", stop, "PENDING"],
    ["with a game session", activating, "sees it ACTIVE", activate, "FULFILLED"],
    ["with a game session", activating, "waits too long", timeOut, "TIMED_OUT"],
    ["with a game session", activating, "loses its queue", deleteQueue, "FAILED"],
    ["with a game session", activating, "sees it terminated", terminate, "FAILED"],
    ["with a game session", activating, "sees it killed", kill, "FAILED"],
    ["with a game session", activating, "sees its process crash", crash, "PENDING"],
    ["fulfilled", fulfilled, "is stopped", stop, "FULFILLED"],
    ["fulfilled", fulfilled, "outlives its time", timeOut, "FULFILLED"],
    ["fulfilled", fulfilled, "loses its queue", deleteQueue, "FULFILLED"],
    ["fulfilled", fulfilled, "sees it terminated", terminate, "FULFILLED"],
    ["cancelled", cancelled, "is stopped again", stop, "CANCELLED"],
    ["cancelled", cancelled, "outlives its time", timeOut, "CANCELLED"],
  ])("[EQ20] %s that %s is %s", (_state, begin, _what, step, status) => {
    const begun = begin();
    const { world, placement } = begun;
    step(begun);
    expect(placement.status).toBe(status);
    const { placementId } = placement;
    expect(world.queues.placement(placementId)).toBe(placement);
    const isOver = status !== "PENDING";
    expect(placement.endedAtMs !== undefined).toBe(isOver);
    expect(world.placementEvents).toHaveLength(isOver ? 1 : 0);
    const ends = world.plane.happenings.since(0).filter(({ kind }) => kind === "placement-ended");
    expect(ends.map(({ detail }) => detail)).toEqual(isOver ? [status] : []);
  });

  it("[EQ21] that is fulfilled says where its game session is and who has a seat in it", () => {
    const { world, placement, session } = activating();
    expect(placement).toMatchObject({
      gameSessionId: session.gameSessionId,
      gameSessionRegion: "us-west-2",
      ipAddress: "",
      port: 0,
      placedPlayerSessions: [],
    });
    expect(world.plane.playerSessions.of(session.gameSessionId)).toEqual([]);
    world.clock.advance(2_000);
    world.activateFor(placement);
    const players = world.plane.playerSessions.of(session.gameSessionId);
    expect(players).toMatchObject([
      { ...ANN, status: "RESERVED" },
      { ...BOB, status: "RESERVED" },
    ]);
    expect(placement).toMatchObject({
      status: "FULFILLED",
      gameSessionId: session.gameSessionId,
      gameSessionRegion: "us-west-2",
      ipAddress: "127.0.0.1",
      dnsName: "localhost",
      port: 7777,
      placedPlayerSessions: players.map(({ playerId, playerSessionId }) => ({
        playerId,
        playerSessionId,
      })),
    });
    expect((placement.endedAtMs ?? 0) - placement.startedAtMs).toBe(2_000);
  });

  it("[EQ21] gives its game session what was asked for", () => {
    const world = new QueueWorld();
    const fleet = world.fleet([]);
    world.free(fleet);
    const wanted = {
      maximumPlayerSessionCount: 9,
      gameProperties: [{ key: "room", value: "duel" }],
      gameSessionData: "data",
    };
    const placement = world.start(world.queue([fleet]), { ...wanted, gameSessionName: "final" });
    world.settle();
    const session = world.plane.gameSessions.find(placement.gameSessionId ?? "");
    expect(session).toMatchObject({ ...wanted, name: "final", fleetId: fleet.fleetId });
  });

  it("[EQ21] names the home Region for a custom location", () => {
    const world = new QueueWorld();
    const fleet = world.fleet(["custom-laptop"], { computeType: "ANYWHERE" });
    world.free(fleet, "custom-laptop");
    const placement = world.start(world.queue([fleet]));
    world.settle();
    expect(placement.gameSessionRegion).toBe("us-west-2");
  });

  it.each<[string, Step]>([
    ["times out", timeOut],
    ["loses its queue", deleteQueue],
  ])("[EQ22] that %s has its unfinished game session terminated", (_what, step) => {
    const begun = activating();
    const { world, process, session, placement } = begun;
    step(begun);
    expect(session.status).toBe("TERMINATING");
    expect(world.link(process).kinds).toEqual(["create-game-session", "terminate-process"]);
    expect(placement).toMatchObject({ gameSessionId: undefined, gameSessionRegion: "" });
  });

  it("[EQ22] whose players get no seats has failed, and its game session is terminated", () => {
    const { world, process, session, placement } = activating();
    granted(world.plane.gameSessions.setPolicyBy(process, session.gameSessionId, "DENY_ALL"));
    world.activateFor(placement);
    expect(placement.status).toBe("FAILED");
    expect(placement.placedPlayerSessions).toEqual([]);
    expect(session.status).toBe("TERMINATING");
  });

  it("[EQ23] whose game session is ACTIVE at its deadline is fulfilled", () => {
    const { world, placement, process, session } = activating({ timeoutSeconds: 10 });
    world.clock.hold(10_000);
    granted(world.plane.gameSessions.activate(process, session.gameSessionId));
    world.settle();
    expect(placement.status).toBe("FULFILLED");
  });

  it("[EQ23] waits for the whole of its queue's time", () => {
    const { world, placement } = waiting({ timeoutSeconds: 10 });
    world.clock.advance(9_999);
    expect(placement.status).toBe("PENDING");
    world.clock.advance(1);
    expect(placement.status).toBe("TIMED_OUT");
  });

  it("[EQ24] is stopped before it has a game session, and refused the stop afterwards", () => {
    const refusals = [activating, fulfilled, cancelled].map((begin) => {
      const { world, placement } = begin();
      return refusalOf(world.queues.stop(placement.placementId));
    });
    expect(refusals).toEqual(["InvalidRequest", "InvalidRequest", "InvalidRequest"]);
    const { world, placement, fleet } = waiting();
    expect(refusalOf(world.queues.stop("nobody's"))).toBe("NotFound");
    expect(granted(world.queues.stop(placement.placementId))).toBe(placement);
    world.free(fleet);
    world.pass(120_000);
    expect(world.plane.gameSessions.list()).toEqual([]);
    expect(world.told).toEqual(["PlacementCancelled"]);
  });
});

describe("a queue that is deleted", () => {
  it("[EQ20] fails its own placements and no others", () => {
    const { world, queue, placement, fleet } = waiting();
    const other = world.start(world.queue([fleet]));
    granted(world.queues.delete(queue.name));
    expect([placement.status, other.status]).toEqual(["FAILED", "PENDING"]);
  });
});

describe("the request for a placement", () => {
  it("[EQ25] takes an id that nobody used before, whatever else it says", () => {
    const { world, queue, placement } = waiting();
    const again = () =>
      refusalOf(
        world.queues.start(queue.queueArn, { ...REQUEST, placementId: placement.placementId }),
      );
    expect(again()).toBe("InvalidRequest");
    timeOut({ world, queue, placement, fleet: world.managed });
    expect(again()).toBe("InvalidRequest");
    expect(refusalOf(world.queues.start("no-queue", REQUEST))).toBe("NotFound");
  });

  it.each<[string, Partial<typeof REQUEST>]>([
    [
      "more players than seats",
      { maximumPlayerSessionCount: 1, desiredPlayerSessions: [ANN, BOB] },
    ],
    ["a player twice", { desiredPlayerSessions: [ANN, { ...ANN, playerData: "" }] }],
    ["more seats than a game session has", { maximumPlayerSessionCount: 201 }],
    ["a negative latency", { playerLatencies: [{ playerId: "a", location: "x", latencyMs: -1 }] }],
    [
      "a game property twice",
      {
        gameProperties: [
          { key: "a", value: "1" },
          { key: "a", value: "2" },
        ],
      },
    ],
    [
      "an override together with latencies",
      {
        playerLatencies: [{ playerId: "a", location: "us-west-2", latencyMs: 1 }],
        priorityOverride: { locationOrder: ["us-west-2"], fallback: "NONE" },
      },
    ],
    [
      "an override that names a location twice",
      { priorityOverride: { locationOrder: ["us-west-2", "us-west-2"], fallback: "NONE" } },
    ],
  ])("[EQ26] is refused with %s", (_what, wrong) => {
    const world = new QueueWorld();
    const queue = world.queue([world.fleet([])], { priorityOrder: ["LOCATION"] });
    expect(refusalOf(world.queues.start(queue.name, { ...REQUEST, ...wrong }))).toBe(
      "InvalidRequest",
    );
    expect(world.queues.placements()).toEqual([]);
    expect(world.clock.pendingTimers).toBe(0);
  });

  it("[EQ26] is refused an override by a queue that does not put locations first", () => {
    const world = new QueueWorld();
    const fleets = [world.fleet([])];
    const priorityOverride = { locationOrder: ["us-west-2"], fallback: "NONE" } as const;
    const ask = (priorityOrder: readonly ("LOCATION" | "COST")[]) =>
      refusalOf(
        world.queues.start(world.queue(fleets, { priorityOrder }).name, {
          ...REQUEST,
          priorityOverride,
        }),
      );
    expect(ask([])).toBe("InvalidRequest");
    expect(ask(["COST", "LOCATION"])).toBe("InvalidRequest");
    expect(ask(["LOCATION", "COST"])).toBeUndefined();
  });

  it("[EQ27] is one of 1,000 that wait, and its record one of 1,000 that are over", () => {
    const world = new QueueWorld();
    const queue = world.queue([]);
    const started: Placement[] = [];
    for (let count = 0; count < 1_000; count++) started.push(world.start(queue));
    expect(refusalOf(world.queues.start(queue.name, REQUEST))).toBe("LimitExceeded");
    for (const { placementId } of started) granted(world.queues.stop(placementId));
    expect(world.queues.placements()).toHaveLength(1_000);
    granted(world.queues.stop(world.start(queue).placementId));
    expect(world.queues.placements()).toHaveLength(1_000);
    expect(world.queues.placement(started[0]?.placementId ?? "")).toBeUndefined();
    expect(world.queues.placement(started[1]?.placementId ?? "")).toBeDefined();
    world.queues.close();
    expect(world.clock.pendingTimers).toBe(0);
  });

  it("[EQ34] may have a latency policy that holds for longer than any timer runs", () => {
    const world = new QueueWorld();
    const [after, delaysMs] = [world.clock.after.bind(world.clock), [] as number[]];
    world.clock.after = (delayMs, fire) => {
      delaysMs.push(delayMs);
      return after(delayMs, fire);
    };
    const playerLatencyPolicies = [{ maximumMs: 50, durationSeconds: 2 ** 31 - 1 }];
    const playerLatencies = latencies({ ann: { "us-west-2": 80 } });
    world.start(world.queue([world.fleet([])], { playerLatencyPolicies }), { playerLatencies });
    world.settle();
    expect(Math.max(...delaysMs)).toBeLessThan(2 ** 31);
  });
});
