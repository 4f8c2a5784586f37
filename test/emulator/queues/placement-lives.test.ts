import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Fleet, GameSession } from "../../../emulator/plane/records.ts";
import type { Placement } from "../../../emulator/queues/placement.ts";
import type { Queue } from "../../../emulator/queues/queue.ts";
import { latencies, QueueWorld } from "./queue-world.ts";

interface Life {
  readonly world: QueueWorld;
  readonly fleets: readonly Fleet[];
  readonly queues: Queue[];
  readonly placements: Placement[];
  /** How each placement ended, once it has. */
  readonly ends: Map<string, string>;
}

type Deed = (life: Life, pick: number) => void;

function picked<T>(list: readonly T[], pick: number): T | undefined {
  return list[pick % Math.max(1, list.length)];
}

const bySession =
  (deed: (life: Life, session: GameSession) => void): Deed =>
  (life, pick) => {
    const sessions = life.world.plane.gameSessions.list();
    const open = sessions.filter(({ status }) => status !== "TERMINATED");
    const session = picked(open, pick);
    if (session !== undefined) deed(life, session);
  };

const processOf = ({ world }: Life, { processId }: GameSession) =>
  world.processes.find((process) => process.processId === processId);

const FALLBACKS = ["DEFAULT_AFTER_SINGLE_PASS", "NONE"] as const;
const OVERRIDES = FALLBACKS.map((fallback) => ({ locationOrder: ["us-east-1"], fallback }));

/** Everything that anybody may do, whether it makes sense at that moment or not. */
const DEEDS: Readonly<Record<string, Deed>> = {
  start: ({ world, queues, placements }, pick) => {
    const queue = picked(queues, pick);
    if (queue === undefined) return;
    const ask = Array.from({ length: pick % 3 }, (_, index) => ({
      playerId: `player-${index}`,
      playerData: "",
    }));
    const hasLatencies = pick % 4 === 0;
    const takesOverride = !hasLatencies && queue.priorityOrder.length > 0;
    placements.push(
      world.start(queue, {
        maximumPlayerSessionCount: 2,
        desiredPlayerSessions: ask,
        playerLatencies: hasLatencies
          ? latencies({ ann: { "us-west-2": pick % 100, "us-east-1": 60 } })
          : [],
        priorityOverride: takesOverride ? picked([undefined, ...OVERRIDES], pick) : undefined,
      }),
    );
  },
  stop: ({ world, placements }, pick) => {
    world.queues.stop(picked(placements, pick)?.placementId ?? "");
  },
  "process comes": ({ world, fleets }, pick) => {
    const fleet = picked(fleets, pick) as Fleet;
    if (world.plane.computes.find(fleet.fleetId, "us-west-2") === undefined) return;
    world.free(fleet, pick % 3 === 0 ? "us-east-1" : "us-west-2");
  },
  activate: bySession((life, session) => {
    const process = processOf(life, session);
    if (process) life.world.plane.gameSessions.activate(process, session.gameSessionId);
  }),
  deny: bySession((life, session) => {
    const process = processOf(life, session);
    if (process) {
      life.world.plane.gameSessions.setPolicyBy(process, session.gameSessionId, "DENY_ALL");
    }
  }),
  crash: bySession((life, session) => {
    const process = processOf(life, session);
    if (process) life.world.plane.processes.exited(process, { code: 1, signal: null });
  }),
  terminate: bySession(({ world }, { gameSessionId }) => {
    world.plane.gameSessions.terminate(gameSessionId, "TRIGGER_ON_PROCESS_TERMINATE");
  }),
  kill: bySession(({ world }, { gameSessionId }) => {
    world.plane.gameSessions.terminate(gameSessionId, "FORCE_TERMINATE");
  }),
  interrupt: ({ world, fleets }, pick) => {
    world.plane.processes.interrupt(picked(fleets, pick)?.fleetId ?? "", "us-west-2");
  },
  "change a queue": ({ world, queues, fleets }, pick) => {
    const destinations = [picked(fleets, pick)?.fleetArn ?? ""];
    world.queues.update(picked(queues, pick)?.name ?? "", { destinations });
  },
  "delete a queue": ({ world, queues, fleets }, pick) => {
    if (pick % 5 > 0) return;
    world.queues.delete(picked(queues, pick)?.name ?? "");
    queues.splice(pick % queues.length, 1, world.queue(fleets, { timeoutSeconds: 40 }));
  },
  "a moment": ({ world }) => world.settle(),
  "time passes": ({ world }, pick) => world.pass((pick % 9) * 5_000),
};

/** What leads to good ends comes more often, for everything else undoes it. */
const OFTEN = ["start", "process comes", "process comes", "a moment", "activate", "activate"];

const STORY = fc.array(fc.tuple(fc.constantFrom(...Object.keys(DEEDS), ...OFTEN), fc.nat(1_000)), {
  minLength: 20,
  maxLength: 120,
});

function begun(): Life {
  const world = new QueueWorld();
  const fleets = [world.fleet(["us-east-1"]), world.fleet(["us-east-1"], { fleetType: "SPOT" })];
  const queues = [
    world.queue(fleets, {
      timeoutSeconds: 60,
      playerLatencyPolicies: [
        { maximumMs: 40, durationSeconds: 10 },
        { maximumMs: 80, durationSeconds: undefined },
      ],
    }),
    world.queue(fleets, { timeoutSeconds: 30, priorityOrder: ["LOCATION"] }),
  ];
  return { world, fleets, queues, placements: [], ends: new Map() };
}

/** What must be true at every moment, whatever was done. */
function check({ world, placements, ends }: Life): void {
  for (const placement of placements) {
    const { placementId, status } = placement;
    if (status !== "PENDING" && !ends.has(placementId)) ends.set(placementId, status);
    expect(ends.get(placementId) ?? "PENDING", "an end is for good").toBe(status);
    const told = world.placementEvents.filter(({ detail }) => detail.placementId === placementId);
    expect(told, "one end, one event").toHaveLength(status === "PENDING" ? 0 : 1);
    const isPlaced = status === "FULFILLED";
    expect(placement.placedPlayerSessions).toHaveLength(
      isPlaced ? placement.desiredPlayerSessions.length : 0,
    );
    if (isPlaced) expect(placement.gameSessionId).toBeDefined();
    else if (status !== "PENDING") expect(placement.gameSessionId).toBeUndefined();
  }
  const owners = placements.flatMap(({ gameSessionId }) => gameSessionId ?? []);
  expect(new Set(owners).size, "no game session for two").toBe(owners.length);
  for (const { gameSessionId, status } of world.plane.gameSessions.list()) {
    const players = world.plane.playerSessions.of(gameSessionId);
    if (owners.includes(gameSessionId)) {
      const owner = placements.find((each) => each.gameSessionId === gameSessionId);
      if (owner?.status !== "FULFILLED") expect(players).toEqual([]);
    } else {
      expect(players, "no seats in what nobody was given").toEqual([]);
      expect(["TERMINATING", "TERMINATED"], "nothing is left behind").toContain(status);
    }
  }
}

describe("placements", () => {
  it("[EQ60] end exactly once and leave nothing behind, whatever happens in whatever order", () => {
    const seen: Record<string, number> = {};
    fc.assert(
      fc.property(STORY, (story) => {
        const life = begun();
        for (const [deed, pick] of story) {
          DEEDS[deed]?.(life, pick);
          check(life);
        }
        life.world.pass(60_000);
        check(life);
        for (const { status } of life.placements) {
          expect(status, "nobody waits for ever").not.toBe("PENDING");
          seen[status] = (seen[status] ?? 0) + 1;
        }
        life.world.queues.close();
        life.world.plane.close();
        expect(life.world.clock.pendingTimers).toBe(0);
      }),
      { numRuns: 100 },
    );
    for (const end of ["FULFILLED", "CANCELLED", "TIMED_OUT", "FAILED"]) {
      expect(seen[end], end).toBeGreaterThan(5);
    }
  });
});
