import { Protocol, Room } from "@colyseus/core";
import { Decoder, schema, t } from "@colyseus/schema";
import { afterEach, describe, expect, it } from "vitest";
import { SIMULATIONS } from "../../../rooms/index.ts";
import { closeWorlds, hosted, openWorld, ScriptedClient } from "./match-world.ts";

afterEach(() => closeWorlds());

const Part = schema({ x: t.uint8().default(0), word: t.string().optional() }, "Part");
const Whole = schema(
  { n: t.uint8().default(1), part: t.ref(Part).optional(), parts: t.map(Part) },
  "Whole",
);

class QuietRoom extends Room {
  override patchRate = null;
}

/** Notes what had come by the time it was told of a patch, and how often it was to write at once. */
class NotingClient extends ScriptedClient {
  readonly atPatch: number[][] = [];
  flushes = 0;

  override afterPatch(): void {
    this.atPatch.push(this.received.map(([opcode = 0]) => opcode));
  }

  override flush(): void {
    this.flushes++;
  }
}

describe("a client", () => {
  it("[SD4] is told after each patch, before what waits for it, also for a state assigned later", async () => {
    const { room, join } = await openWorld(hosted(QuietRoom));
    const client = new NotingClient("one");
    await join(1, client);
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
    const full = Buffer.from(client.fullState?.encode() ?? []);
    expect(client.fullState?.isEnough()).toBe(true);
    decoder.decodeResync(full, { offset: 1 });
    expect(seen.toJSON()).toEqual({ n: 1, parts: { kept: { x: 0 } } });
    // A first state, too.
    const fresh = new Whole();
    new Decoder(fresh).decode(full, { offset: 1 });
    expect(fresh.toJSON()).toEqual(seen.toJSON());
  });
});
