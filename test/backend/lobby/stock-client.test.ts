import { createHash } from "node:crypto";
import { Client, type Room } from "@colyseus/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../../backend/lobby/clock.ts";
import { JoinRates } from "../../../backend/lobby/join-rates.ts";
import { Lobby } from "../../../backend/lobby/lobby.ts";
import { PlayerTokens } from "../../../backend/lobby/player-tokens.ts";
import { WebServer } from "../../../backend/lobby/web-server.ts";
import { arena } from "../../../rooms/arena/simulation.ts";
import { CuttableProxy } from "../../support/cuttable-proxy.ts";
import { type InProcessServer, startInProcess, until } from "../../support/in-process-server.ts";
import { playerSession, ScriptedFleet } from "../../support/scripted-fleet.ts";
import { ScriptedFleetApi } from "./scripted-fleet-api.ts";

/** The stock SDK, the lobby and the server are real; the fleet between the two is scripted on both sides. */
describe("a stock Colyseus client at the lobby", () => {
  const serverFleet = new ScriptedFleet(0);
  const fleet = new ScriptedFleetApi();
  let server: InProcessServer;
  let proxy: CuttableProxy;
  let web: WebServer;
  let url: string;
  let gameSessionId: string;

  beforeAll(async () => {
    server = await startInProcess({
      fleet: serverFleet,
      name: "arena",
      game: { kind: "simulation", simulation: arena },
    });
    await server.place();
    proxy = new CuttableProxy(server.port);
    await proxy.open();
    gameSessionId = fleet.open("arena", 8);
    const lobby = new Lobby({
      games: [
        { name: "arena", playersMax: 8 },
        { name: "duel", playersMax: 2 },
      ],
      fleet: Object.assign(fleet, {
        /** What the lobby reserves the server knows of. */
        async reserve(id: string, players: Parameters<ScriptedFleetApi["reserve"]>[1]) {
          const seats = await ScriptedFleetApi.prototype.reserve.call(fleet, id, players);
          return seats?.map((seat, at) => {
            const { playerSessionId, playerId } = seat;
            const playerData = players[at]?.playerData ?? "";
            const number = fleet.playerSessions.length;
            serverFleet.add(playerSession(number, { playerSessionId, playerId, playerData }));
            return { ...seat, address: { ...seat.address, port: proxy.port } };
          });
        },
      }),
      clock: systemClock,
      log: () => {},
      tokens: new PlayerTokens(undefined),
      waitMs: 300,
      newPlacementId: () => "placement-1",
    });
    web = new WebServer({
      lobby,
      rates: new JoinRates(systemClock, 1000),
      log: () => {},
      origins: new Set(),
      hostNames: new Set(["127.0.0.1"]),
      proxies: 0,
      isGameTls: false,
    });
    url = `http://127.0.0.1:${await web.listen(0, "127.0.0.1")}`;
  });
  afterAll(async () => {
    await web.close();
    await proxy.close();
    await server.close();
  });

  /** The SDK warns of messages that nobody listens for. */
  function quiet(room: Room): Room {
    for (const type of ["welcome", "draining"]) room.onMessage(type, () => {});
    return room;
  }

  async function refusal(joining: Promise<unknown>): Promise<{ code: number; message: string }> {
    try {
      await joining;
    } catch (error) {
      return error as { code: number; message: string };
    }
    throw new Error("the join was not refused");
  }

  it.each(["joinOrCreate", "join"] as const)("[LB13] lands in the match by %s", async (method) => {
    const room = quiet(await new Client(url)[method]("arena", { name: "Ada" }));
    const { playerSessionId = "" } = fleet.playerSessions.at(-1) ?? {};
    expect(serverFleet.accepts.at(-1)).toBe(playerSessionId);
    expect(room.name).toBe("arena");
    const hash = createHash("sha256").update(playerSessionId).digest("base64url");
    expect(room.sessionId).toBe(hash.slice(0, 22));
    await until(() => [...(room.state.ships?.values() ?? [])].some(({ name }) => name === "Ada"));
    await room.leave();
    await until(() => serverFleet.removes.includes(playerSessionId));
  });

  it("[LB13] comes back by itself after its connection was cut", async () => {
    const room = quiet(await new Client(url).joinOrCreate("arena"));
    room.reconnection.minUptime = 0;
    const back = new Promise<void>((resolve) => room.onReconnect(() => resolve()));
    proxy.cut();
    await back;
    const accepts = serverFleet.accepts.length;
    await room.leave();
    expect(serverFleet.accepts).toHaveLength(accepts);
  });

  it("[LB13] is told in Colyseus's form what the lobby does not do", async () => {
    const client = new Client(url);
    for (const joining of [
      client.create("arena"),
      client.joinById("match", { playerSessionId: "psess-1" }),
      client.reconnect("match:some-token"),
    ]) {
      const { code, message } = await refusal(joining);
      expect(code).toBe(520);
      expect(message).toMatch(/^The lobby only knows "joinOrCreate" and "join"/);
    }
  });

  it("[LB13] is told in Colyseus's form why there is no seat", async () => {
    const client = new Client(url);
    expect((await refusal(client.joinOrCreate("chess"))).code).toBe(520);
    expect((await refusal(client.join("duel"))).code).toBe(521);
    const busy = await refusal(client.joinOrCreate("duel"));
    expect(busy).toMatchObject({ code: 503, message: expect.stringMatching(/^All servers are/) });
    expect(fleet.playersOf(gameSessionId).length).toBeLessThan(8);
  });
});
