import { createHash } from "node:crypto";
import { Client } from "@colyseus/sdk";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HTTP_STATUS_OF_REFUSAL } from "../../protocol/close-codes.ts";
import { arena } from "../../rooms/arena/simulation.ts";
import { CuttableProxy } from "../support/cuttable-proxy.ts";
import { type InProcessServer, startInProcess, until } from "../support/in-process-server.ts";
import { joinAs, reconnectAs, refusedWith } from "../support/players.ts";
import { playerSession, ScriptedFleet } from "../support/scripted-fleet.ts";

const REFUSED = HTTP_STATUS_OF_REFUSAL[4401];

let fleet: ScriptedFleet;
let server: InProcessServer;
let proxy: CuttableProxy;

beforeEach(async () => {
  fleet = new ScriptedFleet(8);
  server = await startInProcess({
    fleet,
    name: "arena",
    game: { kind: "simulation", simulation: arena },
  });
  await server.place();
  proxy = new CuttableProxy(server.port);
  await proxy.open();
});
afterEach(async () => {
  await proxy.close();
  await server.close();
});

describe("the unmodified SDK", () => {
  it("[AD1] joins with a player session id and sees the state", async () => {
    const player = await joinAs(server, "psess-1");
    await until(() => player.states > 3 && player.welcomes.length === 1);
    expect(player.welcomes[0]).toMatchObject({ game: "arena", seat: 0, tickRateHz: 30 });
    expect(fleet.accepts).toEqual(["psess-1"]);
    await player.room.leave();
    await until(() => fleet.removes.length === 1);
    expect(fleet.removes).toEqual(["psess-1"]);
  });

  it.each([
    ["joinById", "match"],
    ["joinById", "arena"],
    ["join", "arena"],
    ["joinOrCreate", "arena"],
    ["joinOrCreate", "match"],
  ] as const)("[AD2] joins by %s(%s)", async (method, room) => {
    const player = await joinAs(server, "psess-2", { method, room });
    await until(() => player.states > 0);
  });

  it.each([
    ["none", undefined],
    ["an unknown one", "psess-999"],
    ["a malformed one", "psess 1"],
    ["a number", 1],
    ["an object", { id: "psess-1" }],
    ["one of another game session", "psess-foreign"],
    ["an expired one", "psess-expired"],
    ["a used one", "psess-completed"],
  ])("[AD3] refuses %s with the one answer", async (_what, id) => {
    fleet.add(playerSession(91, { playerSessionId: "psess-foreign", gameSessionId: "gsess-2" }));
    fleet.add(playerSession(92, { playerSessionId: "psess-expired", status: "TIMEDOUT" }));
    fleet.add(playerSession(93, { playerSessionId: "psess-completed", status: "COMPLETED" }));
    expect(await refusedWith(joinAs(server, id))).toBe(REFUSED);
    expect(fleet.accepts).toEqual([]);
  });

  it("[AD4] admits one of two joins with one id at the same moment", async () => {
    const joins = await Promise.allSettled(
      Array.from({ length: 6 }, () => joinAs(server, "psess-1")),
    );
    expect(joins.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(fleet.accepts).toEqual(["psess-1"]);
  });

  it("[AD5] refuses an id again after its player has left", async () => {
    const player = await joinAs(server, "psess-1");
    await player.room.leave();
    await until(() => fleet.removes.length === 1);
    expect(await refusedWith(joinAs(server, "psess-1"))).toBe(REFUSED);
  });

  it("[AD6] takes identity from the fleet's record, not from the client", async () => {
    const player = await joinAs(server, "psess-3", { more: { playerId: "admin", name: "admin" } });
    await until(() => player.states > 0);
    expect(player.room.state.ships.get("0").name).toBe("player-3");
  });
});

describe("coming back", () => {
  it("[AD7] takes a seat that a lobby handed out, without asking for one", async () => {
    const lobby = (id: string, of = id) => {
      const client = new Client(server.url);
      client.http.authToken = id;
      const sessionId = createHash("sha256").update(of).digest("base64url").slice(0, 22);
      const seat = { name: "arena", sessionId, roomId: "match", processId: "any" };
      return client.consumeSeatReservation(seat as never);
    };
    const room = await lobby("psess-1");
    expect(fleet.accepts).toEqual(["psess-1"]);
    await expect(lobby("psess-1")).rejects.toThrow();
    await expect(lobby("psess-unknown")).rejects.toThrow();
    await expect(lobby("psess-2", "psess-3")).rejects.toThrow();
    expect(fleet.accepts).toEqual(["psess-1"]);
    await room.leave();
    await until(() => fleet.removes.includes("psess-1"));
  });

  it("[AD7] takes it as well where the lobby told the client the player session id as process id", async () => {
    const client = new Client(server.url);
    const seatOf = (id: string, processId: string) => ({
      name: "arena",
      sessionId: createHash("sha256").update(id).digest("base64url").slice(0, 22),
      roomId: "match",
      processId,
    });
    const consume = (id: string, processId: string) =>
      client.consumeSeatReservation(seatOf(id, processId) as never);
    // A login's token is no player session id.
    client.http.authToken = "login.of-another.service";
    await expect(consume("psess-2", "psess-3")).rejects.toThrow();
    expect(fleet.accepts).toEqual([]);
    const room = await consume("psess-2", "psess-2");
    expect(fleet.accepts).toEqual(["psess-2"]);
    expect(room.sessionId).toBe(seatOf("psess-2", "").sessionId);
    await room.leave();
  });

  it("[SE1] keeps the seat of a dropped player and rotates his token", async () => {
    const player = await joinAs(proxy, "psess-1");
    await until(() => player.states > 0);
    const token = player.room.reconnectionToken;
    proxy.cut();
    await until(() => server.telemetry.of("playerDropped").length === 1);
    const back = await reconnectAs(server, token);
    await until(() => back.welcomes.length === 1 && back.states > 0);
    expect(back.welcomes[0]?.seat).toBe(0);
    expect(back.room.reconnectionToken).not.toBe(token);
    expect(await refusedWith(reconnectAs(server, token))).toBe(REFUSED);
    expect(fleet.accepts).toEqual(["psess-1"]);
    expect(fleet.removes).toEqual([]);
  });

  it("[SE2] lets the token's holder replace a connection that still looks open", async () => {
    const player = await joinAs(server, "psess-1");
    await until(() => player.states > 0);
    const back = await reconnectAs(server, player.room.reconnectionToken);
    await until(() => back.welcomes.length === 1);
    expect(server.life.seatsHeld).toBe(1);
    expect(fleet.removes).toEqual([]);
  });

  it("[SE3] refuses a made-up token", async () => {
    await joinAs(server, "psess-1");
    expect(await refusedWith(reconnectAs(server, "match:AAAAAAAAAAAAAAAAAAAAAA"))).toBe(REFUSED);
  });

  it("[SE4] gives the seat to a second, freshly reserved player session of the same player", async () => {
    fleet.add(playerSession(50, { playerId: "player-1" }));
    const old = await joinAs(server, "psess-1");
    await until(() => old.states > 0);
    const fresh = await joinAs(server, "psess-50");
    await until(() => fresh.welcomes.length === 1 && old.closes.length === 1);
    expect(old.closes).toEqual([4410]);
    expect(fresh.welcomes[0]?.seat).toBe(0);
    await until(() => fleet.removes.length === 1);
    expect(fleet.removes).toEqual(["psess-1"]);
    expect(server.life.seatsHeld).toBe(1);
    await until(() => fresh.states > 2);
    expect([...fresh.room.state.ships.keys()]).toEqual(["0"]);
  });

  it("[SE5] takes over the seat of a player who is away, too", async () => {
    fleet.add(playerSession(51, { playerId: "player-1" }));
    const old = await joinAs(proxy, "psess-1");
    await until(() => old.states > 0);
    const token = old.room.reconnectionToken;
    proxy.cut();
    await until(() => server.telemetry.of("playerDropped").length === 1);
    const fresh = await joinAs(server, "psess-51");
    await until(() => fresh.states > 0 && fleet.removes.length === 1);
    expect(fleet.removes).toEqual(["psess-1"]);
    expect(await refusedWith(reconnectAs(server, token))).toBe(REFUSED);
  });
});
