import { Client } from "@colyseus/sdk";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { arena } from "../../rooms/arena/simulation.ts";
import {
  command,
  frame,
  join,
  leave,
  ping,
  preamble,
  reconnect,
  type Transport,
  // biome-ignore lint/correctness/useImportExtensions: plain ESM, its types lie beside it
} from "../support/adapter.mjs";
import { BareClient } from "../support/bare-client.ts";
import { type InProcessServer, startInProcess, until } from "../support/in-process-server.ts";
import { playerSession, ScriptedFleet } from "../support/scripted-fleet.ts";

const fleet = new ScriptedFleet(60);
let server: InProcessServer;
let player = 0;

beforeAll(async () => {
  server = await startInProcess({
    fleet,
    name: "arena",
    game: { kind: "simulation", simulation: arena },
    // A patch with each tick.
    replication: "schema",
  });
  await server.place({ maximumPlayerSessionCount: 32 });
});
afterAll(() => server.close());
beforeEach(() => {
  player++;
});

const enter = (transport: Transport, id = `psess-${player}`) =>
  new BareClient(server.port, transport, join(transport, id));

describe.each(["tcp", "ws"] as const)("the one-step join over %s", (transport) => {
  it("[PL1] leads from HELLO to welcome, state and patches in one connection", async () => {
    const client = enter(transport);
    await until(() => client.of("patch").length >= 3);
    const kinds = client.events.map(({ kind }) => kind).filter((kind) => kind !== "other");
    expect(kinds.slice(0, 3)).toEqual(["welcome", "state", "patch"]);
    const ticks = client.events.flatMap(({ tick }) => (tick === undefined ? [] : [tick]));
    expect(ticks).toEqual([...ticks].sort((a, b) => a - b));
    expect(fleet.accepts.filter((id) => id === `psess-${player}`)).toHaveLength(1);
    client.send(leave());
    await until(() => client.isClosed && fleet.removes.includes(`psess-${player}`));
  });

  it("[PL6] shows the room at once: after HELLO nothing is asked of a client", async () => {
    const client = enter(transport);
    await until(() => client.of("state").length === 1);
    const { hello } = join(transport, `psess-${player}`);
    const opening = preamble(transport).length + frame(transport, hello).length;
    expect(client.socket.bytesWritten).toBe(opening);
    // A client that acknowledges its join all the same is not shown the room again.
    client.send(Buffer.of(10));
    await until(() => client.of("patch").length > 2);
    expect([client.of("state").length, client.isClosed]).toEqual([1, false]);
    client.send(leave());
  });

  it("[PL1] takes commands and pings, and shares the room with a stock client", async () => {
    const client = enter(transport);
    await until(() => client.of("state").length === 1);
    player++;
    const stock = await new Client(server.url).joinById<never>("match", {
      playerSessionId: `psess-${player}`,
    });
    const ships = () => [
      ...((stock.state as { ships?: Map<string, { name: string; y: number }> }).ships?.values() ??
        []),
    ];
    const ship = () => ships().find(({ name }) => name === `player-${player - 1}`);
    await until(() => ship() !== undefined);
    const y = ship()?.y ?? 0;
    for (let seq = 1; seq <= 20; seq++) {
      client.send(command(seq, { buttons: 1, aimRadians: 0 }));
      await until(() => client.of("patch").length > seq);
    }
    await until(() => Math.abs((ship()?.y ?? 0) - y) > 0.1);
    const pongs = () => client.of("other").filter(({ payload }) => payload[0] === 18).length;
    client.send(ping());
    await until(() => pongs() === 1);
    client.send(leave());
    await stock.leave();
    await until(() => client.isClosed);
  });

  it("[PL2] refuses every id that admits nobody with the same bytes, and no state", async () => {
    const used = enter(transport);
    await until(() => used.of("state").length === 1);
    fleet.add(playerSession(90, { status: "TIMEDOUT" }));
    fleet.add(playerSession(91, { gameSessionId: "another" }));
    const ids = [`psess-${player}`, "psess-unknown", "psess-90", "psess-91", "not an id!"];
    const refused = ids.map((id) => enter(transport, id));
    for (const client of refused) {
      await until(() => client.isClosed);
      expect(client.events).toEqual([{ kind: "refused", code: 4401, payload: expect.anything() }]);
      expect(client.events[0]?.payload).toEqual(refused[0]?.events[0]?.payload);
    }
    expect(used.isClosed).toBe(false);
    used.send(leave());
  });

  it("[PL3] brings a dropped player back with his token, over either transport", async () => {
    const first = enter(transport);
    await until(() => first.of("state").length === 1);
    first.socket.destroy();
    const other = transport === "tcp" ? "ws" : "tcp";
    const second = new BareClient(server.port, other, reconnect(other, first.token));
    await until(() => second.of("state").length === 1);
    expect(second.token).not.toBe(first.token);
    const stale = new BareClient(server.port, transport, reconnect(transport, first.token));
    await until(() => stale.isClosed);
    expect(stale.events).toMatchObject([{ kind: "refused", code: 4401 }]);
    second.send(leave());
    await until(() => fleet.removes.includes(`psess-${player}`));
    expect(fleet.accepts.filter((id) => id === `psess-${player}`)).toHaveLength(1);
  });

  it("[PL4] lets exactly one of many with the same id in, whatever they speak", async () => {
    const clients = Array.from({ length: 12 }, (_, at) => enter(at % 2 === 0 ? "tcp" : "ws"));
    await until(() => clients.filter(({ isClosed }) => isClosed).length === 11);
    const [lucky] = clients.filter(({ isClosed }) => !isClosed);
    await until(() => lucky?.of("state").length === 1);
    expect(fleet.accepts.filter((id) => id === `psess-${player}`)).toHaveLength(1);
    lucky?.send(leave());
  });

  it("[PL5] ends a client that says anything else first, or more before it is answered", async () => {
    const greeting = join(transport, `psess-${player}`);
    const odd = [
      { ...greeting, hello: ping() },
      { ...greeting, hello: greeting.hello.subarray(0, 9) },
      { ...greeting, hello: Buffer.alloc(4_096, 1) },
      { ...greeting, hello: Buffer.concat([Buffer.from([1, 9]), greeting.hello.subarray(2)]) },
    ].map((each) => new BareClient(server.port, transport, each));
    const hasty = new BareClient(server.port, transport, greeting);
    hasty.send(ping());
    for (const client of [...odd, hasty]) await until(() => client.isClosed);
    const codes = [...odd, hasty].map(({ events }) => events.map(({ code }) => code));
    expect(codes).toEqual([[4400], [4400], [4400], [4405], [4400]]);
    const client = enter(transport);
    await until(() => client.of("state").length === 1);
    client.send(leave());
  });
});
