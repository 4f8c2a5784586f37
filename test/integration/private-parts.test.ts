import { afterAll, beforeAll, expect, it } from "vitest";
import type { Simulation } from "../../rooms/simulation.ts";
import { type Hand, holdersIn, privateGame } from "../server/host/private-game.ts";
import {
  join,
  reconnect,
  type Transport,
  // biome-ignore lint/correctness/useImportExtensions: plain ESM, its types lie beside it
} from "../support/adapter.mjs";
import { BareClient } from "../support/bare-client.ts";
import { type InProcessServer, startInProcess, until } from "../support/in-process-server.ts";
import { joinAs } from "../support/players.ts";
import { playerSession, ScriptedFleet } from "../support/scripted-fleet.ts";

const fleet = new ScriptedFleet(8);
let server: InProcessServer;

beforeAll(async () => {
  server = await startInProcess({
    fleet,
    name: "private",
    game: { kind: "simulation", simulation: privateGame as unknown as Simulation },
    tickRateHz: 60,
  });
  await server.place();
});
afterAll(() => server.close());

/** A client of bytes with every byte that came to it. */
class Wiretap extends BareClient {
  readonly #chunks: Buffer[] = [];

  constructor(transport: Transport, greeting: Parameters<typeof reconnect>[1], returns = false) {
    super(server.port, transport, (returns ? reconnect : join)(transport, greeting));
    this.socket.on("data", (bytes: Buffer) => void this.#chunks.push(bytes));
  }

  get holders(): string[] {
    return holdersIn(Buffer.concat(this.#chunks));
  }
}

it("[SN9] no byte of another's private part comes over any wire, at a join, a return or a takeover", async () => {
  const patches = (client: Wiretap, count: number) =>
    until(() => client.of("patch").length >= count);
  const tcp = new Wiretap("tcp", "psess-1");
  await patches(tcp, 5);
  const ws = new Wiretap("ws", "psess-2");
  const stock = await joinAs(server, "psess-3");
  await Promise.all([patches(tcp, 20), patches(ws, 20), until(() => stock.states > 20)]);
  expect([tcp.holders, ws.holders]).toEqual([["0/1"], ["1/1"]]);

  tcp.socket.destroy();
  await until(() => server.telemetry.of("playerDropped").length === 1);
  const returned = new Wiretap("tcp", tcp.token, true);
  fleet.add(playerSession(20, { playerId: "player-2" }));
  const taken = new Wiretap("ws", "psess-20");
  await Promise.all([patches(returned, 20), patches(taken, 20), until(() => ws.isClosed)]);
  expect([returned.holders, taken.holders]).toEqual([["0/1"], ["1/1"]]);
  expect([tcp.holders, ws.holders]).toEqual([["0/1"], ["1/1"]]);

  const cards = (hand: Hand) => [hand.seat, typeof hand.card, hand.purse !== undefined];
  expect([...stock.room.state.hands.values()].map(cards).sort()).toEqual([
    [0, "undefined", false],
    [1, "undefined", false],
    [2, "string", true],
  ]);
});
