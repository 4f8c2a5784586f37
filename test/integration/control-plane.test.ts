import { afterEach, describe, expect, it } from "vitest";
import { HTTP_STATUS_OF_REFUSAL } from "../../protocol/close-codes.ts";
import { arena } from "../../rooms/arena/simulation.ts";
import { CuttableProxy } from "../support/cuttable-proxy.ts";
import { type InProcessServer, startInProcess, until } from "../support/in-process-server.ts";
import { joinAs, reconnectAs, refusedWith } from "../support/players.ts";
import { ScriptedFleet } from "../support/scripted-fleet.ts";

const down = () => Promise.reject(new Error("down"));
const unavailable = async () => ({ outcome: "unavailable", cause: new Error("down") }) as const;

let server: InProcessServer;
let proxy: CuttableProxy;

afterEach(async () => {
  await proxy.close();
  await server.close();
});

/** A match of two players, the first behind a line that can be cut, whose fleet is out of reach. */
async function cutOff() {
  const fleet = new ScriptedFleet(4);
  server = await startInProcess({
    fleet,
    name: "arena",
    game: { kind: "simulation", simulation: arena },
  });
  proxy = new CuttableProxy(server.port);
  await proxy.open();
  await server.place();
  const first = await joinAs(proxy, "psess-1");
  const second = await joinAs(server, "psess-2");
  await until(() => first.states > 0 && second.states > 0);
  fleet.callbacks?.onReachable(false);
  fleet.answerDescribe = down;
  fleet.answerAccept = unavailable;
  fleet.answerRemove = unavailable;
  return { fleet, first, second };
}

describe("a fleet out of reach", () => {
  it("[SE27] does not keep a dropped player from coming back, nor the others from playing", async () => {
    const { fleet, first, second } = await cutOff();
    proxy.cut();
    await until(() => server.telemetry.of("playerDropped").length === 1);
    const back = await reconnectAs(proxy, first.room.reconnectionToken);
    await until(() => back.states > 0);
    expect(await refusedWith(joinAs(server, "psess-3"))).toBe(HTTP_STATUS_OF_REFUSAL[4403]);
    const { states } = second;
    await until(() => second.states > states + 5);
    expect([second.drops, server.life.seatsHeld, fleet.removes]).toEqual([[], 2, []]);
  });

  it("[GS46] hears once who left meanwhile, and lets players in again", async () => {
    const { fleet, second } = await cutOff();
    await second.room.leave();
    await until(() => fleet.removes.length > 0);
    fleet.removes.length = 0;
    fleet.answerDescribe = undefined;
    fleet.answerAccept = undefined;
    fleet.answerRemove = undefined;
    fleet.callbacks?.onReachable(true);
    const third = await joinAs(server, "psess-3");
    await until(() => third.states > 0);
    expect([fleet.removes, server.life.seatsHeld]).toEqual([["psess-2"], 2]);
  });
});
