import { describe, expect, it } from "vitest";
import { granted, refusalOf } from "../plane/plane-world.ts";
import { FaultWorld } from "./fault-world.ts";

const ARN = "arn:aws:gamelift:us-west-2:123456789012:matchmakingconfiguration/duel";

describe("a target", () => {
  it("[EX3] is an ordinal in the order of the first connections, an id, any or all", () => {
    const world = new FaultWorld();
    const [first] = ["p-1", "p-2", "p-3"].map((id) => world.ready(id));
    // Coming back changes nothing.
    world.connect(first!);
    world.done({ fault: "cut", process: 1 });
    world.done({ fault: "cut", process: "p-2" });
    world.done({ fault: "cut", process: "all" });
    expect(world.cuts.map(({ processId }) => processId)).toEqual([
      "p-1",
      "p-2",
      "p-1",
      "p-2",
      "p-3",
    ]);
    world.cuts.length = 0;
    for (let round = 0; round < 40; round++) world.done({ fault: "cut", process: "any" });
    expect(new Set(world.cuts.map(({ processId }) => processId)).size).toBe(3);
  });

  it("[EX3] may be an id that is a word of its own", () => {
    const world = new FaultWorld();
    world.ready("all");
    world.ready("other");
    world.done({ fault: "cut", process: { id: "all" } });
    expect(world.cuts).toHaveLength(1);
  });

  it("[EX3] that is not there, is over or does not fit is refused in words", () => {
    const world = new FaultWorld();
    const gone = world.ready("gone", { isSupervised: true });
    world.ready("here");
    world.plane.processes.exited(gone, { code: 1, signal: null });
    expect(world.refusal({ fault: "cut", process: 1 })).toBe("server process 1 is not connected");
    expect(world.refusal({ fault: "kill", process: 1 })).toBe("server process 1 is ENDED");
    expect(world.refusal({ fault: "terminate", process: 1 })).toBe("server process 1 is ENDED");
    expect(world.refusal({ fault: "slow", by: "1s", process: 1 })).toBe("server process 1 is over");
    expect(world.refusal({ fault: "kill", process: "here" })).toBe(
      "server process here was not started by this emulator, which cannot kill it",
    );
    expect(world.refusal({ fault: "cut", process: 3 })).toBe(
      "server process 3 is not there yet; there were 2",
    );
    expect(world.refusal({ fault: "cut", process: "no" })).toBe("there is no server process no");
    expect(world.refusal({ fault: "kill", process: "any" })).toBe(
      "there is no server process that this could strike",
    );
    expect(world.told).toEqual([]);
  });

  it("[EX3] can be narrowed by fleet and compute, which tell processes of one id apart", () => {
    const world = new FaultWorld();
    world.ready("same");
    world.ready("same", { isSupervised: true });
    expect(world.refusal({ fault: "cut", process: "same" })).toBe(
      "2 have the id same and 2 of them fit; name fleet and compute, too",
    );
    expect(world.done({ fault: "cut", process: "same", fleet: 2 })).toMatchObject([
      { fleetId: world.managed.fleetId, computeName: "i-1" },
    ]);
    const { fleetId } = world.anywhere;
    expect(world.done({ fault: "cut", process: "same", fleet: fleetId })).toMatchObject([
      { fleetId },
    ]);
    expect(world.done({ fault: "cut", process: "all", compute: "laptop" })).toHaveLength(1);
    expect(world.refusal({ fault: "cut", process: 1, compute: "i-1" })).toBe(
      "server process 1 is not of compute i-1",
    );
    expect(world.refusal({ fault: "cut", process: 1, fleet: 9 })).toMatch(/^fleet 9 is not there/);
  });
});

describe("faults of processes and computes", () => {
  it("[EX9] terminate tells a process its deadline, 5 minutes unless another is named, and moves none back", () => {
    const world = new FaultWorld();
    const process = world.ready("p");
    world.done({ fault: "terminate", process: 1 });
    expect(process.terminationAtMs).toBe(world.clock.wallMs() + 300_000);
    expect(world.refusal({ fault: "terminate", process: 1, in: "10m" })).toMatch(/already$/);
    expect(world.done({ fault: "terminate", process: 1, in: "20s" })).toEqual([
      {
        fleetId: process.fleetId,
        computeName: "laptop",
        processId: "p",
        detail: "terminate: in 20000 ms",
      },
    ]);
    expect(world.link(process).kinds).toEqual(["terminate-process", "terminate-process"]);
    world.clock.advance(20_000);
    expect(process.endReason).toBe("force-terminated");
  });

  it("[EX9] kill has the supervisor end a process, which is then a crash", () => {
    const world = new FaultWorld();
    const process = world.ready("p", { isSupervised: true });
    world.done({ fault: "kill", process: 1 });
    expect(world.killed).toEqual([process]);
    expect(process.state).toBe("READY");
    world.plane.processes.host = undefined;
    expect(world.refusal({ fault: "kill", process: 1 })).toBe("no supervisor runs here");
  });

  it("[EX9] refresh tells a process to move to a fresh connection", () => {
    const world = new FaultWorld();
    const process = world.ready("p");
    world.done({ fault: "refresh", process: 1 });
    expect(world.link(process).kinds).toEqual(["refresh-connection"]);
  });

  it("[EX10] spot-notice gives all processes of a compute two minutes", () => {
    const world = new FaultWorld();
    const [one, two] = [world.ready("1"), world.ready("2")];
    const other = world.ready("3", { isSupervised: true });
    world.done({ fault: "spot-notice", compute: "laptop" });
    expect([one, two, other].map(({ terminationAtMs }) => terminationAtMs)).toEqual([
      world.clock.wallMs() + 120_000,
      world.clock.wallMs() + 120_000,
      undefined,
    ]);
    expect(world.events(world.anywhere)).toEqual(["INSTANCE_INTERRUPTED"]);
  });

  it("[EX10] deregister takes a compute away, and its processes", () => {
    const world = new FaultWorld();
    const process = world.ready("p");
    world.done({ fault: "deregister", compute: 1, fleet: 1 });
    expect(process.endReason).toBe("compute-gone");
    expect(world.plane.computes.list(world.anywhere.fleetId)).toEqual([]);
    expect(world.refusal({ fault: "deregister", compute: "laptop" })).toBe(
      "there is no compute laptop",
    );
  });
});

describe("faults of sessions", () => {
  it("[EX11] expire ends a reservation at once and nothing else", () => {
    const world = new FaultWorld();
    const { process, session } = world.hosting("p");
    const [first, second] = ["ann", "bob"].map((name) => world.reserve(session, name));
    granted(world.plane.playerSessions.accept(process, session.gameSessionId, first!));
    expect(world.refusal({ fault: "expire", player: 1 })).toBe(
      "player session 1 is ACTIVE, not RESERVED",
    );
    expect(world.done({ fault: "expire", player: "any" })).toEqual([
      { playerSessionId: second, gameSessionId: session.gameSessionId, detail: "expire" },
    ]);
    expect(world.plane.playerSessions.find(second!)?.status).toBe("TIMEDOUT");
  });

  it("[EX12] matchmaker-data sets a game session's data and tells its process", () => {
    const world = new FaultWorld();
    const { process, session } = world.hosting("p");
    world.done({ fault: "matchmaker-data", session: 1, data: { matchId: "m" } });
    expect(session.matchmakerData).toBe('{"matchId":"m"}');
    expect(world.link(process).pushes.at(-1)).toMatchObject({
      kind: "update-game-session",
      reason: "MATCHMAKING_DATA_UPDATED",
      ticketId: "",
    });
    expect(world.refusal({ fault: "matchmaker-data", session: 1, data: "[1]" })).toMatch(
      /^data is "\[1\]"; allowed is an object/,
    );
    expect(world.refusal({ fault: "matchmaker-data", session: 2, data: {} })).toMatch(
      /^game session 2 is not there yet/,
    );
  });

  it.each([
    ["MATCHMAKING_DATA_UPDATED", "COMPLETED"],
    ["BACKFILL_FAILED", "FAILED"],
    ["BACKFILL_TIMED_OUT", "TIMED_OUT"],
    ["BACKFILL_CANCELLED", "CANCELLED"],
  ])("[EX12] end-backfill ends the open ticket by %s", (reason, status) => {
    const world = new FaultWorld();
    const { process, session } = world.hosting("p");
    const { gameSessionId } = session;
    expect(world.refusal({ fault: "end-backfill", session: 1, reason })).toBe(
      "game session 1 has no open backfill ticket",
    );
    const request = { gameSessionId, ticketId: "t", matchmakingConfigurationArn: ARN, players: [] };
    const ticket = granted(world.plane.backfills.start(process, request));
    world.done({ fault: "end-backfill", session: "any", reason, data: '{"a":1}' });
    expect(ticket.status).toBe(status);
    expect(session.matchmakerData).toBe('{"a":1}');
    expect(world.link(process).pushes.at(-1)).toMatchObject({ reason, ticketId: "t" });
  });

  it("[EX13] full keeps game sessions out of a fleet, or one location, until its time is over", () => {
    const world = new FaultWorld();
    const process = world.ready("p");
    const { fleetId, location } = process;
    const create = () =>
      refusalOf(
        world.plane.gameSessions.create({ fleetId, location, maximumPlayerSessionCount: 2 }),
      );
    world.done({ fault: "full", fleet: fleetId, location: "custom-elsewhere" });
    expect(world.plane.gameSessions.available(fleetId)).toEqual([process]);
    world.done({ fault: "full", fleet: fleetId, for: "10s" });
    expect(create()).toBe("FleetCapacityExceeded");
    world.clock.advance(9_999);
    expect(create()).toBe("FleetCapacityExceeded");
    world.clock.advance(1);
    expect(create()).toBeUndefined();
  });
});

describe("faults of the AWS API", () => {
  it("[EX14] fail-call fails an operation so often, once unless told otherwise", () => {
    const { faults, ...world } = new FaultWorld();
    faults.order({
      fault: "fail-call",
      operation: "CreateGameSession",
      error: "ThrottlingException",
      times: 2,
    });
    expect(faults.calls.beforeCall("ListFleets").failure).toBeUndefined();
    const failures = [1, 2, 3].map(() => faults.calls.beforeCall("CreateGameSession").failure);
    expect(failures).toEqual([
      { type: "ThrottlingException", message: "A fault made this answer.", status: 400 },
      { type: "ThrottlingException", message: "A fault made this answer.", status: 400 },
      undefined,
    ]);
    faults.order({ fault: "fail-call", error: "InternalServiceException" });
    expect(faults.calls.beforeCall("ListFleets").failure?.status).toBe(500);
    expect(faults.calls.beforeCall("ListFleets").failure).toBeUndefined();
    faults.order({ fault: "fail-call", error: "NotFoundException", for: "5s" });
    expect(faults.calls.beforeCall("ListFleets").failure).toBeDefined();
    expect(faults.calls.beforeCall("ListFleets").failure).toBeDefined();
    world.clock.advance(5_000);
    expect(faults.calls.beforeCall("ListFleets").failure).toBeUndefined();
  });

  it("[EX14] slow-call delays calls until it is cleared", () => {
    const { faults } = new FaultWorld();
    faults.order({ fault: "slow-call", by: "2s" });
    expect(faults.calls.beforeCall("ListFleets").delayMs).toBe(2_000);
    faults.order({ fault: "clear" });
    expect(faults.calls.beforeCall("ListFleets").delayMs).toBe(0);
  });
});
