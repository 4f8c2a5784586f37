import { afterEach, expect, it } from "vitest";
import { COMMAND, type Welcome } from "../../../protocol/messages.ts";
import { ArenaButton, encodeArenaCommand } from "../../../rooms/arena/commands.ts";
import { arena } from "../../../rooms/arena/simulation.ts";
import type { ArenaState } from "../../../rooms/arena/state.ts";
import { playerSession } from "../../support/scripted-fleet.ts";
import { SnapshotReader, snapshotIn, WatchedGame } from "../../support/watched-game.ts";
import { CONTEXT, closeWorlds, openWorld, type ScriptedClient } from "../host/match-world.ts";
import { clientPair, exchanged, tcpPair } from "./client-pair.ts";

afterEach(() => closeWorlds());

const TICK_MS = 1000 / arena.tickRateHz;
const STATE = 14;
const KEYFRAME = 1;

/** An arena in which others fight, and a client over a real wire that looks on and can stop reading. */
async function looking(transport: "websocket" | "tcp", resyncs: boolean) {
  const game = new WatchedGame<ArenaState>(arena as never);
  const world = await openWorld({ kind: "simulation", simulation: game.simulation });
  const { clock, match, seats } = world;
  const pair = transport === "tcp" ? tcpPair({ clock }) : await clientPair({ clock });
  const { client, heartbeat, ends } = pair;
  client.resyncs = resyncs;
  const record = playerSession(1);
  const { playerId, playerSessionId } = record;
  const { sessionId } = client;
  const { holder, previous } = seats.occupy({ sessionId, playerId, playerSessionId });
  const claim = { outcome: "claimed" as const, holder, record, options: {}, previous };
  await match.seat(client, claim, CONTEXT);
  client.acknowledge();
  heartbeat.start();
  const others: ScriptedClient[] = [];
  for (let number = 2; number <= 5; number++) others.push((await world.join(number)).client);
  let command = 0;
  const play = async (ticks: number) => {
    for (let tick = 0; tick < ticks && ends.length === 0; tick++) {
      command++;
      for (const [at, other] of others.entries()) {
        const aimRadians = ((at * 9 + command) % 60) / 10 - 3;
        const buttons = ((command >> 3) % 16) | ArenaButton.FIRE;
        const fire = { tick: command, buttons, aimRadians, seenTickEighths: 0 };
        other.sendTyped(COMMAND, encodeArenaCommand(fire));
      }
      clock.advance(TICK_MS);
      await exchanged(8);
    }
  };
  const peer = "far" in pair ? pair.far : pair.peer;
  return { ...pair, game, play, peer, world };
}

it.each([
  ["websocket", true],
  ["websocket", false],
  ["tcp", true],
  ["tcp", false],
] as const)(
  "[SN5] a client over %s that does not read for 6 s, and can resync: %s, then sees the match as it is",
  async (transport, resyncs) => {
    const { game, play, peer, got, ends, wire, world } = await looking(transport, resyncs);
    await play(60);
    peer.pause();
    await play(90);
    const { messagesSent } = wire;
    await play(90);
    // Its patches go on where it cannot do without.
    expect(wire.messagesSent - messagesSent).toBeLessThan(20);
    peer.resume();
    await play(90);
    expect(ends).toEqual([]);
    const payloads = got.flatMap((message) => snapshotIn(message) ?? []);
    const welcome = { snapshots: arena.snapshots?.layout, tickRateHz: arena.tickRateHz };
    const reader = new SnapshotReader(welcome as unknown as Welcome);
    for (const payload of payloads) reader.read(payload);
    expect(reader.news.filter(({ isKeyframe }) => isKeyframe)).toHaveLength(2);
    expect(reader.faults(game.at(game.tick), game.tick)).toEqual([]);
    // Of the time in which it was behind there is nothing.
    expect(reader.news.length).toBeLessThan(330 - 60);
    const lastState = got.findLastIndex(([opcode]) => opcode === STATE);
    const lastKeyframe = got.findLastIndex((message) => snapshotIn(message)?.[0] === KEYFRAME);
    expect(lastState).toBeLessThan(lastKeyframe);
    expect(world.match.reading()).toMatchObject({ slowClients: 0, snapshots: { waiting: 0 } });
  },
);
