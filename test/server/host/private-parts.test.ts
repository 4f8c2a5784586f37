import { Protocol } from "@colyseus/core";
import { Decoder } from "@colyseus/schema";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Simulation, Snapshots } from "../../../rooms/simulation.ts";
import { snapshotIn } from "../../support/watched-game.ts";
import { randomFrom } from "../transport/slow-world.ts";
import { CONTEXT, closeWorlds, type MatchWorld, openWorld, ScriptedClient } from "./match-world.ts";
import { Hand, holdersIn, privateGame, Table, type TableState } from "./private-game.ts";

afterEach(() => closeWorlds());

const TICK_MS = 1000 / privateGame.tickRateHz;
const game = { kind: "simulation" as const, simulation: privateGame as unknown as Simulation };

/** Whose cards a client was ever sent. */
const holdersSentTo = (client: ScriptedClient) => holdersIn(Buffer.concat(client.received));

/** The state as a client has it after all it received. */
function seenBy(client: ScriptedClient): Table {
  const table = new Table();
  const decoder = new Decoder(table);
  for (const frame of client.received) {
    if (frame[0] === Protocol.ROOM_STATE || frame[0] === Protocol.ROOM_STATE_PATCH) {
      decoder.decode(frame as Buffer, { offset: 1 });
    }
  }
  return table;
}

/** A client has every private field of its own seat, and of nobody else's. */
function expectOwnAlone(client: ScriptedClient, seat: number, world: MatchWorld): void {
  const truth = world.room.state as unknown as Table;
  const isState = (opcode: number | undefined) =>
    opcode === Protocol.ROOM_STATE || opcode === Protocol.ROOM_STATE_PATCH;
  // Nothing that follows on a state it does not have.
  expect(client.received.map(([opcode]) => opcode).find(isState)).toBe(Protocol.ROOM_STATE);
  for (const [key, hand] of seenBy(client).hands as unknown as Map<string, Hand>) {
    const whole = truth.hands.get(key)?.toJSON() as Record<string, unknown>;
    const { card, marker, cards, purse, ...open } = whole;
    expect(hand.toJSON()).toEqual(hand.seat === seat ? whole : open);
  }
}

async function returns(world: MatchWorld, from: ScriptedClient): Promise<ScriptedClient> {
  const client = new ScriptedClient(from.sessionId);
  await world.match.reconnect(client, from.reconnectionToken, false, CONTEXT);
  client.acknowledge();
  return client;
}

describe("what is private to a seat", () => {
  it("[SN9] is sent to nobody else, at a join, in patches and in full states", async () => {
    const world = await openWorld(game);
    const clients: ScriptedClient[] = [];
    for (let number = 1; number <= 5; number++) {
      clients.push((await world.join(number)).client);
      world.clock.advance(number % 2 === 0 ? 3 * TICK_MS : TICK_MS / 2);
    }
    world.clock.advance(20 * TICK_MS);
    clients.forEach((client, seat) => {
      expect([seat, holdersSentTo(client)]).toEqual([seat, [`${seat}/1`]]);
      expectOwnAlone(client, seat, world);
    });
    expect(world.told).toEqual([]);
  });

  it("[SN9] is sent to whoever returns to it, as it is then, and to him alone", async () => {
    const world = await openWorld(game);
    const [first, second] = [(await world.join(1)).client, (await world.join(2)).client];
    world.clock.advance(5 * TICK_MS);
    first.drop();
    world.clock.advance(5 * TICK_MS);
    const before = first.received.length;
    const again = await returns(world, first);
    world.clock.advance(5 * TICK_MS);
    expect(first.received).toHaveLength(before);
    expect([first, again, second].map(holdersSentTo)).toEqual([["0/1"], ["0/1"], ["1/1"]]);
    expectOwnAlone(again, 0, world);
    expectOwnAlone(second, 1, world);
  });

  it("[SN9] goes with a seat that its player takes over, and stays behind with the connection that is closed", async () => {
    const world = await openWorld(game);
    const [first, second] = [(await world.join(1)).client, (await world.join(2)).client];
    world.clock.advance(5 * TICK_MS);
    const { client: again } = await world.join(1);
    const before = first.received.length;
    world.clock.advance(5 * TICK_MS);
    expect(first.closes).toEqual([4410]);
    expect(first.received).toHaveLength(before);
    expect([again, second].map(holdersSentTo)).toEqual([["0/1"], ["1/1"]]);
    expectOwnAlone(again, 0, world);
  });

  it("[SN9] is of one holder of a seat: neither the one before nor the next is sent it, however often seats change hands", async () => {
    const world = await openWorld(game, { seatsMax: 3 });
    const steady = (await world.join(1)).client;
    const gone: { client: ScriptedClient; holder: string; count: number }[] = [];
    for (let round = 1; round <= 12; round++) {
      const one = (await world.join(10 + round)).client;
      const two = (await world.join(30 + round)).client;
      world.clock.advance(2 * TICK_MS);
      const both = [
        [1, one],
        [2, two],
      ] as const;
      for (const [seat, client] of both) expectOwnAlone(client, seat, world);
      for (const [seat, client] of both) {
        client.deliver(Protocol.LEAVE_ROOM);
        gone.push({ client, holder: `${seat}/${round}`, count: client.received.length });
      }
      await new Promise((resolve) => setImmediate(resolve));
      world.clock.advance(TICK_MS);
    }
    for (const { client, holder, count } of gone) {
      expect(holdersSentTo(client)).toEqual([holder]);
      expect(client.received).toHaveLength(count);
    }
    expect(holdersSentTo(steady)).toEqual(["0/1"]);
    expectOwnAlone(steady, 0, world);
  });

  it("[SN9] is each client's own, and whole, whoever comes, goes and returns between two patches", async () => {
    for (let seed = 1; seed <= 15; seed++) {
      const random = randomFrom(seed);
      const world = await openWorld(game, { seatsMax: 6 });
      const here = new Map<number, ScriptedClient>();
      const away = new Map<number, ScriptedClient>();
      let number = 0;
      for (let step = 0; step < 80; step++) {
        const [seat, client] = [...here][random(here.size + 1)] ?? [];
        const [gone] = [...away];
        const what = random(6);
        if (what === 0 && here.size + away.size < 6) {
          const { client: one } = await world.join(++number);
          here.set(world.seats.ofSession(one.sessionId)?.seat ?? -1, one);
        } else if (what === 1 && client !== undefined && seat !== undefined) {
          client.drop();
          here.delete(seat);
          away.set(seat, client);
        } else if (what === 2 && gone !== undefined) {
          away.delete(gone[0]);
          here.set(gone[0], await returns(world, gone[1]));
        } else if (what === 3 && client !== undefined && seat !== undefined && random(2) === 0) {
          client.deliver(Protocol.LEAVE_ROOM);
          here.delete(seat);
          await new Promise((resolve) => setImmediate(resolve));
        } else {
          world.clock.advance(TICK_MS);
          for (const [place, one] of here) expectOwnAlone(one, place, world);
        }
      }
      for (const [seat, client] of here) {
        expect(holdersSentTo(client).every((holder) => holder.startsWith(`${seat}/`))).toBe(true);
        expect(holdersSentTo(client).length).toBeLessThanOrEqual(1);
      }
      expect(world.told.filter((each) => each.startsWith("fault"))).toEqual([]);
      await closeWorlds();
    }
  });

  it("[SN9] is sent to nobody at all where the game does not say whose it is", async () => {
    const { privateTo: _privateTo, ...replica } = privateGame.replica;
    const simulation = { ...privateGame, replica } as unknown as Simulation;
    const world = await openWorld({ kind: "simulation", simulation });
    const { client } = await world.join(1);
    world.clock.advance(10 * TICK_MS);
    expect(holdersSentTo(client)).toEqual([]);
    expect(seenBy(client).tick).toBe(10);
  });

  it("[SN13] comes with all that is public, however much that is", async () => {
    const said: string[] = [];
    const warn = vi.spyOn(console, "warn").mockImplementation((words) => void said.push(words));
    const { replica } = privateGame;
    let noteChars = 0;
    let table = new Table();
    const grow = (hands: number) => {
      for (let number = table.hands.size; number < hands; number++) {
        const hand = new Hand();
        Object.assign(hand, { seat: 100 + number, name: `nobody-${number}`.padEnd(40, ".") });
        table.hands.set(`shown-${number}`, hand);
      }
    };
    const create = () => {
      table = new Table();
      grow(50);
      return table;
    };
    const write: typeof replica.write = (state, given) => {
      replica.write(state, given);
      for (const hand of given.hands.values()) {
        if (hand.purse !== undefined) hand.purse.note = hand.card.padEnd(noteChars, "$");
      }
    };
    const simulation = { ...privateGame, replica: { ...replica, create, write } };
    const world = await openWorld({
      kind: "simulation",
      simulation: simulation as unknown as Simulation,
    });
    const clients: ScriptedClient[] = [];
    // Colyseus's memory for a full state has 16 KB at first: it is too small little by little, then all at once.
    for (const hands of [180, 220, 260, 320, 400, 800, 4000]) {
      clients.push((await world.join(hands)).client);
      world.clock.advance(TICK_MS);
      clients.forEach((client, seat) => {
        expectOwnAlone(client, seat, world);
        expect(seenBy(client).hands.size).toBe(table.hands.size);
      });
      if (hands <= 800) expect(said).toEqual([]);
      grow(hands);
      noteChars = 2 * hands;
      world.clock.advance(TICK_MS);
    }
    warn.mockRestore();
    expect(world.told).toEqual([]);
  });

  it("[SN10] is no full state's to make good: such a room never withholds a patch", async () => {
    const world = await openWorld(game);
    const { client } = await world.join(1);
    expect(client.fullState?.isEnough()).toBe(false);
  });

  it("[SN10] is sent on to a client that does not keep up, whose snapshots alone wait", async () => {
    const field = (name: string) => ({ name, step: 1, min: 0, max: 1e6 });
    const snapshots: Snapshots<TableState, Table> = {
      layout: [{ name: "hand", fields: [field("x"), field("y")], place: ["x", "y"] }],
      interest: () => undefined,
      writeRest: privateGame.replica.write,
      collect: ({ tick }, [rows]) => rows?.values.set([tick, tick], rows.add(0)),
      eyeOf: () => false,
      ownOf: () => undefined,
    };
    const simulation = { ...privateGame, snapshots } as unknown as Simulation;
    const world = await openWorld({ kind: "simulation", simulation });
    const { client } = await world.join(1);
    world.clock.advance(5 * TICK_MS);
    client.takesSnapshots = false;
    const { length } = client.received;
    world.clock.advance(5 * TICK_MS);
    const opcodes = client.received.slice(length).map(([opcode]) => opcode);
    expect(opcodes).toEqual(Array(5).fill(Protocol.ROOM_STATE_PATCH));
    expectOwnAlone(client, 0, world);
    client.takesSnapshots = true;
    world.clock.advance(TICK_MS);
    expect(snapshotIn(client.received.at(-1) as Uint8Array)?.[0]).toBe(1);
  });
});
