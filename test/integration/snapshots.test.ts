import { Client } from "@colyseus/sdk";
import { afterEach, describe, expect, it } from "vitest";
import { SNAPSHOT, type Welcome } from "../../protocol/messages.ts";
import { ArenaButton, encodeArenaCommand } from "../../rooms/arena/commands.ts";
import { arena } from "../../rooms/arena/simulation.ts";
import type { ArenaState } from "../../rooms/arena/state.ts";
import {
  command,
  join,
  reconnect,
  // biome-ignore lint/correctness/useImportExtensions: plain ESM, its types lie beside it
} from "../support/adapter.mjs";
import { BareClient } from "../support/bare-client.ts";
import { type InProcessServer, startInProcess, until } from "../support/in-process-server.ts";
import { joinAs, type Player, reconnectAs } from "../support/players.ts";
import { ScriptedFleet } from "../support/scripted-fleet.ts";
import { SnapshotReader, snapshotIn, WatchedGame } from "../support/watched-game.ts";

const ROOM_STATE = 14;
const AHEAD = { snapshots: arena.snapshots?.layout ?? [], tickRateHz: 30 } as unknown as Welcome;

let server: InProcessServer;

afterEach(() => server.close());

async function open(replication: "snapshots" | "schema") {
  const game = new WatchedGame<ArenaState>(arena as never);
  server = await startInProcess({
    fleet: new ScriptedFleet(8),
    name: "arena",
    game: { kind: "simulation", simulation: game.simulation },
    replication,
  });
  await server.place();
  return game;
}

/** A player of the stock SDK, with what he makes of his snapshots; the handler is there before the first comes. */
function reading({ room, welcomes }: Player): () => SnapshotReader | undefined {
  const waiting: Uint8Array[] = [];
  let reader: SnapshotReader | undefined;
  room.onMessage(SNAPSHOT, (bytes: Uint8Array) => waiting.push(Uint8Array.from(bytes)));
  return () => {
    const [welcome] = welcomes;
    if (welcome === undefined) return undefined;
    reader ??= new SnapshotReader(welcome);
    for (const payload of waiting.splice(0)) reader.read(payload);
    return reader;
  };
}

/** What a client of bytes makes of the snapshots that came since its last welcome. */
function readerOf(client: BareClient): SnapshotReader {
  const reader = new SnapshotReader(AHEAD);
  for (const { payload } of client.events) {
    const snapshot = snapshotIn(payload);
    if (snapshot !== undefined) reader.read(snapshot);
  }
  return reader;
}

const faultsOf = (game: WatchedGame<ArenaState>, reader: SnapshotReader | undefined) =>
  reader?.faults(game.at(reader.decoder.tick ?? 0), reader.decoder.tick ?? 0);

/** Something else for everybody to do, 60 times a second. */
async function fly(players: readonly ((seq: number) => void)[], seconds: number): Promise<void> {
  for (let step = 1; step <= seconds * 60; step++) {
    for (const player of players) player(step);
    await new Promise((resolve) => setTimeout(resolve, 1000 / 60));
  }
}

const does = (seq: number) => ({
  buttons: ((seq >> 3) % 16) | ArenaButton.FIRE,
  aimRadians: ((seq % 60) - 30) / 10,
  seenTickEighths: 0,
});

describe("the snapshots of a real match", () => {
  it("[SN2] are the game's own state to a stock SDK over WebSocket and to clients of bytes over both transports", async () => {
    const game = await open("snapshots");
    const stock = await joinAs(server, "psess-1");
    const stockReader = reading(stock);
    const bare = (["tcp", "ws"] as const).map(
      (transport, at) => new BareClient(server.port, transport, join(transport, `psess-${at + 2}`)),
    );
    const flying = [
      (seq: number) => stock.room.sendBytes("c", encodeArenaCommand({ tick: seq, ...does(seq) })),
      ...bare.map((client) => (seq: number) => client.send(command(seq, does(seq)))),
    ];
    await until(() => bare.every((client) => client.of("state").length > 0));
    await fly(flying, 1);
    expect(stock.welcomes[0]?.snapshots).toEqual(arena.snapshots?.layout);
    for (const reader of [stockReader(), ...bare.map(readerOf)]) {
      expect(reader?.news.length).toBeGreaterThan(20);
      expect(reader?.news.filter(({ isKeyframe }) => isKeyframe)).toHaveLength(1);
      expect(reader?.decoder.tick).toBeGreaterThan(game.tick - 5);
      expect(faultsOf(game, reader)).toEqual([]);
      expect(reader?.decoder.entities[0]?.size).toBe(3);
    }
    // The schema has who plays and how it stands, and not where.
    expect([...stock.room.state.ships.keys()].sort()).toEqual(["0", "1", "2"]);
    expect(stock.room.state.ships.get("0").x).toBeUndefined();
    expect(stock.room.state.ships.get("0").name).toBe("player-1");
    expect(stock.room.state.endsAtTick).toBeGreaterThan(0);
  });

  it("[SN1] begin with a keyframe behind the whole state, at a join and at a return, over every way in", async () => {
    const game = await open("snapshots");
    const stock = await joinAs(server, "psess-1");
    const stockReader = reading(stock);
    const bare = (["tcp", "ws"] as const).map(
      (transport, at) => new BareClient(server.port, transport, join(transport, `psess-${at + 2}`)),
    );
    const orderOf = ({ events }: BareClient) => {
      const state = events.findIndex(({ payload }) => payload[0] === ROOM_STATE);
      const snapshot = events.findIndex(({ payload }) => snapshotIn(payload) !== undefined);
      return [state >= 0, state < snapshot, snapshotIn(events[snapshot]?.payload as Buffer)?.[0]];
    };
    const hasSnapshots = (client: BareClient) =>
      client.events.filter(({ payload }) => snapshotIn(payload)).length > 1;
    await until(() => bare.every(hasSnapshots) && (stockReader()?.news.length ?? 0) > 1);
    expect(bare.map(orderOf)).toEqual(Array(2).fill([true, true, 1]));
    expect(stockReader()?.news[0]?.isKeyframe).toBe(true);

    const token = stock.room.reconnectionToken;
    stock.room.connection.close();
    for (const { socket } of bare) socket.destroy();
    await until(() => server.telemetry.of("playerDropped").length === 3);
    const again = await reconnectAs(server, token);
    const againReader = reading(again);
    const returned = (["tcp", "ws"] as const).map(
      (transport, at) =>
        new BareClient(server.port, transport, reconnect(transport, bare[at]?.token ?? "")),
    );
    await until(() => returned.every(hasSnapshots) && (againReader()?.news.length ?? 0) > 1);
    expect(returned.map(orderOf)).toEqual(Array(2).fill([true, true, 1]));
    expect(againReader()?.news[0]?.isKeyframe).toBe(true);
    for (const reader of [againReader(), ...returned.map(readerOf)]) {
      expect(faultsOf(game, reader)).toEqual([]);
    }
  });
});

describe("a player of the stock SDK whose handlers come late", () => {
  it("[SN14] asks for the welcome, and has what he missed", async () => {
    const game = await open("snapshots");
    const room = await new Client(server.url).joinById("match", { playerSessionId: "psess-1" });
    room.reconnection.enabled = false;
    const other = await joinAs(server, "psess-2");
    const otherReader = reading(other);
    await until(() => (otherReader()?.news.length ?? 0) > 5);
    const player = { room, welcomes: [] as Welcome[], closes: [], drops: [], states: 0 };
    let reader: ReturnType<typeof reading> = () => undefined;
    room.onMessage("welcome", (welcome: Welcome) => {
      player.welcomes.push(welcome);
      reader = reading(player);
    });
    const { length } = otherReader()?.news ?? [];
    await until(() => (otherReader()?.news.length ?? 0) > length + 3);
    expect(player.welcomes).toEqual([]);
    room.send("welcome");
    await until(() => (reader()?.news.length ?? 0) > 3);
    expect(reader()?.news[0]?.isKeyframe).toBe(true);
    expect(faultsOf(game, reader())).toEqual([]);
    expect(otherReader()?.news.filter(({ isKeyframe }) => isKeyframe)).toHaveLength(1);
    await room.leave();
  });
});

describe("a server that is set to the schema", () => {
  it("[SN3] shows a stock SDK everything in `room.state`, with nothing to decode", async () => {
    const game = await open("schema");
    const stock = await joinAs(server, "psess-1");
    let snapshots = 0;
    stock.room.onMessage(SNAPSHOT, () => snapshots++);
    await fly(
      [(seq) => stock.room.sendBytes("c", encodeArenaCommand({ tick: seq, ...does(seq) }))],
      0.7,
    );
    await until(() => stock.room.state.tick === game.tick);
    const { tick } = stock.room.state;
    const ship = game.at(tick)[0]?.get(0);
    const { x, y, vx, vy, angle, health, ack } = stock.room.state.ships.get("0");
    expect([x, y, vx, vy, angle, health, ack]).toEqual([...(ship ?? [])].map(Math.fround));
    expect([...stock.room.state.projectiles.keys()].map(Number)).toEqual([
      ...(game.at(tick)[1]?.keys() ?? []),
    ]);
    expect(stock.welcomes[0]).not.toHaveProperty("snapshots");
    expect(snapshots).toBe(0);
  });
});
