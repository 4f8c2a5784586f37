import { describe, expect, it } from "vitest";
import { ControlPlane } from "../../../emulator/plane/control-plane.ts";
import { durations } from "../../../emulator/plane/durations.ts";
import type { Fleet } from "../../../emulator/plane/records.ts";
import type { Placement, PriorityOverride } from "../../../emulator/queues/placement.ts";
import { Queues } from "../../../emulator/queues/queues.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { granted } from "../plane/plane-world.ts";
import { latencies, QueueWorld, REQUEST } from "./queue-world.ts";

/** The activation fails: the process crashes. */
function crash(world: QueueWorld, placement: Placement): void {
  world.plane.processes.exited(world.hostOf(placement), { code: 1, signal: null });
  world.settle();
}

describe("the search for a process", () => {
  it("[EQ30] takes the best candidate that has a free one", () => {
    const world = new QueueWorld();
    const [first, second] = [world.fleet(["us-east-1"]), world.fleet([])];
    world.free(second);
    world.free(first, "us-west-2");
    const queue = world.queue([first, second]);
    const placements = [world.start(queue), world.start(queue), world.start(queue)];
    world.settle();
    expect(placements.map((each) => world.siteOf(each))).toEqual([
      `${first.fleetId} us-west-2`,
      `${second.fleetId} us-west-2`,
      undefined,
    ]);
  });

  it("[EQ31] goes on as soon as a process can be had, whoever came first served first", () => {
    const world = new QueueWorld();
    const fleet = world.fleet([]);
    const queue = world.queue([fleet]);
    const placements = [world.start(queue), world.start(queue), world.start(queue)];
    const has = () => placements.map(({ gameSessionId }) => gameSessionId !== undefined);
    world.pass(5_000);
    expect(has()).toEqual([false, false, false]);
    world.free(fleet);
    world.settle();
    expect(has()).toEqual([true, false, false]);
    world.free(fleet);
    world.free(fleet);
    world.settle();
    expect(has()).toEqual([true, true, true]);
  });

  it("[EQ31] waits for a process's first heartbeat, and no longer", () => {
    const world = new QueueWorld();
    const placement = world.start(world.queue([world.anywhere]));
    const process = world.connected("by-hand");
    granted(world.activate(process));
    world.settle();
    expect(placement.gameSessionId).toBeUndefined();
    granted(world.plane.processes.report(process, true));
    world.settle();
    expect(placement.gameSessionId).toBeDefined();
  });

  it("[EQ31] lets nobody wait behind one who wants what is not there", () => {
    const world = new QueueWorld();
    const fleet = world.fleet(["us-east-1"]);
    const queue = world.queue([fleet], {
      priorityOrder: ["LOCATION"],
      locationOrder: ["us-east-1"],
    });
    const priorityOverride = { locationOrder: ["us-east-1"], fallback: "NONE" } as const;
    const [picky, other] = [world.start(queue, { priorityOverride }), world.start(queue)];
    world.free(fleet, "us-west-2");
    world.settle();
    expect([world.siteOf(picky), world.siteOf(other)]).toEqual([
      undefined,
      `${fleet.fleetId} us-west-2`,
    ]);
  });

  it("[EQ31] waits while an instance has as many activations as it may, and goes on after one", () => {
    const world = new QueueWorld();
    const fleet = world.fleet([], {
      runtimeConfiguration: {
        serverProcesses: [],
        maxConcurrentGameSessionActivations: 1,
        gameSessionActivationTimeoutSeconds: 300,
      },
    });
    world.free(fleet);
    world.free(fleet);
    const queue = world.queue([fleet]);
    const [first, second] = [world.start(queue), world.start(queue)];
    world.settle();
    expect(second.gameSessionId).toBeUndefined();
    world.activateFor(first);
    expect(second.gameSessionId).toBeDefined();
  });

  it("[EQ32] sees a queue that was updated, and an alias that points elsewhere", () => {
    const world = new QueueWorld();
    const [empty, full] = [world.fleet([]), world.fleet([])];
    const { aliasId, aliasArn } = granted(
      world.plane.aliases.create({
        name: "a",
        routing: { type: "SIMPLE", fleetId: empty.fleetId },
      }),
    );
    for (let count = 0; count < 2; count++) world.free(full);
    const [byAlias, byFleet] = [
      world.start(world.queue([], { destinations: [aliasArn] })),
      world.start(world.queue([empty])),
    ];
    world.pass(3_000);
    expect([byAlias.gameSessionId, byFleet.gameSessionId]).toEqual([undefined, undefined]);
    granted(world.queues.update(byFleet.queueName, { destinations: [full.fleetArn] }));
    world.settle();
    expect(world.siteOf(byFleet)).toBe(`${full.fleetId} us-west-2`);
    granted(
      world.plane.aliases.update(aliasId, { routing: { type: "SIMPLE", fleetId: full.fleetId } }),
    );
    world.settle();
    expect(world.siteOf(byAlias)).toBe(`${full.fleetId} us-west-2`);
  });

  it("[EQ33] goes on with the next candidate when a game session is not activated", () => {
    const world = new QueueWorld();
    const fleets = [world.fleet([]), world.fleet([]), world.fleet([])] as const;
    for (const fleet of fleets) world.free(fleet);
    world.free(fleets[0]);
    const placement = world.start(world.queue(fleets));
    world.settle();
    const visited: (string | undefined)[] = [];
    for (let count = 0; count < 4; count++) {
      visited.push(world.siteOf(placement)?.split(" ")[0]);
      crash(world, placement);
    }
    // When all have failed, the first is asked again.
    expect(visited).toEqual([...fleets, fleets[0]].map(({ fleetId }) => fleetId));
    expect(placement).toMatchObject({ status: "PENDING", gameSessionId: undefined });
    world.free(fleets[1]);
    world.settle();
    world.activateFor(placement);
    expect(placement.status).toBe("FULFILLED");
    expect(world.told).toEqual(["PlacementFulfilled"]);
  });

  it.each<[string, (world: QueueWorld, fleet: Fleet) => void]>([
    ["its time for that is over", (world) => world.pass(30_000)],
    [
      "its instance is taken away",
      (world, { fleetId }) => {
        granted(world.plane.processes.interrupt(fleetId, "us-west-2"));
        world.settle();
      },
    ],
  ])("[EQ33] and so it does when %s", (_what, fail) => {
    const world = new QueueWorld();
    const runtimeConfiguration = {
      serverProcesses: [],
      maxConcurrentGameSessionActivations: 10,
      gameSessionActivationTimeoutSeconds: 30,
    };
    const [first, second] = [world.fleet([], { runtimeConfiguration }), world.fleet([])];
    world.free(first);
    world.free(second);
    const placement = world.start(world.queue([first, second]));
    world.settle();
    fail(world, first);
    expect(world.siteOf(placement)).toBe(`${second.fleetId} us-west-2`);
  });
});

describe("latency policies of a queue", () => {
  /** The documented illustration: one location, and it is free. */
  function illustration(latencyMs: number) {
    const world = new QueueWorld();
    const fleet = world.fleet([]);
    world.free(fleet);
    const queue = world.queue([fleet], {
      timeoutSeconds: 300,
      playerLatencyPolicies: [
        { maximumMs: 50, durationSeconds: 120 },
        { maximumMs: 100, durationSeconds: 120 },
        { maximumMs: 200, durationSeconds: undefined },
      ],
    });
    const playerLatencies = latencies({ ann: { "us-west-2": latencyMs } });
    return { world, placement: world.start(queue, { playerLatencies }) };
  }

  it.each([
    [50, 0],
    [80, 120_000],
    [150, 240_000],
  ])("[EQ34] place a player at %i ms after %i ms", (latencyMs, afterMs) => {
    const { world, placement } = illustration(latencyMs);
    if (afterMs > 0) {
      world.pass(afterMs - 1);
      expect(placement.gameSessionId).toBeUndefined();
      world.clock.advance(1);
    }
    world.settle();
    expect(placement.gameSessionId).toBeDefined();
    expect(world.clock.nowMs()).toBe(afterMs);
    world.activateFor(placement);
    expect(placement.status).toBe("FULFILLED");
  });

  it("[EQ34] never place a player at 250 ms", () => {
    const { world, placement } = illustration(250);
    world.pass(299_999);
    expect(placement.status).toBe("PENDING");
    world.clock.advance(1);
    expect(placement.status).toBe("TIMED_OUT");
    expect(world.plane.gameSessions.list()).toEqual([]);
  });

  it("[EQ34] mean each player, and a location that one of them told nothing of is out", () => {
    const world = new QueueWorld();
    const fleet = world.fleet(["us-east-1", "eu-west-1"]);
    for (const location of fleet.locations) world.free(fleet, location);
    const queue = world.queue([fleet], {
      playerLatencyPolicies: [{ maximumMs: 100, durationSeconds: 30 }],
    });
    const playerLatencies = latencies({
      // On average 60, 70 and 1.
      ann: { "us-west-2": 10, "us-east-1": 70, "eu-west-1": 1 },
      bob: { "us-west-2": 110, "us-east-1": 70 },
    });
    const placements = [1, 2, 3].map(() => world.start(queue, { playerLatencies }));
    world.settle();
    expect(placements.map((each) => world.siteOf(each)?.split(" ")[1])).toEqual([
      "us-east-1",
      undefined,
      undefined,
    ]);
    world.pass(30_000);
    expect(placements.map((each) => world.siteOf(each)?.split(" ")[1])).toEqual([
      "us-east-1",
      "us-west-2",
      "eu-west-1",
    ]);
  });

  it("[EQ34] mean nothing to those who told no latencies", () => {
    const world = new QueueWorld();
    const fleet = world.fleet([]);
    world.free(fleet);
    const playerLatencyPolicies = [{ maximumMs: 1, durationSeconds: undefined }];
    const placement = world.start(world.queue([fleet], { playerLatencyPolicies }));
    world.settle();
    expect(placement.gameSessionId).toBeDefined();
  });
});

describe("a priority override", () => {
  function overriding(fallback: PriorityOverride["fallback"]) {
    const world = new QueueWorld();
    const fleet = world.fleet(["us-east-1", "eu-west-1", "ap-south-1"]);
    const queue = world.queue([fleet], {
      priorityOrder: ["LOCATION"],
      locationOrder: ["us-west-2", "us-east-1"],
      allowedLocations: ["us-west-2", "us-east-1", "eu-west-1"],
    });
    const locationOrder = ["ap-south-1", "eu-west-1", "us-east-1"];
    const start = () => world.start(queue, { priorityOverride: { locationOrder, fallback } });
    return { world, fleet, start };
  }

  it("[EQ35] puts its locations first, in its order, among those that the queue allows", () => {
    const { world, fleet, start } = overriding("DEFAULT_AFTER_SINGLE_PASS");
    for (const location of fleet.locations) world.free(fleet, location);
    const placements = [start(), start(), start(), start()];
    world.settle();
    expect(placements.map((each) => world.siteOf(each)?.split(" ")[1])).toEqual([
      "eu-west-1",
      "us-east-1",
      "us-west-2",
      undefined,
    ]);
  });

  it("[EQ35] counts for a single pass: who waits after that has the queue's own order", () => {
    const { world, fleet, start } = overriding("DEFAULT_AFTER_SINGLE_PASS");
    const placement = start();
    world.settle();
    world.free(fleet, "eu-west-1");
    world.free(fleet, "us-east-1");
    world.settle();
    expect(world.siteOf(placement)?.split(" ")[1]).toBe("us-east-1");
  });

  it("[EQ35] goes through the rest of its pass after a failed activation", () => {
    const { world, fleet, start } = overriding("DEFAULT_AFTER_SINGLE_PASS");
    for (const location of fleet.locations) world.free(fleet, location);
    const placement = start();
    world.settle();
    const visited: (string | undefined)[] = [];
    for (let count = 0; count < 3; count++) {
      visited.push(world.siteOf(placement)?.split(" ")[1]);
      crash(world, placement);
    }
    expect(visited).toEqual(["eu-west-1", "us-east-1", "us-west-2"]);
  });

  it("[EQ36] without a fallback wants its locations and no others", () => {
    const { world, fleet, start } = overriding("NONE");
    for (const location of ["us-west-2", "ap-south-1"]) world.free(fleet, location);
    const placement = start();
    world.pass(60_000);
    expect(placement.gameSessionId).toBeUndefined();
    world.free(fleet, "us-east-1");
    world.settle();
    expect(world.siteOf(placement)?.split(" ")[1]).toBe("us-east-1");
  });
});

describe("the end of all queues", () => {
  function begun() {
    const world = new QueueWorld();
    const fleet = world.fleet([]);
    const playerLatencyPolicies = [{ maximumMs: 1, durationSeconds: 60 }];
    const playerLatencies = latencies({ ann: { "us-west-2": 60 } });
    const start = () =>
      world.start(world.queue([fleet], { playerLatencyPolicies }), { playerLatencies });
    return { world, fleet, start };
  }

  it.each([
    ["before", false],
    ["when", true],
  ])(
    "[EQ38] leaves no timer behind, nor places anything, %s it is to look again",
    (_when, isDue) => {
      const { world, start } = begun();
      const [seen, unseen] = [start(), world.start(world.queue([world.anywhere]))];
      world.settle();
      if (isDue) start();
      world.queues.close();
      expect(world.clock.pendingTimers).toBe(0);
      world.ready("by-hand");
      world.clock.advance(100_000);
      expect([seen.status, unseen.gameSessionId]).toEqual(["PENDING", undefined]);
    },
  );

  it("[EQ38] is not needed to be rid of the timers of a placement that is over", () => {
    const { world, start } = begun();
    const placement = start();
    world.settle();
    granted(world.queues.stop(placement.placementId));
    world.clock.advance(1_000);
    expect(world.clock.pendingTimers).toBe(0);
  });
});

describe("the time of a queue", () => {
  it("[EQ37] is scaled, that of its latency policies too", () => {
    const clock = new FakeClock();
    let ids = 0;
    const plane = new ControlPlane({
      clock,
      durations: durations(60),
      region: "us-west-2",
      accountId: "123456789012",
      uuid: () => `id-${++ids}`,
      endpoint: () => "",
    });
    const queues = new Queues({ plane, events: { deliver: () => {} } });
    granted(queues.create("fast", { timeoutSeconds: 600 }));
    const placement = granted(queues.start("fast", REQUEST));
    clock.advance(9_999);
    expect(placement.status).toBe("PENDING");
    clock.advance(1);
    expect(placement.status).toBe("TIMED_OUT");
    const world = new QueueWorld();
    Object.assign(world.plane, { durations: durations(60) });
    const fleet = world.fleet([]);
    world.free(fleet);
    const playerLatencyPolicies = [{ maximumMs: 50, durationSeconds: 60 }];
    const slow = world.start(world.queue([fleet], { playerLatencyPolicies }), {
      playerLatencies: latencies({ ann: { "us-west-2": 60 } }),
    });
    world.clock.advance(999);
    expect(slow.gameSessionId).toBeUndefined();
    world.clock.advance(1);
    world.settle();
    expect(slow.gameSessionId).toBeDefined();
    queues.close();
    world.queues.close();
  });
});
