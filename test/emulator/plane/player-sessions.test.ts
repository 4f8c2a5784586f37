import { describe, expect, it } from "vitest";
import type { PlayerSessionStatus } from "../../../emulator/plane/records.ts";
import { granted, PlaneWorld, refusalOf } from "./plane-world.ts";

type Seated = ReturnType<PlaneWorld["hosting"]> & { world: PlaneWorld; id: string };

const IN_STATUS: Readonly<Record<PlayerSessionStatus, (seated: Seated) => void>> = {
  RESERVED: () => {},
  ACTIVE: accept,
  COMPLETED: (seated) => {
    accept(seated);
    remove(seated);
  },
  TIMEDOUT: ({ world }) => world.clock.advance(60_000),
};

const TRANSITIONS: Readonly<
  Record<string, { step: (seated: Seated) => unknown; to: Record<PlayerSessionStatus, string> }>
> = {
  accept: {
    step: accept,
    to: { RESERVED: "ACTIVE", ACTIVE: "Conflict", COMPLETED: "Conflict", TIMEDOUT: "Conflict" },
  },
  remove: {
    step: remove,
    to: { RESERVED: "Conflict", ACTIVE: "COMPLETED", COMPLETED: "Conflict", TIMEDOUT: "Conflict" },
  },
  expire: {
    step: ({ world, id }) => world.plane.playerSessions.expire(id),
    to: { RESERVED: "TIMEDOUT", ACTIVE: "Conflict", COMPLETED: "Conflict", TIMEDOUT: "Conflict" },
  },
  "a minute passes": {
    step: ({ world }) => world.clock.advance(60_000),
    to: { RESERVED: "TIMEDOUT", ACTIVE: "ACTIVE", COMPLETED: "COMPLETED", TIMEDOUT: "TIMEDOUT" },
  },
  "the process ends": {
    step: ({ world, process }) => world.plane.processes.ending(process),
    to: {
      RESERVED: "COMPLETED",
      ACTIVE: "COMPLETED",
      COMPLETED: "COMPLETED",
      TIMEDOUT: "TIMEDOUT",
    },
  },
};

const ROWS = Object.entries(TRANSITIONS).flatMap(([name, { step, to }]) =>
  (Object.keys(IN_STATUS) as PlayerSessionStatus[]).map((status) => ({
    name,
    status,
    step,
    to: to[status],
  })),
);

function accept({ world, process, session, id }: Seated) {
  return world.plane.playerSessions.accept(process, session.gameSessionId, id);
}

function remove({ world, process, session, id }: Seated) {
  return world.plane.playerSessions.remove(process, session.gameSessionId, id);
}

function seated(maximum?: number): Seated {
  const world = new PlaneWorld();
  const hosted = world.hosting("p", { ...(maximum !== undefined && { maximum }) });
  return { world, ...hosted, id: world.reserve(hosted.session) };
}

describe("a player session", () => {
  it.each(ROWS)("[EP40] $status, then $name: $to", ({ status, step, to }) => {
    const all = seated();
    IN_STATUS[status](all);
    const player = all.world.plane.playerSessions.find(all.id);
    expect(player?.status).toBe(status);
    const outcome = step(all) as { refusal?: string } | undefined;
    expect(outcome?.refusal ?? player?.status).toBe(to);
  });

  it("[EP41] takes a slot while it is RESERVED or ACTIVE, and all of several are made or none", () => {
    const { world, session, process, id } = seated(3);
    const create = (...ids: string[]) =>
      world.plane.playerSessions.create(
        session.gameSessionId,
        ids.map((playerId) => ({ playerId, playerData: "" })),
      );
    expect(refusalOf(create("b", "c", "d"))).toBe("GameSessionFull");
    expect(session.reservedCount).toBe(1);
    granted(create("b", "c"));
    granted(world.plane.playerSessions.accept(process, session.gameSessionId, id));
    expect(session).toMatchObject({ reservedCount: 2, activeCount: 1 });
    expect(refusalOf(create("d"))).toBe("GameSessionFull");
    granted(world.plane.playerSessions.remove(process, session.gameSessionId, id));
    granted(create("d"));
  });

  it("[EP42] is not made for a game session that denies all, whoever told it so", () => {
    const { world, session, process } = seated();
    const { gameSessionId } = session;
    const create = () =>
      world.plane.playerSessions.create(gameSessionId, [{ playerId: "b", playerData: "" }]);
    granted(world.plane.gameSessions.setPolicyBy(process, gameSessionId, "DENY_ALL"));
    expect(refusalOf(create())).toBe("InvalidGameSessionStatus");
    granted(
      world.plane.gameSessions.update(gameSessionId, { playerSessionCreationPolicy: "ACCEPT_ALL" }),
    );
    expect(refusalOf(create())).toBeUndefined();
  });

  it("[EP43] is accepted in an ACTIVE game session alone, and removed in one that is terminating too", () => {
    const all = seated();
    const late = all.world.reserve(all.session, "late");
    granted(accept(all));
    all.world.plane.processes.terminate(all.process, 60_000);
    expect(refusalOf(accept({ ...all, id: late }))).toBe("Conflict");
    expect(refusalOf(remove(all))).toBeUndefined();
  });

  it("[EP44] is found by its id, by its player, and in its game session", () => {
    const { world, session, id } = seated();
    const other = world.reserve(session, "player-2");
    const { playerSessions } = world.plane;
    expect(playerSessions.find(id)).toMatchObject({
      playerId: "player-1",
      gameSessionId: session.gameSessionId,
      port: 7777,
    });
    expect(playerSessions.byPlayer("player-2").map((each) => each.playerSessionId)).toEqual([
      other,
    ]);
    expect(playerSessions.of(session.gameSessionId)).toHaveLength(2);
    expect(playerSessions.byPlayer("nobody")).toEqual([]);
  });
});
