import { type Client, Room, ServerError } from "@colyseus/core";
import { schema, t } from "@colyseus/schema";
import { afterEach, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import { HTTP_STATUS_OF_REFUSAL } from "../../protocol/close-codes.ts";
import type { GameSession } from "../../server/fleet/fleet.ts";
import type { RoomClass } from "../../server/host/hosted-room.ts";
import { CuttableProxy } from "../support/cuttable-proxy.ts";
import { type InProcessServer, startInProcess, until } from "../support/in-process-server.ts";
import { joinAs, reconnectAs, refusedWith } from "../support/players.ts";
import { playerSession, ScriptedFleet } from "../support/scripted-fleet.ts";

const State = schema({ count: t.number().default(0) }, "HostedState");

let fleet: ScriptedFleet;
let server: InProcessServer;
let proxy: CuttableProxy;

async function host(
  roomClass: unknown,
  options: { session?: Partial<GameSession>; defaults?: object } = {},
): Promise<void> {
  fleet = new ScriptedFleet(6);
  server = await startInProcess({
    fleet,
    name: "mine",
    game: { kind: "room", roomClass: roomClass as RoomClass, options: options.defaults ?? {} },
  });
  await server.place(options.session);
  proxy = new CuttableProxy(server.port);
  await proxy.open();
}

afterEach(async () => {
  await proxy.close();
  await server.close();
});

/** The least that a stock room does. */
class PlainRoom extends Room<{ state: InstanceType<typeof State> }> {
  override state = new State();
}

describe("what a hosted room sees", () => {
  it("[RM1] finds the fleet's record in client.auth", async () => {
    const seen: unknown[] = [];
    await host(
      class extends PlainRoom {
        override onJoin(client: Client) {
          seen.push(client.auth);
        }
      },
      {
        session: {
          matchmakerData: JSON.stringify({
            teams: [
              {
                name: "red",
                players: [
                  {
                    playerId: "player-7",
                    attributes: { skill: { attributeType: "DOUBLE", valueAttribute: 23 } },
                  },
                ],
              },
            ],
          }),
        },
      },
    );
    fleet.add(playerSession(7, { playerData: "level 9" }));
    await joinAs(server, "psess-7");
    expect(seen).toEqual([
      {
        playerId: "player-7",
        playerData: "level 9",
        team: "red",
        attributes: { skill: { type: "number", value: 23 } },
        seat: 0,
      },
    ]);
  });

  it("[RM2] gets game properties, session data and matchmaker data in onCreate, over its own defaults", async () => {
    const seen: unknown[] = [];
    await host(
      class extends PlainRoom {
        override onCreate(options: unknown) {
          seen.push(options);
        }
      },
      {
        session: { gameProperties: { map: "dust" }, gameSessionData: "hello", matchmakerData: "" },
        defaults: { rounds: 3 },
      },
    );
    expect(seen[0]).toMatchObject({
      gameProperties: { map: "dust" },
      gameSessionData: "hello",
      matchmakerData: "",
      rounds: 3,
    });
  });

  it("[RM3] has its static onAuth replaced by the session check", async () => {
    let asked = 0;
    await host(
      class extends PlainRoom {
        static override async onAuth() {
          asked++;
          throw new Error("never asked");
        }
      },
    );
    await joinAs(server, "psess-1");
    expect(asked).toBe(0);
    expect(await refusedWith(joinAs(server, "psess-99"))).toBe(HTTP_STATUS_OF_REFUSAL[4401]);
  });

  it("[RM4] runs an instance onAuth after the check; it can add to the identity, not change it", async () => {
    const seen: unknown[] = [];
    await host(
      class extends PlainRoom {
        override async onAuth(client: Client) {
          return { rank: 3, playerId: `not ${client.auth.playerId}` };
        }
        override onJoin(client: Client) {
          seen.push(client.auth);
        }
      },
    );
    await joinAs(server, "psess-1");
    expect(seen[0]).toMatchObject({ rank: 3, playerId: "player-1" });
  });

  it("[RM4] lets an instance onAuth refuse, and gives the player session back once", async () => {
    await host(
      class extends PlainRoom {
        override onAuth() {
          throw new ServerError(4321, "not today");
        }
      },
    );
    expect(await refusedWith(joinAs(server, "psess-1"))).toBe(4321);
    await until(() => fleet.removes.length === 1);
    expect(server.life.seatsHeld).toBe(0);
    expect(server.life.phase).toBe("active");
  });

  it("[RM5] never sees the player session id in its options", async () => {
    const seen: unknown[] = [];
    await host(
      class extends PlainRoom {
        override onJoin(_client: Client, options: unknown) {
          seen.push(options);
        }
      },
    );
    await joinAs(server, "psess-1", { more: { skin: "blue" } });
    expect(seen).toEqual([{ skin: "blue" }]);
  });

  it("[RM6] counts the smaller of maxClients and the session's maximum", async () => {
    await host(
      class extends PlainRoom {
        override maxClients = 2;
      },
    );
    await joinAs(server, "psess-1");
    await joinAs(server, "psess-2");
    expect(await refusedWith(joinAs(server, "psess-3"))).toBe(HTTP_STATUS_OF_REFUSAL[4402]);
    expect(fleet.calls).not.toContain("close gsess-1");
  });

  it("[RM7] closes and opens the session to new players with lock() and unlock()", async () => {
    let made: Room | undefined;
    await host(
      class extends PlainRoom {
        override onCreate() {
          made = this;
        }
      },
    );
    await made?.lock();
    await until(() => fleet.calls.includes("close gsess-1"));
    expect(await refusedWith(joinAs(server, "psess-1"))).toBe(HTTP_STATUS_OF_REFUSAL[4404]);
    await made?.unlock();
    await until(() => fleet.calls.includes("open gsess-1"));
    await joinAs(server, "psess-1");
  });

  it("[RM8] ends the game session with disconnect()", async () => {
    await host(
      class extends PlainRoom {
        override onCreate() {
          this.onMessage("end", () => void this.disconnect());
        }
      },
    );
    const player = await joinAs(server, "psess-1");
    player.room.send("end");
    await until(() => fleet.calls.includes("ending"));
    expect(fleet.removes).toEqual(["psess-1"]);
    expect(server.results).toMatchObject([
      { outcome: "completed", players: [{ playerId: "player-1" }] },
    ]);
  });

  it("[RM8] ends the game session when it disposes itself after its last player", async () => {
    await host(PlainRoom);
    const player = await joinAs(server, "psess-1");
    await player.room.leave();
    await until(() => fleet.calls.includes("ending"));
    expect(fleet.calls).toEqual([
      "ready port",
      "activate gsess-1",
      "close gsess-1",
      "ended gsess-1",
      "ending",
    ]);
    expect(fleet.removes).toEqual(["psess-1"]);
  });

  it("[RM9] is not disposed before its first player came", async () => {
    let made: Room | undefined;
    await host(
      class extends PlainRoom {
        // Colyseus disposes an unjoined room after this time.
        override seatReservationTimeout = 0.05;
        override onCreate() {
          made = this;
        }
      },
    );
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(server.life.phase).toBe("active");
    expect(made?.autoDispose).toBe(false);
    await joinAs(server, "psess-1");
    expect(made?.autoDispose).toBe(true);
  });

  it("[RM10] decides itself who may come back; the player session is removed when the seat is gone", async () => {
    await host(
      class extends PlainRoom {
        override async onLeave(client: Client) {
          try {
            await this.allowReconnection(client, 0.3);
          } catch {
            this.state.count++;
          }
        }
      },
    );
    const player = await joinAs(proxy, "psess-1");
    await until(() => player.states > 0);
    proxy.cut();
    await until(() => server.telemetry.of("playerDropped").length === 1);
    const back = await reconnectAs(proxy, player.room.reconnectionToken);
    await until(() => back.states > 0);
    expect(fleet.removes).toEqual([]);
    proxy.cut();
    await until(() => fleet.removes.length === 1);
    expect(fleet.removes).toEqual(["psess-1"]);
  });

  it("[RM14] is not ended by a client that leaves before it has acknowledged its join", async () => {
    await host(
      class extends PlainRoom {
        override onDrop(client: Client) {
          // As Colyseus's own example has it: neither awaited nor caught. Nobody comes in that time.
          this.allowReconnection(client, 0.05);
        }
      },
    );
    await joinAs(server, "psess-1");
    const stray = vi.fn();
    process.on("unhandledRejection", stray);
    const reply = await fetch(`${server.url}/matchmake/joinById/match`, {
      method: "POST",
      body: '{"playerSessionId":"psess-2"}',
    });
    const { sessionId } = (await reply.json()) as { sessionId: string };
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/any/match?sessionId=${sessionId}`);
    await new Promise((resolve) => socket.once("message", resolve));
    socket.terminate();
    await until(() => fleet.removes.length === 1);
    process.off("unhandledRejection", stray);
    expect(stray).not.toHaveBeenCalled();
    expect(server.telemetry.of("roomFault")).toEqual([]);
    expect(server.life.phase).toBe("active");
  });

  it("[RM15] cannot keep a seat waiting that the same player took over", async () => {
    await host(
      class extends PlainRoom {
        override maxClients = 1;
        override async onLeave(client: Client) {
          await this.allowReconnection(client, 15);
        }
      },
    );
    fleet.add(playerSession(40, { playerId: "player-1" }));
    const old = await joinAs(server, "psess-1");
    await until(() => old.states > 0);
    const token = old.room.reconnectionToken;
    const fresh = await joinAs(server, "psess-40");
    await until(() => fresh.states > 0 && old.closes.length === 1);
    expect(old.closes).toEqual([4410]);
    expect(await refusedWith(reconnectAs(server, token))).toBe(HTTP_STATUS_OF_REFUSAL[4401]);
    expect(server.telemetry.of("roomFault")).toEqual([]);
    expect(fleet.removes).toEqual(["psess-1"]);
  });

  it("[RM11] handles its own exceptions with onUncaughtException", async () => {
    const caught: string[] = [];
    await host(
      class extends PlainRoom {
        override onUncaughtException(error: Error, method: string) {
          caught.push(`${method}: ${error.message}`);
        }
        override onCreate() {
          this.onMessage("fail", () => {
            throw new Error("mine to handle");
          });
          this.clock.setTimeout(() => {
            throw new Error("late");
          }, 10);
        }
      },
    );
    const player = await joinAs(server, "psess-1");
    player.room.send("fail");
    await until(() => caught.length === 2);
    expect(server.life.phase).toBe("active");
    expect(player.closes).toEqual([]);
  });

  it("[RM12] keeps its own patch rate and timers", async () => {
    let ticks = 0;
    await host(
      class extends PlainRoom {
        override patchRate = 20;
        override onCreate() {
          this.setTimestep(() => {
            ticks++;
            this.state.count++;
          }, 20);
        }
      },
    );
    const player = await joinAs(server, "psess-1");
    await until(() => player.states > 5 && ticks > 5);
    expect(player.room.state.count).toBeGreaterThan(0);
  });

  it("[RM13] has the room id match", async () => {
    let made: Room | undefined;
    await host(
      class extends PlainRoom {
        override onCreate() {
          made = this;
        }
      },
    );
    const player = await joinAs(server, "psess-1");
    expect([made?.roomId, player.room.roomId]).toEqual(["match", "match"]);
  });
});
