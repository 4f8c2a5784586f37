import { Protocol } from "@colyseus/core";
import { afterEach, describe, expect, it } from "vitest";
import { arena } from "../../../rooms/arena/simulation.ts";
import { snapshotIn } from "../../support/watched-game.ts";
import { closeWorlds } from "./match-world.ts";
import {
  askAgain,
  faultsNow,
  KEYFRAME,
  openArena,
  play,
  type SnapshotClient,
  TICK_MS,
  welcomesOf,
} from "./watched-arena.ts";

afterEach(() => closeWorlds());

describe("a client that missed what came with its join", () => {
  it("[SN14] asks for its welcome, and gets it with a keyframe at the next tick; others lose nothing", async () => {
    const world = await openArena();
    const [late, other] = [await world.join(1), await world.join(2)];
    play(world, [late, other], 40);
    late.received.length = 0;
    play(world, [late, other], 40);
    askAgain(late, Protocol.ROOM_DATA_BYTES);
    expect(late.snapshots.some(([type]) => type === KEYFRAME)).toBe(false);
    late.received.length = 0;
    play(world, [late, other], 1);
    const welcome = late.received.findIndex(([opcode]) => opcode === Protocol.ROOM_DATA);
    const keyframe = late.received.findIndex((each) => snapshotIn(each)?.[0] === KEYFRAME);
    expect([welcomesOf(late), welcome < keyframe]).toEqual([1, true]);
    play(world, [late, other], 40);
    expect(faultsNow(world, late.reader())).toEqual([]);
    expect(faultsNow(world, other.reader())).toEqual([]);
    expect(other.reader().news.filter(({ isKeyframe }) => isKeyframe)).toHaveLength(1);
  });

  it("[SN14] has each ask answered, and no two within 2 s, however it asks", async () => {
    const world = await openArena();
    const [asking, other] = [await world.join(1), await world.join(2)];
    play(world, [asking, other], 10);
    for (let tick = 0; tick < 10 * arena.tickRateHz; tick++) {
      for (let each = 0; each < 5; each++) askAgain(asking);
      play(world, [asking, other], 1);
    }
    expect(welcomesOf(asking)).toBe(1 + 5);
    const keyframes = asking.snapshots.filter(([type]) => type === KEYFRAME);
    expect(keyframes).toHaveLength(1 + 5);
    // The last ask is still to be answered.
    play(world, [asking, other], 2 * arena.tickRateHz);
    expect(welcomesOf(asking)).toBe(1 + 6);
    play(world, [asking, other], 4 * arena.tickRateHz);
    expect(welcomesOf(asking)).toBe(1 + 6);
    expect(welcomesOf(other)).toBe(1);
    for (const client of [asking, other]) expect(faultsNow(world, client.reader())).toEqual([]);
  });

  it("[SN14] gets no more bytes by asking than its budget has, and one keyframe", async () => {
    const bytesPerSecond = 2048;
    const world = await openArena({ seatsMax: 60, snapshotBytesPerSecond: bytesPerSecond });
    const clients: SnapshotClient[] = [];
    for (let number = 1; number <= 50; number++) clients.push(await world.join(number));
    const asking = clients[0] as SnapshotClient;
    const sent: { readonly tick: number; readonly bytes: number; readonly type: number }[] = [];
    let known = 0;
    for (let tick = 0; tick < 300; tick++) {
      askAgain(asking);
      play(world, clients, 1);
      for (const { message } of asking.handed.slice(known)) {
        sent.push({ tick, bytes: message.length, type: snapshotIn(message)?.[0] ?? 0 });
      }
      known = asking.handed.length;
    }
    expect(sent.filter(({ type }) => type === KEYFRAME).length).toBeGreaterThan(2);
    for (let from = 0; from < sent.length; from++) {
      let [bytes, keyframe] = [0, 0];
      for (const each of sent.slice(from)) {
        bytes += each.bytes;
        if (each.type === KEYFRAME) keyframe = Math.max(keyframe, each.bytes);
        const seconds = (each.tick - (sent[from]?.tick ?? 0)) / arena.tickRateHz;
        expect(bytes - keyframe).toBeLessThanOrEqual(bytesPerSecond * (seconds + 0.25) + 1e-6);
      }
    }
  });

  it("[SN14] is answered when the match is over, and not once it has left", async () => {
    const world = await openArena();
    const [first, second] = [await world.join(1), await world.join(2)];
    play(world, [first, second], 5);
    askAgain(second);
    second.drop();
    const { length } = second.received;
    world.game.state.endsAtTick = 8;
    play(world, [first], 10);
    expect(second.received).toHaveLength(length);
    first.received.length = 0;
    askAgain(first);
    world.clock.advance(5 * TICK_MS);
    expect(welcomesOf(first)).toBe(1);
    expect(first.snapshots.map(([type]) => type)).toEqual([KEYFRAME]);
    expect(faultsNow(world, first.reader())).toEqual([]);
  });
});
