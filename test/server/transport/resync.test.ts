import { setFlagsFromString } from "node:v8";
import { afterEach, describe, expect, it } from "vitest";
import type { GameClient } from "../../../server/transport/game-client.ts";
import { closeWorlds } from "../host/match-world.ts";
import { clientPair, exchanged } from "./client-pair.ts";
import { randomChange, randomFrom, type Slow, slowWorld } from "./slow-world.ts";

afterEach(() => closeWorlds());

/** Every state that the peer saw is one that the room had after a tick, and none comes before an earlier one. */
function expectTruth({ seen, truths }: Slow): void {
  let at = 0;
  for (const { state } of seen) {
    const found = truths.indexOf(state, at);
    expect(found, `after tick ${at}: ${state}`).toBeGreaterThanOrEqual(at);
    at = found;
  }
}

const fullStates = ({ seen }: Slow) => seen.filter(({ opcode }) => opcode === 14).length;

async function ticks(slow: Slow, count: number, change?: Parameters<Slow["tick"]>[0]) {
  for (let done = 0; done < count; done++) await slow.tick(change);
}

describe("a client that stalls", () => {
  it("[SD4] and reads again has the room's state, whatever was deleted and moved meanwhile", async () => {
    let resyncs = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const random = randomFrom(seed);
      const slow = await slowWorld({ transport: seed % 2 === 0 ? "tcp" : "websocket" });
      const change = randomChange(random);
      for (let stalls = 0; stalls < 4; stalls++) {
        await ticks(slow, 10 + random(20), change);
        slow.pause();
        await ticks(slow, random(70), change);
        slow.resume();
      }
      await ticks(slow, 30, change);
      expect([seed, slow.ends]).toEqual([seed, []]);
      expect([seed, slow.seen.at(-1)?.state]).toEqual([seed, slow.truths.at(-1)]);
      expectTruth(slow);
      resyncs += fullStates(slow) - 1;
      await closeWorlds();
    }
    expect(resyncs).toBeGreaterThan(40);
  }, 120_000);

  it.each(["websocket", "tcp"] as const)(
    "[SD4] for 6 s over %s sees correct states in order, and one full state for all that it missed",
    async (transport) => {
      const slow = await slowWorld({ transport });
      const change = randomChange(randomFrom(99));
      await ticks(slow, 20, change);
      slow.pause();
      await ticks(slow, 60, change);
      slow.resume();
      await ticks(slow, 40, change);
      expect(slow.ends).toEqual([]);
      expect(fullStates(slow)).toBe(2);
      // Some of its patches were never sent.
      expect(slow.seen.length).toBeLessThan(100);
      expect(slow.seen.at(-1)?.state).toBe(slow.truths.at(-1));
      expectTruth(slow);
    },
  );

  it("[SD4] gets its full state also where nothing changes any more", async () => {
    const slow = await slowWorld();
    slow.pause();
    await ticks(slow, 50);
    // A last change, then a room that rests: no patch would ever come.
    await slow.tick((sea) => {
      sea.winner = "somebody";
    });
    slow.resume();
    for (let rests = 0; rests < 30; rests++) await slow.rest();
    expect(slow.seen.at(-1)).toEqual({ opcode: 14, state: slow.truths.at(-1) });
  });

  it("[SD4] gets every message, in order with the states it gets", async () => {
    const slow = await slowWorld();
    const sent: number[] = [];
    const tick = async () => {
      slow.room.broadcast("n", slow.sea.tick);
      sent.push(slow.sea.tick);
      await slow.tick();
    };
    for (let count = 0; count < 10; count++) await tick();
    slow.pause();
    for (let count = 0; count < 50; count++) await tick();
    slow.resume();
    for (let count = 0; count < 40; count++) await tick();
    expect(slow.ends).toEqual([]);
    expect(slow.opcodes.filter((opcode) => opcode === 13)).toHaveLength(sent.length);
    expect(fullStates(slow)).toBe(2);
    expectTruth(slow);
  });

  it("[SD4] and cannot take a full state for all there is misses no patch", async () => {
    const slow = await slowWorld({ resyncs: false });
    await ticks(slow, 10);
    slow.pause();
    await ticks(slow, 60);
    slow.resume();
    await ticks(slow, 20);
    expect(slow.ends).toEqual([]);
    expect(fullStates(slow)).toBe(1);
    expect(slow.seen.map(({ state }) => state)).toEqual(slow.truths);
  });
});

it("[RM38] a client that has acknowledged its join has nothing waiting, and is no dictionary", async () => {
  const slow = await slowWorld();
  await ticks(slow, 2);
  expect(slow.client._enqueuedMessages).toBeUndefined();
  setFlagsFromString("--allow-natives-syntax");
  const isFast = new Function("one", "return %HasFastProperties(one)") as (one: object) => boolean;
  setFlagsFromString("--no-allow-natives-syntax");
  expect(isFast(slow.client)).toBe(true);
});

it("[TP24] what a client says right behind its acknowledgement reaches the room after it", async () => {
  const heard: number[] = [];
  const waiting: GameClient[] = [];
  const pair = await clientPair({ welcomes: (client) => void waiting.push(client) });
  pair.client.ref.on("message", ([opcode = 0]: Buffer) => heard.push(opcode));
  pair.peer.send(Uint8Array.of(10));
  await exchanged();
  expect([heard, waiting]).toEqual([[], [pair.client]]);
  pair.peer.send(Uint8Array.of(18));
  await exchanged();
  expect(heard).toEqual([10, 18]);
});
