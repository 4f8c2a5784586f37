import { once } from "node:events";
import { type Client, Room } from "@colyseus/core";
import { schema, t } from "@colyseus/schema";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { duel } from "../../rooms/duel/simulation.ts";
import type { HostedGame } from "../../server/host/game-choice.ts";
import {
  decoder,
  join,
  leave,
  reconnect,
  type Transport,
  // biome-ignore lint/correctness/useImportExtensions: plain ESM, its types lie beside it
} from "../support/adapter.mjs";
import { BareClient } from "../support/bare-client.ts";
import { type InProcessServer, startInProcess, until } from "../support/in-process-server.ts";
import { joinAs } from "../support/players.ts";
import { ScriptedFleet } from "../support/scripted-fleet.ts";

const State = schema({ count: t.number().default(0) }, "LostAnswersState");

let fleet: ScriptedFleet;
let server: InProcessServer;

async function host(game: HostedGame): Promise<void> {
  fleet = new ScriptedFleet(6);
  server = await startInProcess({ fleet, name: "mine", game });
  await server.place();
}

afterEach(() => server.close());

/** As a stock project has it. */
class WaitingRoom extends Room<{ state: InstanceType<typeof State> }> {
  override state = new State();
  override onJoin(client: Client) {
    client.send("hello", "once");
  }
  override async onDrop(client: Client) {
    await this.allowReconnection(client, 20);
  }
}

const games = [
  ["a Simulation", { kind: "simulation", simulation: duel }],
  ["a stock room", { kind: "room", roomClass: WaitingRoom, options: {} }],
] as const satisfies readonly (readonly [string, HostedGame])[];
const ways = games.flatMap(([what, game]) =>
  (["tcp", "ws"] as const).map((transport) => [what, transport, game] as const),
);

/** Cut the moment that JOIN_ROOM has arrived; it was never acknowledged. */
async function cutAtJoinRoom(transport: Transport, greeting: ReturnType<typeof join>) {
  const drops = () => server.telemetry.of("playerDropped").length;
  const before = drops();
  const client = new BareClient(server.port, transport, { ...greeting, answers: [] });
  await until(() => client.of("welcome").length === 1);
  client.socket.resetAndDestroy();
  await until(() => drops() > before);
  return client;
}

/** The same of a stock client, who is asked to acknowledge. @returns His token. */
async function cutStockAtJoinRoom(playerSessionId: string): Promise<string> {
  const answer = await fetch(`${server.url}/matchmake/joinById/match`, {
    method: "POST",
    body: JSON.stringify({ playerSessionId }),
  });
  const { sessionId, processId } = (await answer.json()) as Record<string, string>;
  const socket = new WebSocket(
    `ws://127.0.0.1:${server.port}/${processId}/match?sessionId=${sessionId}`,
  );
  const [message] = await once(socket, "message");
  socket.terminate();
  await until(() => server.telemetry.of("playerDropped").length === 1);
  return decoder("ws").push(message as Buffer)[0]?.token ?? "";
}

const isJoined = (client: BareClient) => client.of("state").length > 0;
const seats = () => server.life.current?.admission.seats.holders() ?? [];

describe.each(ways)(
  "a connection to %s over %s that is lost before the join is acknowledged",
  (_what, transport, game) => {
    it("[SE8] is one of a player who comes back to his seat, and the fleet is told nothing", async () => {
      await host(game);
      const other = await joinAs(server, "psess-1");
      const lost = await cutAtJoinRoom(transport, join(transport, "psess-2"));
      const [, seat] = seats();
      expect(seat).toMatchObject({ seat: 1, playerId: "player-2" });
      const back = new BareClient(server.port, transport, reconnect(transport, lost.token));
      await until(() => isJoined(back));
      expect(back.of("refused")).toEqual([]);
      expect(seats()[1]).toBe(seat);
      expect([fleet.accepts, fleet.removes]).toEqual([["psess-1", "psess-2"], []]);
      expect(server.telemetry.of("playerReconnected")).toMatchObject([{ playerId: "player-2" }]);
      expect(server.telemetry.of("joinRefused")).toEqual([]);
      back.send(leave());
      await until(() => fleet.removes.length === 1);
      await other.room.leave();
      await until(() => fleet.removes.length === 2);
      expect(fleet.removes).toEqual(["psess-2", "psess-1"]);
    });

    it("[SE8] at his return leaves the token good with which he came, until he has acknowledged", async () => {
      await host(game);
      const other = await joinAs(server, "psess-1");
      const first = new BareClient(server.port, transport, join(transport, "psess-2"));
      await until(() => isJoined(first));
      first.socket.resetAndDestroy();
      // He never sees what these are answered: what he has is the first token.
      for (let times = 0; times < 3; times++) {
        const lost = await cutAtJoinRoom(transport, reconnect(transport, first.token));
        expect(lost.token).not.toBe(first.token);
      }
      const back = new BareClient(server.port, transport, reconnect(transport, first.token));
      await until(() => isJoined(back));
      const stale = new BareClient(server.port, transport, reconnect(transport, first.token));
      await until(() => stale.isClosed);
      expect(stale.events).toMatchObject([{ kind: "refused", code: 4401 }]);
      expect([fleet.accepts, fleet.removes]).toEqual([["psess-1", "psess-2"], []]);
      expect(seats().map(({ playerId }) => playerId)).toEqual(["player-1", "player-2"]);
      expect([server.telemetry.of("playerLeft"), server.telemetry.of("roomFault")]).toEqual([
        [],
        [],
      ]);
      back.send(leave());
      await other.room.leave();
      await until(() => fleet.removes.length === 2);
    });
  },
);

it("[SE8] the game never hears of it: state and result have the player once", async () => {
  await host({ kind: "simulation", simulation: duel });
  const other = await joinAs(server, "psess-1");
  const lost = await cutAtJoinRoom("tcp", join("tcp", "psess-2"));
  const shown = () => JSON.stringify(other.room.state);
  await until(() => shown().includes("player-2"));
  const back = new BareClient(server.port, "tcp", reconnect("tcp", lost.token));
  await until(() => isJoined(back));
  expect(shown()).toContain("player-2");
  // Who leaves a duel that has begun loses it: it has begun, and nobody had left.
  expect(server.results).toEqual([]);
  await other.room.leave();
  await until(() => server.results.length === 1);
  expect(server.results[0]?.players).toMatchObject([
    { playerId: "player-1", seat: 0, isWinner: false },
    { playerId: "player-2", seat: 1, isWinner: true },
  ]);
});

it("[RM16] a stock room's first words reach a player who was lost before he heard them", async () => {
  await host({ kind: "room", roomClass: WaitingRoom, options: {} });
  const token = await cutStockAtJoinRoom("psess-1");
  const back = new BareClient(server.port, "tcp", reconnect("tcp", token));
  const said = () => back.of("other").filter(({ payload }) => payload[0] === 13);
  await until(() => said().length > 0);
  expect(said().map(({ payload }) => payload.toString("latin1"))).toEqual(["\r\xa5hello\xa4once"]);
});
