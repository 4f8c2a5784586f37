import { type Client, Protocol, Room } from "@colyseus/core";
import { Decoder, Encoder, StateView, schema, t } from "@colyseus/schema";
import { SchemaSerializer } from "@colyseus/sdk/serializer/SchemaSerializer";
import { afterEach, describe, expect, it, vi } from "vitest";
import { SIMULATIONS } from "../../../rooms/index.ts";
import {
  randomChange,
  randomFrom,
  reflectionOf,
  type Sea,
  SeaRoom,
  textOf,
} from "../transport/slow-world.ts";
import { CONTEXT, closeWorlds, hosted, openWorld, ScriptedClient } from "./match-world.ts";

afterEach(() => closeWorlds());

const Part = schema({ x: t.uint8().default(0), word: t.string().optional() }, "Part");
const Whole = schema(
  { n: t.uint8().default(1), part: t.ref(Part).optional(), parts: t.map(Part) },
  "Whole",
);

class PatientRoom extends SeaRoom {
  override async onDrop(client: Client): Promise<void> {
    await this.allowReconnection(client, 60);
  }
}

class QuietRoom extends Room {
  override patchRate = null;
}

/** Notes what had come by the time it was told of a patch, as one that is behind, and how often it was to write at once. */
class NotingClient extends ScriptedClient {
  readonly atPatch: number[][] = [];
  flushes = 0;

  afterPatch(): void {
    this.atPatch.push(this.received.map(([opcode = 0]) => opcode));
  }

  override flush(): void {
    this.flushes++;
  }
}

describe("a client", () => {
  it("[SD4] that is behind is told after each patch, before what waits for it, also for a state assigned later", async () => {
    const { room, join } = await openWorld(hosted(QuietRoom));
    const client = new NotingClient("one");
    await join(1, client);
    client.fullState?.behind.add(client);
    for (const state of [new Whole(), new Whole()]) {
      room.state = state;
      for (const change of [2, 3]) {
        state.n = change;
        client.received.length = 0;
        client.atPatch.length = 0;
        room.broadcast("after", 1, { afterNextPatch: true });
        room.broadcastPatch();
        expect(client.atPatch).toEqual([[Protocol.ROOM_STATE_PATCH]]);
        expect(client.received.map(([opcode]) => opcode)).toEqual([
          Protocol.ROOM_STATE_PATCH,
          Protocol.ROOM_DATA,
        ]);
      }
    }
    room.broadcastPatch();
    expect(client.atPatch).toHaveLength(2);
    expect(client.flushes).toBe(0);
  });

  it("[SD1] of a Simulation has each tick written at its end", async () => {
    const simulation = SIMULATIONS["duel"]!;
    const { clock, join } = await openWorld({ kind: "simulation", simulation });
    const client = new NotingClient("one");
    await join(1, client);
    client.fullState?.behind.add(client);
    const before = client.flushes;
    clock.advance(1000);
    expect(client.flushes - before).toBe(client.atPatch.length);
    expect(client.atPatch.length).toBeGreaterThan(5);
  });
});

describe("a full state", () => {
  it("[SD4] takes away what a decoder had in fields that have no value any more", async () => {
    const { room, join } = await openWorld(hosted(QuietRoom));
    const state = new Whole();
    state.part = Object.assign(new Part(), { x: 1, word: "here" });
    state.parts.set("kept", Object.assign(new Part(), { word: "gone" }));
    room.state = state;
    const { client } = await join(1);
    const seen = new Whole();
    const decoder = new Decoder(seen);
    const [first] = client.ofKind(Protocol.ROOM_STATE);
    decoder.decode(first as Buffer, { offset: 1 });
    expect(seen.toJSON()).toEqual(state.toJSON());
    state.part = undefined;
    state.parts.get("kept")!.word = undefined;
    room.broadcastPatch();
    const full = Buffer.from(client.fullState?.encode(client) ?? []);
    expect(client.fullState?.isEnough()).toBe(true);
    decoder.decodeResync(full, { offset: 1 });
    expect(seen.toJSON()).toEqual({ n: 1, parts: { kept: { x: 0 } } });
    // A first state, too.
    const fresh = new Whole();
    new Decoder(fresh).decode(full, { offset: 1 });
    expect(fresh.toJSON()).toEqual(seen.toJSON());
  });
});

/** What the stock SDK makes of all that a client was sent. */
class Reading {
  client: ScriptedClient;
  readonly #serializer = new SchemaSerializer<Sea>();
  #read = 0;
  /** Opcodes of the states and patches that came. */
  readonly came: number[] = [];

  constructor(client: ScriptedClient) {
    this.client = client;
  }

  /** The same player over another connection, who keeps what he knows. */
  goOn(client: ScriptedClient): void {
    this.client = client;
    this.#read = 0;
  }

  /** @returns The state that the client sees now. */
  state(): string {
    for (; this.#read < this.client.received.length; this.#read++) {
      const message = Buffer.from(this.client.received[this.#read] ?? []);
      const [opcode = 0] = message;
      if (opcode === Protocol.JOIN_ROOM && this.came.length === 0) {
        const { offset, end } = reflectionOf(message);
        this.#serializer.handshake(message.subarray(0, end), { offset });
      }
      if (opcode === Protocol.ROOM_STATE) this.#serializer.setState(message, { offset: 1 });
      if (opcode === Protocol.ROOM_STATE_PATCH) this.#serializer.patch(message, { offset: 1 });
      if (opcode === Protocol.ROOM_STATE || opcode === Protocol.ROOM_STATE_PATCH)
        this.came.push(opcode);
    }
    return textOf(this.#serializer.getState());
  }
}

describe("a room that is joined between its patches", () => {
  it("[SD7] shows each newcomer its present state, and everybody the state after each patch", async () => {
    let joinedBetween = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const random = randomFrom(seed);
      const { room, join } = await openWorld(hosted(SeaRoom), { seatsMax: 60 });
      const sea = room.state as Sea;
      const change = randomChange(random);
      const readers: Reading[] = [];
      for (let step = 0; step < 120; step++) {
        const what = random(10);
        if (what < 5) change(sea);
        else if (what < 7) {
          const { client } = await join(step);
          const reader = new Reading(client);
          expect([seed, step, reader.state()]).toEqual([seed, step, textOf(sea)]);
          readers.push(reader);
          joinedBetween++;
        } else if (what === 7) {
          readers.splice(random(readers.length + 1), 1)[0]?.client.drop();
        } else {
          sea.tick++;
          room.broadcastPatch();
          for (const reader of readers)
            expect([seed, step, reader.state()]).toEqual([seed, step, textOf(sea)]);
        }
      }
      await closeWorlds();
    }
    expect(joinedBetween).toBeGreaterThan(200);
  }, 60_000);

  it("[SD7] sends everybody one patch for all that changed, and each change once", async () => {
    const { room, join } = await openWorld(hosted(SeaRoom), { seatsMax: 9 });
    const sea = room.state as Sea;
    const readers: Reading[] = [];
    for (const number of [1, 2, 3]) {
      sea.scores.push(number);
      const { client } = await join(number);
      readers.push(new Reading(client));
    }
    sea.scores.shift();
    room.broadcastPatch();
    for (const reader of readers) {
      expect(JSON.parse(reader.state()).scores).toEqual([2, 3]);
      expect(reader.came).toEqual([Protocol.ROOM_STATE, Protocol.ROOM_STATE_PATCH]);
    }
    // Who knows more already is told less.
    const sizes = readers.map(({ client }) => client.received.at(-1)?.length ?? 0);
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
    expect(new Set(sizes).size).toBe(3);
    room.broadcastPatch();
    expect(readers.map((reader) => [reader.state(), reader.came.length][1])).toEqual([2, 2, 2]);
  });

  it("[SD7] tells a newcomer nothing that his state holds already", async () => {
    const { room, join } = await openWorld(hosted(SeaRoom));
    (room.state as Sea).scores.push(1, 2, 3);
    const { client } = await join(1);
    const before = client.received.length;
    room.broadcastPatch();
    expect(client.received).toHaveLength(before);
  });

  it("[SD7] encodes its whole state once for all who join before much of it changes, however large it is", async () => {
    const { room, join } = await openWorld(hosted(SeaRoom), { seatsMax: 20 });
    const sea = room.state as Sea;
    for (let count = 0; count < 5_000; count++) sea.scores.push(count);
    const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
    await join(1);
    const encodeAll = vi.spyOn(Encoder.prototype, "encodeAll");
    for (let number = 2; number <= 5; number++) await join(number);
    expect(encodeAll).not.toHaveBeenCalled();
    warned.mockClear();
    for (let number = 6; number <= 9; number++) {
      sea.scores.push(number);
      await join(number);
    }
    expect(encodeAll).not.toHaveBeenCalled();
    for (let count = 0; count < 5_000; count++) sea.scores[count] = count + 1;
    await join(10);
    expect(encodeAll).toHaveBeenCalledTimes(1);
    // Colyseus warns whenever it encodes twice for want of memory.
    expect(warned).not.toHaveBeenCalled();
    vi.restoreAllMocks();
  });

  it("[SD7] that is large shows newcomers, and those who were behind, what has changed since it was encoded", async () => {
    const encodeAll = vi.spyOn(Encoder.prototype, "encodeAll");
    let joins = 0;
    for (let seed = 1; seed <= 12; seed++) {
      const random = randomFrom(seed);
      const { match, room, join } = await openWorld(hosted(PatientRoom), { seatsMax: 80 });
      const sea = room.state as Sea;
      const change = randomChange(random);
      for (let count = 0; count < 400; count++) change(sea);
      const [first, second] = [await join(0), await join(100)].map(
        ({ client }) => new Reading(client),
      );
      if (first === undefined || second === undefined) throw new Error("nobody");
      for (let step = 1; step <= 60; step++) {
        for (let changes = random(4); changes > 0; changes--) change(sea);
        if (step % 20 === 0) room.broadcastPatch();
        const newcomer = new Reading((await join(step)).client);
        joins++;
        expect([seed, step, newcomer.state()]).toEqual([seed, step, textOf(sea)]);
        if (step % 20 > 15) {
          const { client } = first;
          client.received.push(Buffer.from(client.fullState?.encode(client) ?? []));
          expect([seed, step, first.state()]).toEqual([seed, step, textOf(sea)]);
        }
        if (step % 7 === 0) {
          const { client } = second;
          second.state();
          client.drop();
          const back = new ScriptedClient(client.sessionId);
          second.goOn(back);
          await match.reconnect(back, client.reconnectionToken, true, CONTEXT);
          back.acknowledge();
          expect([seed, step, second.state()]).toEqual([seed, step, textOf(sea)]);
        }
      }
      await closeWorlds();
    }
    // Else nothing of this was about what is behind a state.
    expect(encodeAll.mock.calls.length).toBeLessThan(joins / 2);
    vi.restoreAllMocks();
  }, 60_000);

  it("[SD7] that never sends a patch keeps a bounded number of pieces, and nobody misses a change", async () => {
    const { room, join } = await openWorld(hosted(SeaRoom), { seatsMax: 200 });
    const sea = room.state as Sea;
    const readers: Reading[] = [];
    for (let number = 1; number <= 100; number++) {
      sea.winner = `number ${number}`;
      const { client } = await join(number);
      readers.push(new Reading(client));
      expect(JSON.parse(readers.at(-1)?.state() ?? "").winner).toBe(sea.winner);
    }
    room.broadcastPatch();
    for (const reader of readers) expect(reader.state()).toBe(textOf(sea));
  });

  it("[SD7] whose clients have views keeps Colyseus's own way", async () => {
    const Hidden = schema({ open: t.uint8().default(0), secret: t.uint8().view() }, "Hidden");
    class ViewRoom extends Room {
      override patchRate = null;
      override state = new Hidden();
    }
    const { room, join } = await openWorld(hosted(ViewRoom));
    const { client } = await join(1);
    const state = room.state as unknown as { open: number; secret: number };
    state.open = 3;
    state.secret = 9;
    room.broadcastPatch();
    const seen = new Hidden() as unknown as { open: number; secret: number | undefined };
    const decoder = new Decoder(seen as never);
    for (const message of client.received) {
      if ((message[0] ?? 0) === Protocol.ROOM_STATE || message[0] === Protocol.ROOM_STATE_PATCH)
        decoder.decode(message as Buffer, { offset: 1 });
    }
    expect([seen.open, seen.secret]).toEqual([3, undefined]);
    expect(client.fullState?.isEnough()).toBe(false);
  });

  it("[SN13] whose clients have views shows each the whole of a large state, and his own part of it", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const Large = schema({ words: t.array("string"), secret: t.array("string").view() }, "Large");
    const large = new Large() as unknown as { words: string[]; secret: string[] };
    class ViewRoom extends Room {
      override patchRate = null;
      override state = large as never;
      override onJoin(client: { view?: StateView }): void {
        client.view = new StateView();
        client.view.add(this.state);
      }
    }
    const { room, join } = await openWorld(hosted(ViewRoom));
    for (let number = 1; number <= 5; number++) {
      for (const list of [large.words, large.secret]) {
        for (let word = 0; word < 90; word++) list.push(`${number} and ${word}`.padEnd(40, "."));
      }
      room.broadcastPatch();
      const { client } = await join(number);
      const seen = new Large() as unknown as { words: string[]; secret: string[] };
      const state = client.ofKind(Protocol.ROOM_STATE)[0];
      new Decoder(seen as never).decode(state as Buffer, { offset: 1 });
      expect([...seen.words]).toEqual([...large.words]);
      expect([...seen.secret]).toEqual([...large.secret]);
    }
    warn.mockRestore();
  });
});
