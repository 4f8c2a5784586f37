import { beforeEach, describe, expect, it } from "vitest";
import { LOBBY_LIMITS } from "../../../backend/lobby/limits.ts";
import { codeOf, LobbyWorld, seatOf, WAIT_MS } from "./lobby-world.ts";
import { ADDRESS, fault } from "./scripted-fleet-api.ts";

const { passIntervalMs, waitingPerGameMax, playersPerCallMax } = LOBBY_LIMITS;

let world: LobbyWorld;
beforeEach(() => {
  world = new LobbyWorld();
});

describe("game sessions that there are", () => {
  it("[LB2] gives a seat in one of the game that has room", async () => {
    world.fleet.open("duel", 2);
    const arena = world.fleet.open("arena", 4);
    const full = world.fleet.open("arena", 1);
    world.fleet.fill(full, 1);
    const asked = world.join("arena");
    await world.pass(0);
    expect(seatOf(asked)).toMatchObject({ gameSessionId: arena, address: ADDRESS });
    expect(world.fleet.count("place")).toBe(0);
  });

  it("[LB2] fills the fullest first, the oldest of equals, and spreads who does not fit", async () => {
    const empty = world.fleet.open("arena", 4);
    const older = world.fleet.open("arena", 4, { createdAtMs: 1 });
    const newer = world.fleet.open("arena", 4, { createdAtMs: 2 });
    world.fleet.fill(older, 2);
    world.fleet.fill(newer, 2);
    const asked = world.joinMany(5);
    await world.pass(0);
    expect(asked.map((each) => seatOf(each).gameSessionId)).toEqual([
      older,
      older,
      newer,
      newer,
      empty,
    ]);
    expect(world.fleet.count("openGameSessions")).toBe(1);
  });

  it("[LB2] knows a game session by its property alone", async () => {
    world.fleet.open("arena", 4, { gameProperties: {} });
    world.fleet.open("arena", 4, { gameProperties: { room: "arena2" } });
    const asked = world.join("arena");
    await world.pass(0);
    expect(codeOf(asked)).toBe("waits");
    expect(world.fleet.count("place")).toBe(1);
  });

  it("[LB5] passes over one that is full or gone by the time of the reservation", async () => {
    const first = world.fleet.open("arena", 2);
    const second = world.fleet.open("arena", 4);
    world.fleet.fill(first, 1);
    world.fleet.meanwhile = (call) => {
      if (call !== "reserve" || world.fleet.count("reserve") !== 1) return;
      world.fleet.fill(first, 1);
    };
    const asked = world.join();
    await world.pass(0);
    expect(seatOf(asked).gameSessionId).toBe(second);
  });

  it("[LB5] places a new one when all were lost to others", async () => {
    const only = world.fleet.open("arena", 4);
    world.fleet.meanwhile = (call) => {
      if (call === "reserve") world.fleet.sessions.delete(only);
    };
    const asked = world.join();
    await world.pass(0);
    expect(world.fleet.count("place")).toBe(1);
    expect(codeOf(asked)).toBe("waits");
  });

  it("[LB13] makes none for who only wants to join one that there is", async () => {
    const asked = world.join("arena", { mayOpen: false });
    await world.pass(0);
    expect(codeOf(asked)).toBe("no_match_open");
    expect(world.fleet.count("place")).toBe(0);
  });
});

describe("a game session that is made", () => {
  it("[LB3] is placed with the seats of the game, its name and the players who wait", async () => {
    const asked = [world.join("duel", { playerName: "Ada" }), world.join("duel")];
    await world.pass(0);
    const [placed] = [...world.fleet.placements.values()];
    expect(placed?.request).toMatchObject({ playersMax: 2, gameProperties: { room: "duel" } });
    expect(placed?.request.players.map(({ playerData }) => JSON.parse(playerData))).toEqual([
      { name: "Ada" },
      { name: expect.stringMatching(/^Guest [0-9A-F]{4}$/) },
    ]);
    const [made] = world.fleet.fulfill();
    await world.pass(passIntervalMs);
    expect(asked.map((each) => seatOf(each).gameSessionId)).toEqual([made, made]);
    expect(new Set(asked.map((each) => seatOf(each).playerSessionId)).size).toBe(2);
    expect(world.fleet.playerSessions).toHaveLength(2);
  });

  it("[LB3] is waited for until players can come in", async () => {
    const asked = world.join();
    await world.pass(0);
    const [made = ""] = world.fleet.fulfill("opening");
    await world.pass(3 * passIntervalMs);
    expect(codeOf(asked)).toBe("waits");
    world.fleet.open("", 4, { gameSessionId: made, gameProperties: { room: "arena" } });
    await world.pass(passIntervalMs);
    expect(seatOf(asked).gameSessionId).toBe(made);
  });

  it("[LB4] takes everybody who asks while it is made, though no search knows it yet", async () => {
    const first = world.join();
    await world.pass(0);
    const late = [world.join(), world.join()];
    await world.pass(passIntervalMs);
    const [made] = world.fleet.fulfill("active", { isHidden: true });
    await world.pass(passIntervalMs);
    expect([first, ...late].map((each) => seatOf(each).gameSessionId)).toEqual([made, made, made]);
    expect(world.fleet.count("place")).toBe(1);
  });

  it("[LB4] is followed by another for those for whom it has no room", async () => {
    const asked = world.joinMany(6);
    await world.pass(0);
    const [first] = world.fleet.fulfill();
    await world.pass(passIntervalMs);
    const [second] = world.fleet.fulfill();
    await world.pass(passIntervalMs);
    expect(asked.map((each) => seatOf(each).gameSessionId)).toEqual([
      first,
      first,
      first,
      first,
      second,
      second,
    ]);
  });

  it("[LB4] is made for each game apart", async () => {
    const asked = [world.join("arena"), world.join("duel")];
    await world.pass(0);
    expect(world.fleet.placements.size).toBe(2);
    world.fleet.fulfill();
    await world.pass(passIntervalMs);
    const [arena, duel] = asked.map((each) => seatOf(each).gameSessionId);
    expect(arena).not.toBe(duel);
  });

  it("[LB4] lets a seat that is freed elsewhere be taken meanwhile", async () => {
    const asked = world.join();
    await world.pass(0);
    const late = world.join();
    const elsewhere = world.fleet.open("arena", 4);
    await world.pass(passIntervalMs);
    expect(seatOf(late).gameSessionId).toBe(elsewhere);
    expect(codeOf(asked)).toBe("waits");
  });

  it("[LB7] is replaced once when it ends before players can come in", async () => {
    const asked = world.join();
    await world.pass(0);
    world.fleet.fulfill("over");
    await world.pass(passIntervalMs);
    expect(codeOf(asked)).toBe("waits");
    expect(world.fleet.count("place")).toBe(2);
    world.fleet.fulfill("over");
    await world.pass(passIntervalMs);
    expect(codeOf(asked)).toBe("no_server_free");
    expect(world.fleet.count("place")).toBe(2);
  });

  it("[LB7] seats who was left out of it like anybody else who waits", async () => {
    const asked = world.join();
    await world.pass(0);
    const [made = ""] = world.fleet.fulfill();
    for (const entry of world.fleet.placements.values()) {
      entry.placement = { state: "fulfilled", gameSessionId: made, playerSessionIds: new Map() };
    }
    await world.pass(passIntervalMs);
    expect(seatOf(asked).gameSessionId).toBe(made);
    expect(world.fleet.count("reserve")).toBe(1);
  });
});

describe("no seat", () => {
  it("[LB6] is told when the time is up, and the placement is given up", async () => {
    const asked = world.join();
    await world.pass(WAIT_MS - 1);
    expect(codeOf(asked)).toBe("waits");
    await world.pass(1);
    expect(codeOf(asked)).toBe("no_server_free");
    await world.pass(LOBBY_LIMITS.slowPassIntervalMs);
    expect(world.fleet.count("cancelPlacement")).toBe(1);
    expect(world.clock.pendingTimers).toBe(0);
  });

  it("[LB6] is told at once when the queue found no server in its own time", async () => {
    const asked = world.join();
    await world.pass(0);
    world.fleet.endPlacements("TIMED_OUT");
    await world.pass(passIntervalMs);
    expect(codeOf(asked)).toBe("no_server_free");
    expect(world.fleet.count("place")).toBe(1);
  });

  it("[LB6] is taken for a player who went away, and others go on", async () => {
    const gone = world.join();
    await world.pass(0);
    gone.leave();
    const other = world.join();
    await world.pass(passIntervalMs);
    expect(world.fleet.count("cancelPlacement")).toBe(1);
    expect(world.fleet.placements.size).toBe(2);
    world.fleet.fulfill();
    await world.pass(passIntervalMs);
    expect(codeOf(other)).toBe("seated");
    expect(world.fleet.playerSessions).toHaveLength(1);
  });

  it("[LB9] is told at once when too many wait", async () => {
    const asked = world.joinMany(waitingPerGameMax + 1);
    await world.pass(0);
    expect(codeOf(asked.at(-1) as never)).toBe("too_many_waiting");
    expect(codeOf(asked.at(-2) as never)).toBe("waits");
    expect(codeOf(world.join("duel"))).toBe("waits");
  });

  it("[LB9] asks for as many players in one call as the API takes", async () => {
    world.fleet.open("arena", 200);
    const asked = world.joinMany(playersPerCallMax + 1);
    await world.pass(2 * passIntervalMs);
    expect(asked.map(codeOf)).toEqual(asked.map(() => "seated"));
    expect(world.fleet.count("reserve")).toBe(2);
  });
});

describe("a fleet that fails", () => {
  it("[LB8] is asked again when that may pass", async () => {
    world.fleet.open("arena", 4);
    world.fleet.faults.push(fault(true), fault(true));
    const asked = world.join();
    await world.pass(2 * passIntervalMs);
    expect(codeOf(asked)).toBe("seated");
    expect(world.logged.filter(({ event }) => event === "fleet_call_failed")).toHaveLength(2);
  });

  it("[LB8] is given up the third time in a row", async () => {
    world.fleet.faults.push(fault(true), fault(true), fault(true));
    const asked = world.join();
    await world.pass(2 * passIntervalMs);
    expect(codeOf(asked)).toBe("fleet_unreachable");
    await world.pass(WAIT_MS);
    expect(world.fleet.calls).toHaveLength(3);
  });

  it("[LB8] is given up at once when it will not pass", async () => {
    world.fleet.faults.push(fault(false));
    const asked = world.join();
    await world.pass(0);
    expect(codeOf(asked)).toBe("fleet_unreachable");
  });

  it("[LB8] loses no placement over a failure that passes, and cancels one it gives up", async () => {
    const first = world.join();
    await world.pass(0);
    world.fleet.faults.push(fault(true));
    await world.pass(passIntervalMs);
    world.fleet.fulfill();
    await world.pass(passIntervalMs);
    expect(codeOf(first)).toBe("seated");
    const second = world.join("duel");
    await world.pass(passIntervalMs);
    world.fleet.faults.push(fault(false));
    await world.pass(passIntervalMs);
    expect(codeOf(second)).toBe("fleet_unreachable");
    expect(world.fleet.count("cancelPlacement")).toBe(1);
  });

  it("[LB8] is not blamed for a fault of the lobby's own", async () => {
    world.fleet.faults.push(new TypeError("bug"));
    const asked = world.join();
    await world.pass(0);
    expect(codeOf(asked)).toBe("internal");
  });

  it("[LB8] is looked at five times a second by all who wait, then once", async () => {
    world.joinMany(20);
    await world.pass(1_000);
    // The first pass searches and places; each later one looks at the placement and searches for the other sixteen.
    expect(world.fleet.count("placement")).toBe(5);
    expect(world.fleet.count("openGameSessions")).toBe(6);
    await world.pass(LOBBY_LIMITS.slowAfterMs);
    const before = world.fleet.count("placement");
    await world.pass(3_000);
    expect(world.fleet.count("placement") - before).toBe(3);
  });
});
