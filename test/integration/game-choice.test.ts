import { Client } from "@colyseus/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { arena } from "../../rooms/arena/simulation.ts";
import { duel } from "../../rooms/duel/simulation.ts";
import { type InProcessServer, startInProcess, until } from "../support/in-process-server.ts";
import { GAME_SESSION, ScriptedFleet } from "../support/scripted-fleet.ts";

/** One process, one game session after another. */
describe("a process with two games", () => {
  const fleet = new ScriptedFleet(4);
  let server: InProcessServer;

  beforeAll(async () => {
    server = await startInProcess({
      fleet,
      name: "arena",
      game: { kind: "simulation", simulation: arena },
      others: { duel: { kind: "simulation", simulation: duel } },
    });
  });
  afterAll(() => server.close());

  const status = async (path: string): Promise<number> =>
    (await fetch(`${server.url}${path}`, { method: "POST", body: "{}" })).status;

  it("[TP3] has no game to be asked for before a game session names one", async () => {
    expect(await status("/matchmake/join/arena")).toBe(503);
    expect(await status("/matchmake/join/duel")).toBe(503);
  });

  it("[RM23] fails a game session of a game that is not there, and says which there are", async () => {
    fleet.callbacks?.onGameSession({
      ...GAME_SESSION,
      gameSessionId: "gsess-chess",
      gameProperties: { room: "chess" },
    });
    await until(() => server.telemetry.of("gameSessionFailed").length === 1);
    expect(server.telemetry.of("gameSessionFailed")).toMatchObject([
      { gameSessionId: "gsess-chess", reason: "room_failed" },
    ]);
    expect(server.telemetry.of("roomFault")).toMatchObject([
      { where: "open", cause: { code: "ROOM_UNKNOWN" } },
    ]);
    await until(() => server.life.phase === "idle");
  });

  it("[RM23] hosts the game that the game session names, also under that name for stock clients", async () => {
    await server.place({ gameProperties: { room: "duel" } });
    expect(server.telemetry.of("gameSessionStarted").at(-1)).toMatchObject({ room: "duel" });
    expect(await status("/matchmake/join/arena")).toBe(404);
    const room = await new Client(server.url).join("duel", { playerSessionId: "psess-1" });
    expect(room.name).toBe("duel");
    room.onMessage("welcome", () => {});
    await until(() => room.state.players?.size === 1);
    expect(room.state.ships).toBeUndefined();
    await room.leave();
  });
});
