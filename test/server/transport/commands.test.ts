import { duplexPair } from "node:stream";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { decodeClose } from "../../../protocol/control.ts";
import { FrameReader, frameOf } from "../../../protocol/frame.ts";
import { arena } from "../../../rooms/arena/simulation.ts";
import type { Simulation } from "../../../rooms/simulation.ts";
import { inputSeat, readingInputOf } from "../../../server/session/input-seat.ts";
import { GameClient } from "../../../server/transport/game-client.ts";
import { TcpWire } from "../../../server/transport/tcp-wire.ts";
import { CLIENT_LIMITS } from "../../support/client-limits.ts";
import { playerSession } from "../../support/scripted-fleet.ts";
import { CONTEXT, closeWorlds, openWorld } from "../host/match-world.ts";
import { exchanged, QUEUE } from "./client-pair.ts";

afterEach(() => closeWorlds());

const [JOIN_ROOM, LEAVE_ROOM, BYTES, PING] = [10, 12, 17, 18];
const HEAD = [BYTES, 0xa1, 0x63];
/** The game throws over a command that begins so. */
const FATAL = 0xff;
const PLAYERS = 2;

type Act =
  /** In one breath. */
  | {
      readonly does: "say";
      readonly who: number;
      readonly messages: readonly (readonly number[])[];
    }
  | { readonly does: "flood"; readonly who: number; readonly times: number }
  | { readonly does: "pass"; readonly ticks: number };

/** What came of it all, as the game, the host, the operator and the players saw it. */
async function played(
  acts: readonly Act[],
  how: { isFast: boolean; messageFault: Simulation["messageFault"] },
) {
  const seen: unknown[] = [];
  const simulation = {
    ...arena,
    messageFault: how.messageFault,
    decode(bytes: Uint8Array) {
      seen.push(["decode", inputSeat(), Buffer.from(bytes).toString("hex")]);
      if (bytes[0] === FATAL) throw new Error("in the game");
      return arena.decode(bytes);
    },
    advance(state: never, commands: readonly never[], step: never) {
      seen.push(["step", structuredClone(commands), structuredClone(step)]);
      arena.advance(state, commands, step);
    },
  } as unknown as Simulation;
  const world = await openWorld({ kind: "simulation", simulation });
  const { clock, match, seats, telemetry } = world;
  const players = [];
  for (let who = 0; who < PLAYERS; who++) {
    const [near, far] = duplexPair();
    const sessionId = `session-${who}`;
    const holderOf = () => seats.ofSession(sessionId);
    const events = {
      get seat() {
        return holderOf()?.seat;
      },
      onAcknowledge: (client: GameClient) => client.acknowledge(),
      onMessageFault(cause: unknown) {
        seen.push(["fault", who, holderOf()?.seat, (cause as Error).message]);
        const seat = holderOf()?.seat;
        if (seat !== undefined) readingInputOf(seat, () => match.messageFailed(cause));
      },
      onJoined: () => seen.push(["joined", who]),
      onEnding: () => {},
      onEnd: (code: number) => seen.push(["end", who, code]),
    };
    const wire = new TcpWire(near, clock);
    const client = new GameClient(sessionId, wire, clock, events, QUEUE, CLIENT_LIMITS);
    const reader = new FrameReader(1 << 20);
    far.on("data", (chunk: Buffer) => {
      reader.push(chunk, (payload) => {
        if (payload[0] !== 15) seen.push(["got", who, decodeClose(payload) ?? payload[0]]);
        return true;
      });
    });
    const record = playerSession(who + 1);
    const { playerId, playerSessionId } = record;
    const { holder, previous } = seats.occupy({ sessionId, playerId, playerSessionId });
    const claim = { outcome: "claimed" as const, holder, record, options: {}, previous };
    await match.seat(client, claim, CONTEXT);
    expect(client.commands).toBeDefined();
    if (!how.isFast) client.commands = undefined;
    players.push({ far, client, wire });
  }
  for (const act of acts) {
    if (act.does === "pass") clock.advance((1000 * act.ticks) / arena.tickRateHz);
    else {
      const messages = act.does === "say" ? act.messages : Array(act.times).fill([...HEAD, 1]);
      const frames = messages.map((message) => frameOf(Uint8Array.from(message)));
      players[act.who]?.far.write(Buffer.concat(frames));
      await exchanged(4);
    }
  }
  clock.advance(100);
  await exchanged(4);
  const told = telemetry.events.filter(({ event }) => event !== "tickRan");
  const counted = telemetry.events.flatMap(({ event, info }) =>
    event === "tickRan" ? [(info as { commands: number }).commands] : [],
  );
  const messages = players.map(({ wire }) => [wire.messagesReceived, wire.messagesSent]);
  const results = { seen, told, counted, messages, host: world.told, summary: match.summary() };
  await closeWorlds();
  return results;
}

const byte = fc.nat(255);
const goodCommand = fc
  .tuple(fc.nat(1_000_000), fc.nat(31), fc.double({ min: -3, max: 3, noNaN: true }))
  .map(([tick, buttons, aimRadians]) => {
    const bytes = Buffer.alloc(arena.commandBytesMax);
    bytes.writeUInt32LE(tick, 0);
    bytes.writeUInt8(buttons, 4);
    bytes.writeFloatLE(aimRadians, 5);
    return [...HEAD, ...bytes];
  });
const anyCommand = fc.array(byte, { maxLength: 20 }).map((bytes) => [...HEAD, ...bytes]);
const bytes = fc.oneof(
  { arbitrary: goodCommand, weight: 8 },
  { arbitrary: anyCommand, weight: 4 },
  // The same type in a longer spelling, other types, and what is none.
  {
    arbitrary: fc.constantFrom(
      [BYTES, 0xd9, 1, 0x63, 5],
      [BYTES, 0xa1, 0x64],
      [BYTES, 0xa2, 0x63, 0x64],
      [BYTES],
    ),
    weight: 1,
  },
  { arbitrary: fc.constantFrom([PING], [JOIN_ROOM], [32 + BYTES, 0xa1, 0x63, 7]), weight: 2 },
  { arbitrary: fc.constant([LEAVE_ROOM]), weight: 1 },
  { arbitrary: fc.array(byte, { minLength: 1, maxLength: 6 }), weight: 1 },
);
const messages = fc.array(bytes, { minLength: 1, maxLength: 3 });
const who = fc.nat(PLAYERS - 1);
const act: fc.Arbitrary<Act> = fc.oneof(
  { arbitrary: fc.record({ does: fc.constant("say" as const), who, messages }), weight: 12 },
  { arbitrary: fc.record({ does: fc.constant("pass" as const), ticks: fc.nat(3) }), weight: 6 },
  {
    arbitrary: fc.record({
      does: fc.constant("flood" as const),
      who,
      times: fc.constantFrom(9, 450),
    }),
    weight: 1,
  },
);
const joined: readonly Act[] = [0, 1].map((each) => ({
  does: "say",
  who: each,
  messages: [[JOIN_ROOM]],
}));

describe("a command that is taken past Colyseus", () => {
  it("[CP3] ends as one that Colyseus dispatched, whatever comes before and after it", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("close_client" as const, "abort_match" as const, undefined),
        fc.array(act, { maxLength: 4 }),
        fc.array(act, { minLength: 1, maxLength: 30 }),
        async (messageFault, before, after) => {
          const acts = [...before, ...joined, ...after];
          const slow = await played(acts, { isFast: false, messageFault });
          expect(await played(acts, { isFast: true, messageFault })).toEqual(slow);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("[CP3] that the game throws over ends its client with 4414, in the seat's name", async () => {
    const fatal: Act = {
      does: "say",
      who: 1,
      messages: [
        [...HEAD, FATAL, 1],
        [...HEAD, 1],
      ],
    };
    for (const isFast of [true, false]) {
      const { seen } = await played([...joined, fatal], { isFast, messageFault: undefined });
      const fates = ["decode", "fault", "end"];
      expect(seen.filter((each) => fates.includes((each as string[])[0] ?? ""))).toEqual([
        ["decode", 1, "ff01"],
        ["fault", 1, 1, "in the game"],
        ["end", 1, 4414],
      ]);
    }
  });
});
