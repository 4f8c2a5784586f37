import { describe, expect, it } from "vitest";
import type { GameSessionStatus } from "../../../emulator/plane/records.ts";
import { granted, LOCATION, PlaneWorld, refusalOf } from "./plane-world.ts";

type Hosted = ReturnType<PlaneWorld["hosting"]>;

/** A game session in each status, on a supervised process. */
const IN_STATUS: Readonly<Record<GameSessionStatus, (world: PlaneWorld) => Hosted>> = {
  ACTIVATING: (world) => {
    const process = world.ready("p", { isSupervised: true });
    return { process, session: world.place(process) };
  },
  ACTIVE: (world) => world.hosting("p", { isSupervised: true }),
  TERMINATING: (world) => {
    const hosted = world.hosting("p", { isSupervised: true });
    world.plane.processes.terminate(hosted.process, 60_000);
    return hosted;
  },
  TERMINATED: (world) => {
    const hosted = world.hosting("p", { isSupervised: true });
    world.plane.processes.ending(hosted.process);
    return hosted;
  },
};

const STATUSES = Object.keys(IN_STATUS) as GameSessionStatus[];

type Step = (world: PlaneWorld, hosted: Hosted) => unknown;

const TRANSITIONS: Readonly<Record<string, { step: Step; to: Record<GameSessionStatus, string> }>> =
  {
    activate: {
      step: ({ plane }, { process, session }) =>
        plane.gameSessions.activate(process, session.gameSessionId),
      to: {
        ACTIVATING: "ACTIVE",
        ACTIVE: "Conflict",
        TERMINATING: "Conflict",
        TERMINATED: "NotFound",
      },
    },
    "trigger termination": {
      step: ({ plane }, { session }) =>
        plane.gameSessions.terminate(session.gameSessionId, "TRIGGER_ON_PROCESS_TERMINATE"),
      to: {
        ACTIVATING: "TERMINATING",
        ACTIVE: "TERMINATING",
        TERMINATING: "TERMINATING",
        TERMINATED: "InvalidGameSessionStatus",
      },
    },
    "force termination": {
      step: ({ plane }, { session }) =>
        plane.gameSessions.terminate(session.gameSessionId, "FORCE_TERMINATE"),
      to: {
        ACTIVATING: "TERMINATED",
        ACTIVE: "TERMINATED",
        TERMINATING: "TERMINATED",
        TERMINATED: "InvalidGameSessionStatus",
      },
    },
    update: {
      step: ({ plane }, { session }) =>
        plane.gameSessions.update(session.gameSessionId, { name: "n" }),
      to: {
        ACTIVATING: "ACTIVATING",
        ACTIVE: "ACTIVE",
        TERMINATING: "InvalidGameSessionStatus",
        TERMINATED: "InvalidGameSessionStatus",
      },
    },
    "create player session": {
      step: ({ plane }, { session }) =>
        plane.playerSessions.create(session.gameSessionId, [{ playerId: "a", playerData: "" }]),
      to: {
        ACTIVATING: "InvalidGameSessionStatus",
        ACTIVE: "ACTIVE",
        TERMINATING: "InvalidGameSessionStatus",
        TERMINATED: "InvalidGameSessionStatus",
      },
    },
    "process exits": {
      step: ({ plane }, { process }) => plane.processes.exited(process, { code: 1, signal: null }),
      to: {
        ACTIVATING: "TERMINATED",
        ACTIVE: "TERMINATED",
        TERMINATING: "TERMINATED",
        TERMINATED: "TERMINATED",
      },
    },
  };

const ROWS = Object.entries(TRANSITIONS).flatMap(([name, { step, to }]) =>
  STATUSES.map((status) => ({ name, status, step, to: to[status] })),
);

describe("a game session", () => {
  it.each(ROWS)("[EP20] $status, then $name: $to", ({ status, step, to }) => {
    const world = new PlaneWorld();
    const hosted = IN_STATUS[status](world);
    expect(hosted.session.status).toBe(status);
    const outcome = step(world, hosted) as { refusal?: string } | undefined;
    expect(outcome?.refusal ?? hosted.session.status).toBe(to);
  });

  it("[EP21] is placed on a process that is ready, healthy, connected and has hosted none", () => {
    const world = new PlaneWorld();
    world.connected("connected");
    const sick = world.ready("sick");
    world.plane.processes.report(sick, false);
    const gone = world.ready("gone");
    world.plane.processes.disconnected(gone, world.link(gone));
    const leaving = world.ready("leaving");
    world.plane.processes.terminate(leaving, 1_000);
    world.hosting("busy");
    const request = {
      fleetId: world.anywhere.fleetId,
      location: LOCATION,
      maximumPlayerSessionCount: 2,
    };
    // Of all these only "free" is left to take one, and "busy" took the first.
    expect(refusalOf(world.plane.gameSessions.create(request))).toBe("FleetCapacityExceeded");
    const free = world.ready("free");
    const session = granted(world.plane.gameSessions.create({ ...request, name: "n" }));
    expect(session).toMatchObject({
      gameSessionId: expect.stringMatching(
        /^arn:aws:gamelift:us-west-2::gamesession\/fleet-[\w-]+\/custom-laptop\/gsess-[\w-]+$/,
      ),
      processId: "free",
      port: 7777,
      ipAddress: "127.0.0.1",
      status: "ACTIVATING",
    });
    expect(world.link(free).pushes).toEqual([
      { kind: "create-game-session", gameSession: session },
    ]);
    expect(free.gameSessionId).toBe(session.gameSessionId);
  });

  it("[EP21] needs a location that is the fleet's: named on Anywhere, the home Region otherwise", () => {
    const world = new PlaneWorld();
    world.ready("managed", { isSupervised: true });
    const create = (fleetId: string, location?: string) =>
      world.plane.gameSessions.create({
        fleetId,
        maximumPlayerSessionCount: 1,
        ...(location !== undefined && { location }),
      });
    expect(refusalOf(create(world.anywhere.fleetId))).toBe("InvalidRequest");
    expect(refusalOf(create(world.anywhere.fleetId, "custom-moon"))).toBe("InvalidRequest");
    expect(refusalOf(create("fleet-none"))).toBe("NotFound");
    const { gameSessionId } = granted(create(world.managed.fleetArn));
    expect(gameSessionId.split("/")).toHaveLength(3);
  });

  it("[EP22] with the same custom id and request is the same one, with another request refused", () => {
    const world = new PlaneWorld();
    world.ready("p");
    world.ready("q");
    const request = {
      fleetId: world.anywhere.fleetId,
      location: LOCATION,
      maximumPlayerSessionCount: 2,
      customId: "mine",
    };
    const first = granted(world.plane.gameSessions.create(request));
    expect(granted(world.plane.gameSessions.create({ ...request }))).toBe(first);
    const other = world.plane.gameSessions.create({ ...request, maximumPlayerSessionCount: 3 });
    expect(refusalOf(other)).toBe("IdempotentParameterMismatch");
    expect(world.plane.gameSessions.list()).toEqual([first]);
    expect(first.gameSessionId).toMatch(/\/mine$/);
  });

  it("[EP23] that is not activated in time is over, and its process is told to terminate", () => {
    const world = new PlaneWorld({
      managed: {
        runtimeConfiguration: {
          serverProcesses: [],
          maxConcurrentGameSessionActivations: 1,
          gameSessionActivationTimeoutSeconds: 10,
        },
      },
    });
    const process = world.ready("p", { isSupervised: true });
    world.ready("q", { isSupervised: true });
    const session = world.place(process);
    expect(world.plane.gameSessions.available(world.managed.fleetId)).toEqual([]);
    world.clock.advance(10_000);
    expect(session.status).toBe("TERMINATED");
    expect(world.events(world.managed)).toEqual(["GAME_SESSION_ACTIVATION_TIMEOUT"]);
    expect(world.link(process).kinds).toEqual(["create-game-session", "terminate-process"]);
    expect(world.plane.gameSessions.available(world.managed.fleetId)).toHaveLength(1);
    const late = world.plane.gameSessions.activate(process, session.gameSessionId);
    expect(refusalOf(late)).toBe("NotFound");
  });

  it("[EP24] of one creator are limited by the fleet's policy", () => {
    const world = new PlaneWorld({
      anywhere: {
        resourceCreationLimitPolicy: { newGameSessionsPerCreator: 1, policyPeriodInMinutes: 3 },
      },
    });
    for (const id of ["p", "q", "r"]) world.ready(id);
    const create = (creatorId: string) =>
      world.plane.gameSessions.create({
        fleetId: world.anywhere.fleetId,
        location: LOCATION,
        maximumPlayerSessionCount: 1,
        creatorId,
      });
    expect(refusalOf(create("ann"))).toBeUndefined();
    expect(refusalOf(create("ann"))).toBe("LimitExceeded");
    expect(refusalOf(create("bob"))).toBeUndefined();
    for (let minute = 0; minute < 3; minute++) {
      world.clock.advance(60_000);
      for (const process of world.plane.processes.list()) {
        world.plane.processes.report(process, true);
      }
    }
    expect(refusalOf(create("ann"))).toBeUndefined();
  });

  it("[EP25] cannot be ended by force where nobody can kill its process", () => {
    const world = new PlaneWorld();
    const { session } = world.hosting("p");
    const outcome = world.plane.gameSessions.terminate(session.gameSessionId, "FORCE_TERMINATE");
    expect(refusalOf(outcome)).toBe("InvalidRequest");
    expect(session.status).toBe("ACTIVE");
  });

  it("[EP26] keeps the properties that an update does not name, 16 at most", () => {
    const world = new PlaneWorld();
    const { session } = world.hosting("p");
    const properties = (count: number, value: string) =>
      Array.from({ length: count }, (_, index) => ({ key: `k${index}`, value }));
    const update = (gameProperties: { key: string; value: string }[]) =>
      world.plane.gameSessions.update(session.gameSessionId, { gameProperties });
    granted(update(properties(3, "old")));
    granted(update(properties(2, "fresh")));
    expect(session.gameProperties.map(({ value }) => value)).toEqual(["fresh", "fresh", "old"]);
    expect(refusalOf(update(properties(17, "many")))).toBe("InvalidRequest");
    expect(session.gameProperties).toHaveLength(3);
  });

  it("[EP27] is for the process that hosts it alone", () => {
    const world = new PlaneWorld();
    const { session } = world.hosting("p");
    const { process: stranger } = world.hosting("q");
    const { gameSessionId } = session;
    const id = world.reserve(session);
    const { gameSessions, playerSessions, backfills } = world.plane;
    const asked = [
      gameSessions.activate(stranger, gameSessionId),
      gameSessions.setPolicyBy(stranger, gameSessionId, "DENY_ALL"),
      playerSessions.accept(stranger, gameSessionId, id),
      playerSessions.remove(stranger, gameSessionId, id),
      backfills.start(stranger, {
        gameSessionId,
        ticketId: "",
        matchmakingConfigurationArn: "",
        players: [],
      }),
    ];
    expect(asked.map(refusalOf)).toEqual(asked.map(() => "NotFound"));
  });
});
