import { Protocol } from "@colyseus/core";
import { afterEach, describe, expect, it } from "vitest";
import { WELCOME } from "../../../protocol/messages.ts";
import { arena } from "../../../rooms/arena/simulation.ts";
import type { Simulation } from "../../../rooms/simulation.ts";
import { snapshotIn } from "../../support/watched-game.ts";
import { CONTEXT, closeWorlds, openWorld, type ScriptedClient } from "./match-world.ts";
import {
  askAgain,
  DELTA,
  faultsNow,
  KEYFRAME,
  layout,
  openArena,
  play,
  SnapshotClient,
  TICK_MS,
  welcomesOf,
} from "./watched-arena.ts";

afterEach(() => closeWorlds());

describe("the snapshots of a match", () => {
  it("[SN1] begin for each newcomer with one keyframe at the next tick, after his whole state", async () => {
    const world = await openArena();
    const first = await world.join(1);
    play(world, [first], 20);
    const second = await world.join(2);
    expect(second.snapshots).toEqual([]);
    play(world, [first, second], 20);
    for (const client of [first, second]) {
      const opcodes = client.received.map(([opcode]) => opcode);
      const firstSnapshot = client.received.findIndex((message) => snapshotIn(message));
      expect(opcodes.indexOf(Protocol.ROOM_STATE)).toBeLessThan(firstSnapshot);
      const types = client.snapshots.map(([type]) => type);
      expect(types.filter((type) => type === KEYFRAME)).toHaveLength(1);
      expect(types[0]).toBe(KEYFRAME);
      const reader = client.reader();
      expect(reader.news[0]?.isKeyframe).toBe(true);
      expect(faultsNow(world, reader)).toEqual([]);
    }
    expect(second.reader().news[0]?.tick).toBe(21);
  });

  it("[SN1] wait for a newcomer who has not acknowledged his join", async () => {
    const world = await openArena();
    const other = await world.join(1);
    const { seats, match } = world;
    const client = new SnapshotClient("late");
    const { holder } = seats.occupy({
      sessionId: "late",
      playerId: "late",
      playerSessionId: "psess-late",
    });
    const record = { playerSessionId: "psess-late", playerId: "late", playerData: "" } as never;
    await match.seat(
      client,
      { outcome: "claimed", holder, record, options: {}, previous: undefined },
      CONTEXT,
    );
    play(world, [other], 5);
    expect(client.received.map(([opcode]) => opcode)).toEqual([Protocol.JOIN_ROOM]);
    expect(match.reading()?.snapshots).toMatchObject({ waiting: 1, keyframes: 1, groups: 1 });
    askAgain(client);
    play(world, [other], 1);
    client.acknowledge();
    play(world, [other], 2);
    expect(welcomesOf(client)).toBe(1);
    expect(client.snapshots.map(([type]) => type)).toEqual([KEYFRAME, DELTA]);
    expect(match.reading()?.snapshots).toMatchObject({ waiting: 0, keyframes: 2 });
  });

  it("[SN2] say all that the game put down, tick by tick, whoever comes and goes", async () => {
    const world = await openArena();
    const clients = [await world.join(1), await world.join(2), await world.join(3)];
    const readers = clients.map((client) => ({ client, reader: client.reader(), read: 0 }));
    for (let tick = 1; tick <= 240; tick++) {
      if (tick === 60) clients.pop()?.deliver(Protocol.LEAVE_ROOM);
      if (tick === 120) {
        const client = await world.join(4);
        clients.push(client);
        readers.push({ client, reader: client.reader(), read: 0 });
      }
      play(world, clients, 1);
      for (const each of readers) {
        if (!clients.includes(each.client)) continue;
        const { snapshots } = each.client;
        for (; each.read < snapshots.length; each.read++) {
          each.reader.read(snapshots[each.read] ?? new Uint8Array());
        }
        expect([tick, faultsNow(world, each.reader)]).toEqual([tick, []]);
      }
    }
    expect(readers.map(({ read }) => read > 60)).toEqual([true, true, false, true]);
  });

  it("[SN4] leave in one write with the patch of their tick, behind it", async () => {
    const world = await openArena();
    const [first, second] = [await world.join(1), await world.join(2)];
    play(world, [first, second], 5);
    await world.join(3);
    first.writes.length = 0;
    play(world, [first, second], 1);
    expect(first.writes).toEqual([[Protocol.ROOM_STATE_PATCH, Protocol.ROOM_DATA_BYTES]]);
  });

  it("[SN4] are the very same memory for all who are sent the same", async () => {
    const world = await openArena();
    const clients = [await world.join(1), await world.join(2), await world.join(3)];
    play(world, clients, 10);
    const [first, second, third] = clients.map(({ handed }) => handed.at(-1)?.message);
    expect(second).toBe(first);
    expect(third).toBe(first);
  });

  it("[SN6] are never written to after they were sent", async () => {
    const world = await openArena({ seatsMax: 60 });
    const clients: SnapshotClient[] = [];
    for (let number = 1; number <= 12; number++) {
      clients.push(await world.join(number));
      play(world, clients, 8);
    }
    play(world, clients, 60);
    const changed = clients.flatMap(({ handed }) =>
      handed.filter(({ message, copy }) => Buffer.compare(message, copy) !== 0),
    );
    expect(changed).toEqual([]);
    expect(clients.flatMap(({ handed }) => handed).length).toBeGreaterThan(500);
  });

  it("[SN5] are not offered to a client that does not keep up, and begin anew with a keyframe", async () => {
    const world = await openArena();
    const [slow, other] = [await world.join(1), await world.join(2)];
    play(world, [slow, other], 10);
    slow.takesSnapshots = false;
    const before = slow.snapshots.length;
    let offered = 0;
    const send = slow.sendSnapshot.bind(slow);
    slow.sendSnapshot = (message) => {
      offered++;
      return send(message);
    };
    play(world, [other], 50);
    expect([slow.snapshots.length, offered]).toEqual([before, 1]);
    expect(world.match.reading()?.snapshots).toMatchObject({ waiting: 1, keyframes: 2 });
    slow.takesSnapshots = true;
    play(world, [other], 10);
    const [keyframe, ...deltas] = slow.snapshots.slice(before).map(([type]) => type);
    expect([keyframe, new Set(deltas)]).toEqual([KEYFRAME, new Set([DELTA])]);
    expect(faultsNow(world, slow.reader())).toEqual([]);
  });

  it("[SN1] begin anew for whoever returns, or takes his seat over, and end for the connection before", async () => {
    const world = await openArena();
    const [first, other] = [await world.join(1), await world.join(2)];
    play(world, [first, other], 10);
    first.drop();
    const before = first.received.length;
    play(world, [other], 10);
    const again = new SnapshotClient(first.sessionId);
    await world.match.reconnect(again, first.reconnectionToken, false, CONTEXT);
    again.acknowledge();
    play(world, [other], 10);
    const third = await world.join(1);
    const ended = again.received.length;
    play(world, [other], 10);
    expect([first.received.length, again.received.length]).toEqual([before, ended]);
    for (const client of [again, third]) {
      const [keyframe, ...deltas] = client.snapshots.map(([type]) => type);
      expect([keyframe, new Set(deltas)]).toEqual([KEYFRAME, new Set([DELTA])]);
    }
    expect(faultsNow(world, third.reader())).toEqual([]);
    expect(world.match.reading()?.snapshots).toMatchObject({ waiting: 0, keyframes: 4 });
  });
});

describe("a match that is over", () => {
  it("[SN8] has shown everybody its last state, also what was still unsaid, and shows it to who comes then", async () => {
    // So few bytes that updates wait.
    const world = await openArena({ snapshotBytesPerSecond: 2048, seatsMax: 30 });
    const clients: SnapshotClient[] = [];
    for (let number = 1; number <= 24; number++) clients.push(await world.join(number));
    play(world, clients, 60);
    const { state } = world.game;
    state.endsAtTick = state.tick + 5;
    play(world, clients, 20);
    expect(world.told).toEqual(["over"]);
    const late = await world.join(25);
    clients[3]?.drop();
    const again = new SnapshotClient(clients[3]?.sessionId ?? "");
    await world.match.reconnect(again, clients[3]?.reconnectionToken ?? "", false, CONTEXT);
    again.acknowledge();
    world.clock.advance(10 * TICK_MS);
    clients.splice(3, 1, again);
    for (const client of [...clients, late]) {
      const reader = client.reader();
      expect(reader.decoder.tick).toBe(state.tick);
      expect(faultsNow(world, reader)).toEqual([]);
      expect(reader.news.at(-1)?.isKeyframe).toBe(true);
    }
    expect(late.snapshots).toHaveLength(1);
    expect(again.snapshots).toHaveLength(1);
  });

  it("[SN8] says nothing more to those who have seen it", async () => {
    const world = await openArena();
    const client = await world.join(1);
    play(world, [client], 5);
    world.game.state.endsAtTick = 8;
    play(world, [client], 5);
    const { length } = client.received;
    world.clock.advance(50 * TICK_MS);
    expect(client.received).toHaveLength(length);
  });
});

describe("a match without snapshots", () => {
  const welcomes = (client: ScriptedClient) =>
    client.ofKind(Protocol.ROOM_DATA).map((message) => Buffer.from(message).toString("latin1"));

  it("[SN3] is one whose server is set to the schema: no layout in the welcome, and a patch with each tick", async () => {
    const world = await openArena({ replication: "schema" });
    const client = await world.join(1);
    play(world, [client], 10);
    expect(client.snapshots).toEqual([]);
    expect(client.ofKind(Protocol.ROOM_STATE_PATCH)).toHaveLength(10);
    expect(welcomes(client)[0]).toContain(WELCOME);
    expect(welcomes(client)[0]).not.toContain("snapshots");
    expect(world.match.reading()?.snapshots).toBeUndefined();
  });

  it("[SN3] is one whose game has none", async () => {
    const { snapshots: _snapshots, ...schemaOnly } = arena;
    const simulation = schemaOnly as unknown as Simulation;
    const world = await openWorld({ kind: "simulation", simulation });
    const { client } = await world.join(1);
    world.clock.advance(10 * TICK_MS);
    expect(client.ofKind(Protocol.ROOM_STATE_PATCH)).toHaveLength(10);
    expect(welcomes(client)[0]).not.toContain("snapshots");
  });

  it("[SN3] has patches only of what changes seldom where it has them, and its layout in the welcome", async () => {
    const world = await openArena();
    const client = await world.join(1);
    play(world, [client], 30);
    expect(client.ofKind(Protocol.ROOM_STATE_PATCH).length).toBeLessThan(3);
    expect(welcomes(client)[0]).toContain("snapshots");
    expect(welcomes(client)[0]).toContain("angle");
  });
});

describe("a game whose snapshots cannot be sent", () => {
  const opening = (snapshots: object, replication: "snapshots" | "schema" = "snapshots") =>
    openWorld(
      {
        kind: "simulation",
        simulation: { ...arena, snapshots: { ...arena.snapshots, ...snapshots } } as never,
      },
      { replication },
    );

  it("[SN7] fails its match at once, and says why", async () => {
    const ship = { ...layout[0], fields: [{ name: "x", step: 0, min: 0, max: 1 }] };
    await expect(opening({ layout: [ship] })).rejects.toMatchObject({
      code: "SNAPSHOTS_INVALID",
      message: expect.stringMatching(/^the game "arena" cannot send .*step of x/),
    });
    const interest = () => ({
      ...{ widthMetres: 1, heightMetres: 1, cellMetres: 0 },
      ...{ nearMetres: 1, farMetres: 1, farEveryTicks: 1 },
    });
    await expect(opening({ interest })).rejects.toMatchObject({
      code: "SNAPSHOTS_INVALID",
      message: expect.stringContaining("cellMetres is 0"),
    });
  });

  it("[SN7] is not asked where everything goes through the schema", async () => {
    await expect(opening({ layout: [] }, "schema")).resolves.toBeDefined();
  });
});
