import { Room } from "@colyseus/core";
import { afterEach, expect, it } from "vitest";
// biome-ignore lint/correctness/useImportExtensions: plain ESM, its types lie beside it
import { join } from "../support/adapter.mjs";
import { BareClient } from "../support/bare-client.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { type InProcessServer, startInProcess, until } from "../support/in-process-server.ts";
import { ScriptedFleet } from "../support/scripted-fleet.ts";

class StatelessRoom extends Room {}

let server: InProcessServer;
afterEach(() => server.close());

it.each(["tcp", "ws"] as const)(
  "[PL6] a room without a state answers HELLO over %s at once, too",
  async (transport) => {
    server = await startInProcess({
      fleet: new ScriptedFleet(1),
      name: "stateless",
      game: { kind: "room", roomClass: StatelessRoom, options: {} },
      // No pulse of the heartbeat writes what was left.
      doorClock: new FakeClock(1_000),
    });
    await server.place();
    const client = new BareClient(server.port, transport, join(transport, "psess-1"));
    await until(() => client.of("welcome").length === 1);
    expect(client.of("state")).toEqual([]);
    client.socket.destroy();
  },
);
