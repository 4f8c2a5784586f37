import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { GameSession, PlayerSession, ServerProcess } from "../../../emulator/plane/records.ts";
import { PlaneWorld } from "./plane-world.ts";

interface Life {
  readonly world: PlaneWorld;
  readonly processes: ServerProcess[];
  readonly sessions: GameSession[];
  readonly players: PlayerSession[];
  nextId: number;
}

type Deed = (life: Life, pick: number) => void;

function picked<T>(list: readonly T[], pick: number): T | undefined {
  return list[pick % Math.max(1, list.length)];
}

function byProcess(deed: (life: Life, process: ServerProcess) => void): Deed {
  return (life, pick) => {
    const process = picked(life.processes, pick);
    if (process !== undefined) deed(life, process);
  };
}

function byPlayer(deed: (life: Life, player: PlayerSession, process: ServerProcess) => void): Deed {
  return (life, pick) => {
    const player = picked(life.players, pick);
    const session = life.sessions.find((each) => each.gameSessionId === player?.gameSessionId);
    const process = life.processes.find((each) => each.processId === session?.processId);
    if (player !== undefined && process !== undefined) deed(life, player, process);
  };
}

/** Everything that anybody may do, whether it makes sense at that moment or not. */
const DEEDS: Readonly<Record<string, Deed>> = {
  start: (life, pick) => {
    const isSupervised = pick % 2 === 0;
    life.processes.push(life.world.connected(`p-${life.nextId++}`, { isSupervised }));
  },
  ready: byProcess(({ world }, process) => world.activate(process)),
  healthy: byProcess(({ world }, process) => world.plane.processes.report(process, true)),
  unhealthy: byProcess(({ world }, process) => world.plane.processes.report(process, false)),
  cut: byProcess(({ world }, process) =>
    world.plane.processes.disconnected(process, world.link(process)),
  ),
  "come back": byProcess(({ world }, process) => {
    if (process.state !== "ENDED") world.connect(process);
  }),
  terminate: byProcess(({ world }, process) => world.plane.processes.terminate(process, 5_000)),
  ending: byProcess(({ world }, process) => world.plane.processes.ending(process)),
  exit: byProcess(({ world }, process) =>
    world.plane.processes.exited(process, { code: 0, signal: null }),
  ),
  place: (life, pick) => {
    const fleet = pick % 2 === 0 ? life.world.anywhere : life.world.managed;
    const [location = ""] = fleet.locations;
    const outcome = life.world.plane.gameSessions.create({
      fleetId: fleet.fleetId,
      location,
      maximumPlayerSessionCount: 1 + (pick % 3),
    });
    if ("value" in outcome) life.sessions.push(outcome.value);
  },
  activate: byProcess(({ world }, process) =>
    world.plane.gameSessions.activate(process, process.gameSessionId ?? ""),
  ),
  reserve: (life, pick) => {
    const session = picked(life.sessions, pick);
    if (session === undefined) return;
    const players = [{ playerId: `player-${pick % 5}`, playerData: "" }];
    const outcome = life.world.plane.playerSessions.create(session.gameSessionId, players);
    if ("value" in outcome) life.players.push(...outcome.value);
  },
  accept: byPlayer(({ world }, player, process) =>
    world.plane.playerSessions.accept(process, player.gameSessionId, player.playerSessionId),
  ),
  remove: byPlayer(({ world }, player, process) =>
    world.plane.playerSessions.remove(process, player.gameSessionId, player.playerSessionId),
  ),
  expire: byPlayer(({ world }, player) =>
    world.plane.playerSessions.expire(player.playerSessionId),
  ),
  "trigger end": (life, pick) => {
    const id = picked(life.sessions, pick)?.gameSessionId ?? "";
    life.world.plane.gameSessions.terminate(id, "TRIGGER_ON_PROCESS_TERMINATE");
  },
  "force end": (life, pick) => {
    const id = picked(life.sessions, pick)?.gameSessionId ?? "";
    life.world.plane.gameSessions.terminate(id, "FORCE_TERMINATE");
  },
  "time passes": (life, pick) => life.world.clock.advance((pick % 7) * 13_000),
};

/** What a story is mostly about. */
const OFTEN = ["reserve", "reserve", "accept", "accept", "accept", "remove"];

const STORY = fc.array(fc.tuple(fc.constantFrom(...Object.keys(DEEDS), ...OFTEN), fc.nat(1_000)), {
  minLength: 20,
  maxLength: 150,
});

function check({ world, processes, sessions }: Life, over: Map<string, string>): void {
  const open = sessions.filter(({ status }) => status !== "TERMINATED");
  const hosts = open.map(({ processId }) => processId);
  expect(new Set(hosts).size, "no process hosts two").toBe(hosts.length);
  for (const { gameSessionId, processId } of sessions) {
    const claimed = processes.filter((process) => process.gameSessionId === gameSessionId);
    expect(claimed.map((process) => process.processId)).toEqual([processId]);
  }
  for (const session of sessions) {
    const players = world.plane.playerSessions.of(session.gameSessionId);
    const count = (status: string) => players.filter((each) => each.status === status).length;
    expect([session.reservedCount, session.activeCount]).toEqual([
      count("RESERVED"),
      count("ACTIVE"),
    ]);
    const taken = session.reservedCount + session.activeCount;
    expect(taken).toBeLessThanOrEqual(session.maximumPlayerSessionCount);
    if (session.status === "TERMINATED") expect(taken).toBe(0);
    for (const { playerSessionId, status } of players) {
      const was = over.get(playerSessionId);
      if (was !== undefined) expect(status, "what is over stays as it was").toBe(was);
      if (status === "COMPLETED" || status === "TIMEDOUT") over.set(playerSessionId, status);
    }
  }
}

/** Four game sessions that are played, so that a story does not spend itself on getting there. */
function begun(): Life {
  const world = new PlaneWorld();
  const hosted = [true, true, false, false].map((isSupervised, index) =>
    world.hosting(`first-${index}`, { isSupervised }),
  );
  return {
    world,
    processes: hosted.map(({ process }) => process),
    sessions: hosted.map(({ session }) => session),
    players: [],
    nextId: 0,
  };
}

describe("many lives", () => {
  it("[EP90] keep every promise, whatever is done in whatever order", () => {
    const seen = { reserved: 0, active: 0, completed: 0, timedOut: 0, ended: 0 };
    fc.assert(
      fc.property(STORY, (story) => {
        const life = begun();
        const { happenings } = life.world.plane;
        happenings.listen(({ kind, detail }) => {
          if (kind === "player-session-reserved") seen.reserved++;
          if (kind === "player-session-active") seen.active++;
          if (kind === "player-session-ended")
            seen[detail === "TIMEDOUT" ? "timedOut" : "completed"]++;
          if (kind === "game-session-ended") seen.ended++;
        });
        const over = new Map<string, string>();
        for (const [deed, pick] of story) {
          DEEDS[deed]?.(life, pick);
          check(life, over);
        }
        life.world.plane.close();
        const { clock } = life.world;
        expect(clock.pendingTimers, "no timer outlives the plane").toBe(0);
      }),
      { numRuns: 150 },
    );
    for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(10);
  });

  it("[EP91] leave the newest 1,000 behind and no timer", () => {
    const world = new PlaneWorld();
    for (let count = 0; count < 1_100; count++) {
      const { process, session } = world.hosting(`p-${count}`);
      const id = world.reserve(session, `player-${count}`);
      world.plane.playerSessions.accept(process, session.gameSessionId, id);
      world.plane.processes.ending(process);
      world.plane.processes.disconnected(process, world.link(process));
    }
    expect(world.plane.gameSessions.list()).toHaveLength(1_000);
    expect(world.plane.processes.list()).toHaveLength(1_000);
    expect(world.plane.playerSessions.byPlayer("player-99")).toEqual([]);
    expect(world.plane.playerSessions.byPlayer("player-100")).toHaveLength(1);
    expect(world.plane.happenings.since(0)).toHaveLength(2_000);
    expect(world.clock.pendingTimers).toBe(0);
  });
});
