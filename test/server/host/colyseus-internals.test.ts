import { type Client, connectClientToRoom, Protocol, Room, SchemaSerializer } from "@colyseus/core";
import { schema, t } from "@colyseus/schema";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  internalsOf,
  isReturnCutShort,
  type SchemaSerializerInternals,
  stopAutoDisposeTimer,
} from "../../../server/host/colyseus-internals.ts";
import { settle } from "../../support/fake-clock.ts";
import { CONTEXT, closeWorlds, hosted, openWorld, ScriptedClient } from "./match-world.ts";

afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  await closeWorlds();
});

/** What the room's hooks were called with, in order. */
function notingRoom() {
  const noted: unknown[] = [];
  const disposing = Promise.withResolvers<void>();
  class NotingRoom extends Room {
    override maxClients = 2;
    override onJoin(client: Client, options: unknown) {
      noted.push(["join", options, client.auth]);
    }
    override onDrop(client: Client, code?: number) {
      noted.push(["drop", code]);
      this.allowReconnection(client, 60).catch(() => {});
    }
    override onLeave(_client: Client, code?: number) {
      noted.push(["leave", code]);
    }
    override async onDispose() {
      await disposing.promise;
      noted.push("disposed");
    }
  }
  return { noted, disposing, game: hosted(NotingRoom) };
}

async function openNoting() {
  const { noted, disposing, game } = notingRoom();
  const world = await openWorld(game);
  const release = () => disposing.resolve();
  return { ...world, noted, release, internals: internalsOf(world.room) };
}

describe("the private parts of Colyseus that we rely on", () => {
  it("[RM30] _simulationInterval keeps patchRate = null from arming a timer if it is anything truthy", async () => {
    const intervals = vi.spyOn(globalThis, "setInterval");
    const { room, internals, release } = await openNoting();
    release();
    internals._simulationInterval = undefined;
    intervals.mockClear();
    room.patchRate = null;
    expect(intervals.mock.calls.map(([, ms]) => ms)).toEqual([1000 / 60]);
    internals._simulationInterval = "ours";
    intervals.mockClear();
    room.patchRate = null;
    expect(intervals).not.toHaveBeenCalled();
  });

  it("[RM30] _simulationInterval keeps broadcastPatch from moving the room's clock", async () => {
    const { room, internals, release } = await openNoting();
    release();
    const ticks = vi.spyOn(room.clock, "tick");
    internals._simulationInterval = "ours";
    room.broadcastPatch();
    expect(ticks).not.toHaveBeenCalled();
    internals._simulationInterval = undefined;
    room.broadcastPatch();
    expect(ticks).toHaveBeenCalledOnce();
  });

  it("[RM31] _lockedExplicitly is true for the room's own lock, not for one of being full", async () => {
    const { room, internals, join, release } = await openNoting();
    release();
    expect(internals._lockedExplicitly).toBe(false);
    await join(1);
    await join(2);
    expect([room.locked, internals._lockedExplicitly]).toEqual([true, false]);
    await room.lock();
    expect(internals._lockedExplicitly).toBe(true);
    await room.unlock();
    expect(internals._lockedExplicitly).toBe(false);
    await room.setMatchmaking({ locked: true });
    expect(internals._lockedExplicitly).toBe(true);
    await room.setMatchmaking({ locked: false });
    expect(internals._lockedExplicitly).toBe(false);
  });

  it("[RM32] _reserveSeat keeps a place under the session id, and its options and auth for the join", async () => {
    const { room, internals, match, noted, release } = await openNoting();
    release();
    const { _reservedSeats } = internals;
    expect(await internals._reserveSeat("one", { skin: "blue" }, { playerId: "anna" })).toBe(true);
    expect(await internals._reserveSeat("two", {}, {})).toBe(true);
    expect(Object.keys(_reservedSeats)).toEqual(["one", "two"]);
    expect(await internals._reserveSeat("three", {}, {})).toBe(false);
    delete _reservedSeats["two"];
    expect(await internals._reserveSeat("three", {}, {})).toBe(true);
    await join(room, new ScriptedClient("one"));
    expect(Object.hasOwn(_reservedSeats, "one")).toBe(false);
    expect(noted).toEqual([["join", { skin: "blue" }, { playerId: "anna" }]]);
    delete _reservedSeats["three"];
    await match.close(4411);
    expect(await internals._reserveSeat("four", {}, {})).toBe(false);
  });

  it("[RM33] _reconnections has who may come back with a token, and ends the wait when it is rejected", async () => {
    const { internals, join, noted, told, release } = await openNoting();
    release();
    await join(1);
    const { client } = await join(2);
    const token = client.reconnectionToken;
    expect(internals._reconnections[token]).toBeUndefined();
    client.drop(1006);
    const [sessionId, waiting] = internals._reconnections[token] ?? [];
    expect(sessionId).toBe(client.sessionId);
    expect(noted.at(-1)).toEqual(["drop", 1006]);
    waiting?.reject(false);
    await settle();
    expect(noted.at(-1)).toEqual(["leave", 1006]);
    expect(internals._reconnections[token]).toBeUndefined();
    expect(told).toEqual(["seat 1 gone"]);
  });

  it("[RM34] _reconnectionAttempts has a token whose old connection is still open, and can give it up", async () => {
    const { room, internals, join: joinAs, release } = await openNoting();
    release();
    const { client } = await joinAs(1);
    const token = client.reconnectionToken;
    const back = new ScriptedClient(client.sessionId);
    const returning = join(room, back, token);
    await settle();
    expect(Object.keys(internals._reconnectionAttempts)).toEqual([token]);
    internals._reconnectionAttempts[token]?.reject(new Error("given up"));
    await expect(returning).rejects.toThrow("failed to reconnect");
    expect(internals._reconnectionAttempts[token]).toBeUndefined();
    expect(room.clients).toHaveLength(1);
    expect(room.clients[0]).toBe(client);
  });

  it("[RM38] allowReconnection waits for no client with _enqueuedMessages, which are gone with the acknowledgement", async () => {
    const { room, internals, release } = await openNoting();
    release();
    const allow = (client: Client) => Room.prototype.allowReconnection.call(room, client, 60);
    await internals._reserveSeat("one", {}, {});
    const client = new ScriptedClient("one");
    await connectClientToRoom(room, client, CONTEXT, {});
    client.send("word");
    expect(client._enqueuedMessages).toHaveLength(1);
    await expect(allow(client)).rejects.toMatchObject({ code: "not joined" });
    const queued = client._enqueuedMessages;
    Object.assign(client, { _enqueuedMessages: undefined });
    allow(client).catch(() => {});
    expect(Object.keys(internals._reconnections)).toEqual([client.reconnectionToken]);
    internals._reconnections[client.reconnectionToken]?.[1].reject(false);
    await settle();
    Object.assign(client, { _enqueuedMessages: queued });
    client.acknowledge();
    expect(client.ofKind(Protocol.ROOM_DATA)).toHaveLength(1);
    expect(client._enqueuedMessages).toBeUndefined();
  });

  it("[RM39] _onLeave is an instance's own if it has one, also of a return whose client goes in onReconnect", async () => {
    const { room, internals, join: joinAs, release } = await openNoting();
    release();
    const left: unknown[] = [];
    const leave = internals._onLeave.bind(room);
    internals._onLeave = (client, code) => {
      left.push([client, code]);
      return leave(client, code);
    };
    const gate = Promise.withResolvers<void>();
    Object.assign(room, { onReconnect: () => gate.promise });
    const { client } = await joinAs(1, new ScriptedClient("one"));
    expect(internals._reservedSeats["one"]).toBeUndefined();
    client.drop(1006);
    await settle();
    const back = new ScriptedClient("one");
    const returning = join(room, back, client.reconnectionToken);
    await settle();
    back.drop(1001);
    gate.resolve();
    const cause = await returning.catch((error: unknown) => error);
    expect(isReturnCutShort(cause)).toBe(true);
    expect(isReturnCutShort(new Error("another"))).toBe(false);
    expect(left).toEqual([
      [client, 1006],
      [back, 4003],
    ]);
  });

  it("[RM90] setSerializer gets a new one with each state, with its structures by number and what is filtered", async () => {
    const Inner = schema({ x: t.uint8().default(0) }, "Inner");
    const Outer = schema({ inner: t.ref(Inner).optional(), n: t.uint8().default(1) }, "Outer");
    const Hidden = schema({ secret: t.uint8().default(0).view() }, "Hidden");
    const { room, internals, release } = await openNoting();
    release();
    expect(internals._serializer.id).not.toBe("schema");
    expect(internals._inputController).toBeUndefined();
    const given: unknown[] = [];
    const setSerializer = internals.setSerializer.bind(room);
    internals.setSerializer = (serializer) => {
      given.push(serializer);
      setSerializer(serializer);
    };
    const state = Object.assign(new Outer(), { inner: new Inner() });
    room.state = state;
    expect(given).toEqual([internals._serializer]);
    const serializer = internals._serializer as SchemaSerializerInternals;
    expect([serializer.id, serializer.hasFilters]).toEqual(["schema", false]);
    const { root, context } = serializer.encoder;
    expect(Object.entries(root.changeTrees).map(([id, { ref }]) => [id, ref])).toEqual([
      ["0", state],
      ["1", state.inner],
    ]);
    expect([...context.schemas.keys()]).toEqual([Outer, Inner]);
    expect([...serializer.getFullState()].slice(0, 1)).toEqual([Protocol.ROOM_STATE]);
    room.state = new Hidden();
    expect((internals._serializer as SchemaSerializerInternals).hasFilters).toBe(true);
  });

  it("[RM90] _inputController is there once the room takes inputs, and applyPatches runs before what waits for it", async () => {
    const Move = schema({ x: t.uint8().default(0) }, "Move");
    const { room, internals, join, release } = await openNoting();
    release();
    room.state = new Move();
    const { client } = await join(1);
    const apply = internals._serializer.applyPatches.bind(internals._serializer);
    let receivedBefore = -1;
    internals._serializer.applyPatches = (...given) => {
      const hasChanges = apply(...given);
      receivedBefore = client.ofKind(Protocol.ROOM_DATA).length;
      return hasChanges;
    };
    room.broadcast("after", 1, { afterNextPatch: true });
    room.broadcastPatch();
    expect([receivedBefore, client.ofKind(Protocol.ROOM_DATA).length]).toEqual([0, 1]);
    (room as unknown as { defineInput(type: unknown): void }).defineInput(Move);
    expect(internals._inputController).toBeDefined();
  });

  it("[RM91] encoder takes changes out once, encodes the whole state into given memory, and getFullState asks it again", async () => {
    const Move = schema({ x: t.uint8().default(0), list: t.array("uint8") }, "Move");
    const { room, internals, release } = await openNoting();
    release();
    const state = new Move() as unknown as { x: number; list: number[] };
    room.state = state as never;
    const serializer = internals._serializer as SchemaSerializerInternals;
    const { encoder } = serializer;
    expect([serializer.hasUnreliableFields, encoder.hasChanges]).toEqual([false, true]);
    encoder.discardChanges();
    expect(encoder.hasChanges).toBe(false);
    state.x = 7;
    const patch = encoder.encode({ offset: 1 });
    expect(patch.buffer).toBe(encoder.sharedBuffer.buffer);
    expect([patch.length, encoder.hasChanges]).toEqual([3, true]);
    encoder.discardChanges();
    const memory = new Uint8Array(64);
    expect(encoder.encodeAll({ offset: 1 }, memory).buffer).toBe(memory.buffer);
    // Once it is cached, changes that were taken out unseen are no reason to encode it anew.
    const before = Buffer.from(serializer.getFullState());
    state.x = 8;
    encoder.discardChanges();
    expect(Buffer.from(serializer.getFullState())).toEqual(before);
    serializer.needFullEncode = true;
    expect(Buffer.from(serializer.getFullState())).not.toEqual(before);
  });

  it("[RM92] fullEncodeCache is a view of fullEncodeBuffer where that is large enough, and of other memory where not", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const Words = schema({ words: t.array("string"), secret: t.uint8().view() }, "Words");
    const state = new Words() as unknown as { words: string[] };
    const own = new SchemaSerializer();
    own.reset(state as never);
    const serializer = own as unknown as SchemaSerializerInternals;
    expect(serializer.fullEncodeBuffer[0]).toBe(Protocol.ROOM_STATE);
    serializer.getFullState();
    expect(serializer.fullEncodeCache.buffer).toBe(serializer.fullEncodeBuffer.buffer);
    state.words.push(".".repeat(serializer.fullEncodeBuffer.byteLength));
    serializer.getFullState();
    expect(serializer.fullEncodeCache.buffer).not.toBe(serializer.fullEncodeBuffer.buffer);
    serializer.fullEncodeBuffer = new Uint8Array(3 * serializer.fullEncodeCache.byteLength);
    serializer.needFullEncode = true;
    serializer.getFullState();
    expect(serializer.fullEncodeCache.buffer).toBe(serializer.fullEncodeBuffer.buffer);
    warn.mockRestore();
  });

  it("[RM35] _events tells a disconnect once onDispose has settled, also if it fails", async () => {
    const { room, internals, noted, release } = await openNoting();
    const disconnects = vi.fn(() => noted.push("disconnect"));
    internals._events.once("disconnect", disconnects);
    const disconnecting = room.disconnect();
    await settle();
    expect(noted).toEqual([]);
    release();
    await disconnecting;
    expect(noted).toEqual(["disposed", "disconnect"]);
  });

  it("[RM36] _onLeave takes a client out of the room at once and then tells the room, once", async () => {
    const { room, internals, join, noted, release } = await openNoting();
    release();
    const { client } = await join(1);
    await join(2);
    noted.length = 0;
    const leaving = internals._onLeave(client, 4000);
    expect(room.clients).toHaveLength(1);
    await leaving;
    await internals._onLeave(client, 4000);
    await internals._onLeave(new ScriptedClient("never joined"), 4000);
    expect(noted).toEqual([["leave", 4000]]);
  });

  it("[RM37] _autoDisposeTimeout runs for a room that waits for its first player, and disposes of it", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { room, internals, told, release } = await openNoting();
    release();
    room.autoDispose = true;
    expect(internals._autoDisposeTimeout).toBeDefined();
    stopAutoDisposeTimer(room);
    expect(internals._autoDisposeTimeout).toBeUndefined();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(told).toEqual([]);
    room.autoDispose = false;
    room.autoDispose = true;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(told).toEqual(["disposed"]);
  });

  it("[RM37] _autoDisposeTimeout holds up a room whose last player leaves while it runs", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { room, join, told, release } = await openNoting();
    release();
    const { client } = await join(1);
    room.autoDispose = false;
    room.autoDispose = true;
    client.drop(4000);
    await vi.advanceTimersByTimeAsync(999);
    expect(told).toEqual(["seat 0 gone"]);
    await vi.advanceTimersByTimeAsync(1);
    expect(told).toEqual(["seat 0 gone", "disposed"]);
  });

  it("[RM37] resetAutoDisposeTimeout starts it anew, with the seconds it is given", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { room, internals, told, release } = await openNoting();
    release();
    room.autoDispose = true;
    internals.resetAutoDisposeTimeout(5);
    await vi.advanceTimersByTimeAsync(4_999);
    expect(told).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(told).toEqual(["disposed"]);
  });
});

async function join(room: Room, client: ScriptedClient, reconnectionToken?: string): Promise<void> {
  const options = reconnectionToken === undefined ? {} : { reconnectionToken };
  await connectClientToRoom(room, client, CONTEXT, options);
  client.acknowledge();
}
