import { Room } from "@colyseus/core";
import { type ArraySchema, decode, type MapSchema, type Schema, schema, t } from "@colyseus/schema";
import { SchemaSerializer } from "@colyseus/sdk/serializer/SchemaSerializer";
import { playerSession } from "../../support/scripted-fleet.ts";
import { CONTEXT, hosted, type MatchWorld, openWorld } from "../host/match-world.ts";
import { clientPair, exchanged, type Served, tcpPair } from "./client-pair.ts";

const TICK_MS = 100;

const Shot = schema({ x: t.uint16().default(0), label: t.string().optional() }, "Shot");
const Ship = schema(
  { x: t.float32().default(0), name: t.string().optional(), aim: t.ref(Shot).optional() },
  "Ship",
);
const Sea = schema(
  {
    tick: t.uint32().default(0),
    ships: t.map(Ship),
    shots: t.array(Shot),
    scores: t.array("uint16"),
    winner: t.string().optional(),
    flag: t.ref(Ship).optional(),
  },
  "Sea",
);
/** Its type as the tests use it. */
export type Sea = Schema & {
  tick: number;
  ships: MapSchema<Schema & { x: number; name: string | undefined; aim: Schema | undefined }>;
  shots: ArraySchema<Schema & { x: number; label: string | undefined }>;
  scores: ArraySchema<number>;
  winner: string | undefined;
  flag: Schema | undefined;
};

/** A room that does what the test does to its state, and no more. */
export class SeaRoom extends Room {
  override autoDispose = false;
  override patchRate = null;
  override state: Sea = new Sea() as unknown as Sea;
}

export interface Slow extends Served {
  readonly world: MatchWorld;
  readonly room: Room;
  readonly sea: Sea;
  /** Every state that the room had after a tick, as JSON. */
  readonly truths: string[];
  /** Every state that the peer had after a message, as JSON, with the opcode of the message. */
  readonly seen: { opcode: number; state: string }[];
  /** Opcodes of all that came, messages included. */
  readonly opcodes: number[];
  pause(): void;
  resume(): void;
  /** Changes the state, sends the patch, and lets a tenth of a second pass. */
  tick(change?: (sea: Sea) => void): Promise<void>;
  /** Lets a tenth of a second pass in which nothing changes. */
  rest(): Promise<void>;
  /** Sends something to the server. */
  talk(): void;
}

/** A real room, a real wire over memory, and a peer with the stock SDK's decoder. The heartbeat is on. */
export async function slowWorld(
  options: {
    transport?: "websocket" | "tcp";
    resyncs?: boolean;
    roomClass?: new () => Room;
    answers?: boolean;
  } = {},
): Promise<Slow> {
  const { transport = "websocket", resyncs = true, roomClass = SeaRoom, answers } = options;
  const world = await openWorld(hosted(roomClass));
  const { clock, room } = world;
  const ws =
    transport === "websocket" ? await clientPair({ clock, autoPong: answers ?? true }) : undefined;
  const tcp = ws === undefined ? tcpPair({ clock, answers: answers ?? true }) : undefined;
  const served = (ws ?? tcp) as Served;
  const { client, heartbeat } = served;
  client.resyncs = resyncs;
  const send = (bytes: Uint8Array) => (ws === undefined ? tcp?.send(bytes) : ws.peer.send(bytes));
  const serializer = new SchemaSerializer<Sea>();
  const truths: string[] = [];
  const seen: { opcode: number; state: string }[] = [];
  const opcodes: number[] = [];
  let read = 0;
  const decode = () => {
    const got = (ws ?? tcp)?.got ?? [];
    for (; read < got.length; read++) {
      const message = got[read] ?? Buffer.alloc(0);
      const opcode = message[0] ?? 0;
      if (opcode >= 10) opcodes.push(opcode);
      if (opcode === 10) {
        const { offset, end } = reflectionOf(message);
        serializer.handshake(message.subarray(0, end), { offset });
        send(Uint8Array.of(10));
      }
      if (opcode === 14) serializer.setState(message, { offset: 1 });
      if (opcode === 15) serializer.patch(message, { offset: 1 });
      if (opcode === 14 || opcode === 15) {
        seen.push({ opcode, state: textOf(serializer.getState()) });
      }
    }
  };
  const { playerId, playerSessionId } = playerSession(1);
  const { holder, previous } = world.seats.occupy({
    sessionId: client.sessionId,
    playerId,
    playerSessionId,
  });
  const claim = {
    outcome: "claimed" as const,
    holder,
    record: playerSession(1),
    options: {},
    previous,
  };
  await world.match.seat(client, claim, CONTEXT);
  const sea = room.state as Sea;
  heartbeat.start();
  const catchUp = async () => {
    for (let round = 0; round < 3; round++) {
      await exchanged(6);
      decode();
    }
  };
  const pass = async () => {
    room.broadcastPatch();
    clock.advance(TICK_MS);
    await catchUp();
  };
  truths.push(textOf(sea));
  await catchUp();
  return {
    ...served,
    world,
    room,
    sea,
    truths,
    seen,
    opcodes,
    pause: () => (ws === undefined ? tcp?.far.pause() : ws.peer.pause()),
    resume: () => (ws === undefined ? tcp?.far.resume() : ws.peer.resume()),
    talk: () => send(Uint8Array.of(18)),
    async tick(change = () => {}) {
      sea.tick++;
      change(sea);
      await pass();
      truths.push(textOf(sea));
    },
    rest: pass,
  };
}

/** Numbers below a bound, the same for the same seed. */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed * 2_654_435_761;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 3_266_489_917) | 0;
    return ((state ^ (state >>> 13)) >>> 0) % below;
  };
}

/** A change of every kind that a state may have. */
export function randomChange(random: (below: number) => number): (sea: Sea) => void {
  const word = () => "abcdefgh".repeat(1 + random(12));
  const ship = () => Object.assign(new Ship(), { x: random(500) }) as never;
  const shot = () => Object.assign(new Shot(), { x: random(500) }) as never;
  const anyOf = <T>(values: readonly T[]) => values[random(values.length)];
  return (sea) => {
    for (let count = random(6); count >= 0; count--) {
      const key = `ship${random(12)}`;
      const one = sea.ships.get(key);
      const oneShot = anyOf([...sea.shots]);
      switch (random(16)) {
        case 0:
        case 1:
          sea.ships.set(key, ship());
          break;
        case 2:
        case 3:
          sea.ships.delete(key);
          break;
        case 4:
          if (one) one.name = one.name === undefined ? word() : undefined;
          break;
        case 5:
          if (one) one.aim = one.aim === undefined ? shot() : undefined;
          break;
        case 6:
        case 7:
          sea.shots.push(shot(), shot());
          break;
        case 8:
          sea.shots.shift();
          break;
        case 9:
          sea.shots.pop();
          break;
        case 10:
          if (sea.shots.length > 3) sea.shots.splice(random(3), 1);
          break;
        case 11:
          if (oneShot) oneShot.label = oneShot.label === undefined ? word() : undefined;
          break;
        case 12:
          sea.scores.push(random(1000));
          break;
        case 13:
          sea.scores.shift();
          break;
        case 14:
          sea.winner = sea.winner === undefined ? word() : undefined;
          break;
        default:
          sea.flag = sea.flag === undefined ? ship() : undefined;
      }
    }
  };
}

/** A state as text; a map has no order. */
export function textOf(state: Schema): string {
  const { ships = {}, ...rest } = state.toJSON() as { ships?: Record<string, unknown> };
  const sorted = Object.entries(ships).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify({ ...rest, ships: Object.fromEntries(sorted) });
}

/** Where the state's schema stands in a JOIN_ROOM. */
export function reflectionOf(message: Buffer): { offset: number; end: number } {
  const nameAt = 2 + (message[1] ?? 0);
  const it = { offset: nameAt + 1 + (message[nameAt] ?? 0) };
  const length = decode.number(message, it);
  return { offset: it.offset, end: it.offset + length };
}
