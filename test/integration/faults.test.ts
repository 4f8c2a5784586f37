import { type Client, Room } from "@colyseus/core";
import { schema, t } from "@colyseus/schema";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RoomClass } from "../../server/host/hosted-room.ts";
import { ProcessGuard } from "../../server/process-guard.ts";
import { type InProcessServer, startInProcess, until } from "../support/in-process-server.ts";
import { joinAs, type Player } from "../support/players.ts";
import { ScriptedFleet } from "../support/scripted-fleet.ts";

const State = schema({ count: t.number().default(0) }, "FaultyState");
const FAULT = new Error("the game broke");

let fleet: ScriptedFleet;
let server: InProcessServer;
/** vitest's own handlers, which would call a stray throw a failed test. */
let strayHandlers: [string, ((...args: never[]) => void)[]][] = [];

beforeEach(() => {
  strayHandlers = ["uncaughtException", "unhandledRejection"].map((event) => [
    event,
    process.listeners(event as "uncaughtException") as never,
  ]);
  for (const [event] of strayHandlers) process.removeAllListeners(event);
});

afterEach(async () => {
  await server.close();
  for (const [event, handlers] of strayHandlers) {
    process.removeAllListeners(event);
    for (const handler of handlers) process.on(event, handler as never);
  }
});

class FaultyRoom extends Room<{ state: InstanceType<typeof State> }> {
  override state = new State();
  override onCreate(): void {
    this.onMessage("throw", () => {
      throw FAULT;
    });
    this.onMessage("timer", () => {
      setTimeout(() => {
        throw FAULT;
      }, 0);
    });
    this.onMessage("clock", () => {
      this.clock.setTimeout(() => {
        throw FAULT;
      }, 0);
    });
    this.onMessage("promise", () => {
      void Promise.reject(FAULT);
    });
    this.onMessage("async", async () => {
      await null;
      throw FAULT;
    });
    this.onMessage("microtask", () => {
      queueMicrotask(() => {
        throw FAULT;
      });
    });
    this.onMessage("state", () => {
      Object.defineProperty(this.state, "count", {
        get: () => {
          throw FAULT;
        },
      });
      (this as unknown as { onBeforePatch: () => void }).onBeforePatch = () => {
        throw FAULT;
      };
    });
    this.onMessage("tick", () => {
      this.setTimestep(() => {
        throw FAULT;
      }, 10);
    });
  }
  override onJoin(client: Client, options: { fail?: boolean }): void {
    if (options.fail) throw FAULT;
    client.send("hello");
  }
  override onLeave(_client: Client, code?: number): void {
    if (code === 4000) throw FAULT;
  }
}

class FaultyDispose extends FaultyRoom {
  override onDispose(): void {
    throw FAULT;
  }
}

async function host(roomClass: unknown = FaultyRoom): Promise<void> {
  fleet = new ScriptedFleet(4);
  server = await startInProcess({
    fleet,
    name: "faulty",
    game: { kind: "room", roomClass: roomClass as RoomClass, options: {} },
  });
  await server.place();
  new ProcessGuard().guardStrays(server.life, server.telemetry);
}

async function joinQuietly(number: number): Promise<Player> {
  const player = await joinAs(server, `psess-${number}`);
  player.room.onMessage("hello", () => {});
  return player;
}

describe("a throw in a room", () => {
  it("[FT1] while one client's bytes are read closes that client alone", async () => {
    await host();
    const guilty = await joinQuietly(1);
    const bystander = await joinQuietly(2);
    guilty.room.send("throw");
    await until(() => guilty.closes.length + guilty.drops.length === 1);
    expect(guilty.closes).toEqual([4414]);
    expect(server.telemetry.of("clientFault")).toMatchObject([{ playerId: "player-1" }]);
    expect(bystander.closes).toEqual([]);
    expect(server.life.phase).toBe("active");
    expect(server.results).toEqual([]);
  });

  it.each([["timer"], ["clock"], ["promise"], ["async"], ["microtask"], ["state"], ["tick"]])(
    "[FT2] in a %s ends the match as aborted, once",
    async (where) => {
      await host();
      const players = [await joinQuietly(1), await joinQuietly(2)];
      players[0]?.room.send(where);
      await until(() => fleet.calls.includes("ending"));
      expect(server.results).toMatchObject([{ outcome: "aborted" }]);
      expect(server.results[0]?.players).toHaveLength(2);
      expect([...fleet.removes].sort()).toEqual(["psess-1", "psess-2"]);
      await until(() => players.every(({ closes }) => closes.length === 1));
      expect(players.map(({ closes }) => closes)).toEqual([[4412], [4412]]);
      expect(fleet.calls.filter((call) => call === "ended gsess-1")).toHaveLength(1);
    },
  );

  it.each([["timer"], ["promise"], ["async"], ["microtask"]])(
    "[FT5] in a %s that a message set off is reported with the seat it came from",
    async (where) => {
      await host();
      await joinQuietly(1);
      const guilty = await joinQuietly(2);
      guilty.room.send(where);
      await until(() => fleet.calls.includes("ending"));
      expect(server.results).toMatchObject([{ outcome: "aborted", faultSeat: 1 }]);
      expect(server.telemetry.of("roomFault")[0]).toMatchObject({ seat: 1 });
    },
  );

  it("[FT5] that no message set off names nobody", async () => {
    await host();
    await joinQuietly(1);
    const leaver = await joinQuietly(2);
    leaver.room.send("clock");
    await until(() => fleet.calls.includes("ending"));
    expect(server.results).toMatchObject([{ outcome: "aborted" }]);
    expect(server.results[0]).not.toHaveProperty("faultSeat");
  });

  it("[FT6] over one client's message ends the match where the game wants it so", async () => {
    await host(
      class extends FaultyRoom {
        static messageFault = "abort_match";
      },
    );
    const bystander = await joinQuietly(1);
    const guilty = await joinQuietly(2);
    guilty.room.send("throw");
    await until(() => fleet.calls.includes("ending"));
    expect(server.results).toMatchObject([{ outcome: "aborted", faultSeat: 1 }]);
    await until(() => bystander.closes.length === 1);
    expect([guilty.closes, bystander.closes]).toEqual([[4414], [4412]]);
  });

  it("[FT2] in onJoin ends the match as aborted", async () => {
    await host();
    await joinQuietly(1);
    await joinAs(server, "psess-2", { more: { fail: true } }).catch(() => {});
    await until(() => fleet.calls.includes("ending"));
    expect(server.results).toMatchObject([{ outcome: "aborted" }]);
    expect([...fleet.removes].sort()).toEqual(["psess-1", "psess-2"]);
  });

  it("[FT2] in onLeave ends the match as aborted", async () => {
    await host();
    await joinQuietly(1);
    const leaver = await joinQuietly(2);
    await leaver.room.leave();
    await until(() => fleet.calls.includes("ending"));
    expect(server.results).toMatchObject([{ outcome: "aborted" }]);
    expect([...fleet.removes].sort()).toEqual(["psess-1", "psess-2"]);
  });

  it("[FT3] in onDispose is told and ends nothing twice", async () => {
    await host(FaultyDispose);
    const player = await joinQuietly(1);
    player.room.send("timer");
    await until(() => fleet.calls.includes("ending"));
    expect(server.telemetry.of("roomFault").map(({ where }) => where)).toContain("onDispose");
    expect(server.results).toHaveLength(1);
  });

  it("[FT4] in onCreate ends the game session without a result, for nobody played", async () => {
    await host(
      class extends FaultyRoom {
        override onCreate(): void {
          throw FAULT;
        }
      },
    );
    await until(() => fleet.calls.includes("ending"));
    expect(server.results).toEqual([]);
    expect(fleet.calls).toEqual(["ready port", "ended gsess-1", "ending"]);
  });
});
