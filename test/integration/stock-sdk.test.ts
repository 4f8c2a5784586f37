import { Client } from "@colyseus/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { arena } from "../../rooms/arena/simulation.ts";
import { type InProcessServer, startInProcess, until } from "../support/in-process-server.ts";
import { ScriptedFleet } from "../support/scripted-fleet.ts";

const fleet = new ScriptedFleet(8);
let server: InProcessServer;

beforeAll(async () => {
  server = await startInProcess({
    fleet,
    name: "arena",
    game: { kind: "simulation", simulation: arena },
  });
  await server.place();
});
afterAll(() => server.close());

describe("the unmodified SDK", () => {
  it("[AD1] joins with a player session id and sees the state", async () => {
    const room = await new Client(server.url).joinById("match", { playerSessionId: "psess-1" });
    const states: unknown[] = [];
    room.onStateChange((state) => states.push(state));
    room.onMessage("welcome", () => {});
    await until(() => states.length > 3);
    expect(fleet.accepts).toEqual(["psess-1"]);
    await room.leave();
    await until(() => fleet.removes.length === 1);
    expect(fleet.removes).toEqual(["psess-1"]);
  });
});
