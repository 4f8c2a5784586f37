import { afterEach, describe, expect, it, vi } from "vitest";
import { TRANSPORT_LIMITS } from "../../../server/transport/limits.ts";
import { closeWorlds } from "../host/match-world.ts";
import { clientPair, exchanged, QUEUE, tcpPair } from "./client-pair.ts";
import { slowWorld } from "./slow-world.ts";

afterEach(() => closeWorlds());

const { slowAfterMs, resyncIntervalMs, resyncsPerMinuteMax } = TRANSPORT_LIMITS;
const BYTES = 17;
const STATE = 14;
const snapshot = (number: number) => Uint8Array.of(BYTES, 0xa1, 0x73, number);

type Slow = Awaited<ReturnType<typeof slowWorld>>;

/** As of a peer that lags, and of one that has read all. */
const lag = ({ wire }: Slow) => wire.listener.onPulse({ lagMs: slowAfterMs + 1, readUpToMs: 0 });
const catchUp = ({ wire, clock }: Slow) =>
  wire.listener.onPulse({ lagMs: 0, readUpToMs: clock.nowMs() });

describe.each([true, false])("a client that does not keep up, and can resync: %s", (resyncs) => {
  it("[SN5] gets no snapshot, none is kept, and they begin anew when it has caught up", async () => {
    const slow = await slowWorld({ resyncs });
    const { client, wire, world, opcodes } = slow;
    expect([client.takesSnapshots, client.sendSnapshot(snapshot(1))]).toEqual([true, true]);
    lag(slow);
    expect(client.takesSnapshots).toBe(false);
    const { messagesSent, queuedBytes } = wire;
    for (let count = 0; count < 100; count++) {
      expect(client.sendSnapshot(snapshot(count))).toBe(false);
    }
    expect([wire.messagesSent, wire.queuedBytes]).toEqual([messagesSent, queuedBytes]);
    expect(client.fullState?.behind.size).toBe(1);
    // What it can do without depends on its decoder; the patches of others go on.
    await slow.tick();
    expect(wire.messagesSent - messagesSent).toBe(resyncs ? 0 : 1);
    catchUp(slow);
    expect(client.takesSnapshots).toBe(false);
    await slow.tick();
    expect([client.takesSnapshots, client.fullState?.behind.size]).toEqual([true, 0]);
    expect(client.sendSnapshot(snapshot(2))).toBe(true);
    await slow.rest();
    // The whole state it is owed, if any, comes before its first snapshot.
    const state = opcodes.lastIndexOf(STATE);
    expect(opcodes.filter((opcode) => opcode === STATE)).toHaveLength(resyncs ? 2 : 1);
    expect(opcodes.lastIndexOf(BYTES)).toBeGreaterThan(state);
    expect(world.told).toEqual([]);
  });

  it("[SN5] so often that it were better off elsewhere is closed with 4415", async () => {
    const slow = await slowWorld({ resyncs });
    let times = 0;
    for (; times < 30 && slow.ends.length === 0; times++) {
      lag(slow);
      slow.client.sendSnapshot(snapshot(1));
      catchUp(slow);
      for (let rests = 0; rests * 100 < resyncIntervalMs; rests++) await slow.rest();
    }
    expect([slow.ends, times]).toEqual([[4415], resyncsPerMinuteMax + 1]);
  });
});

describe("a client that falls behind without a snapshot to miss", () => {
  it("[SN5] takes them again as soon as it has caught up, and it counts for nothing", async () => {
    const slow = await slowWorld({ resyncs: false });
    for (let times = 0; times < 40; times++) {
      lag(slow);
      expect([slow.client.takesSnapshots, slow.client.fullState?.behind.size]).toEqual([false, 0]);
      catchUp(slow);
      expect(slow.client.takesSnapshots).toBe(true);
    }
    expect(slow.ends).toEqual([]);
  });
});

describe.each(["websocket", "tcp"] as const)("a snapshot over %s", (transport) => {
  const paired = async () => (transport === "tcp" ? tcpPair() : await clientPair());

  it("[SN5] is not sent to a client that closes, nor to one that is gone", async () => {
    const { client, wire } = await paired();
    client.leave(4000);
    const { messagesSent } = wire;
    expect([client.takesSnapshots, client.sendSnapshot(snapshot(1))]).toEqual([false, false]);
    expect(wire.messagesSent).toBe(messagesSent);
    const gone = await paired();
    gone.client.end(4415);
    expect([gone.client.takesSnapshots, gone.client.sendSnapshot(snapshot(1))]).toEqual([
      false,
      false,
    ]);
  });

  it("[SN5] that finds too much waiting closes the client instead", async () => {
    const pair = await paired();
    const { client, ends } = pair;
    ("far" in pair ? pair.far : pair.peer).pause();
    let sent = 0;
    while (ends.length === 0 && sent < 1000) {
      client.sendSnapshot(new Uint8Array(10_000).fill(BYTES));
      await exchanged(1);
      sent++;
    }
    expect(ends).toEqual([4415]);
    expect(pair.wire.queuedBytes).toBeLessThan(QUEUE.bytesMax + 11_000);
    expect(client.sendSnapshot(snapshot(1))).toBe(false);
  });

  it("[SN4] goes out with the patch in one write, copied together once for each group, whatever the order of clients", async () => {
    const pairs: Awaited<ReturnType<typeof paired>>[] = [];
    while (pairs.length < 6) pairs.push(await paired());
    const written = pairs.map(({ stream }) => {
      const buffers: Buffer[] = [];
      const write = stream.write.bind(stream) as (chunk: Buffer) => boolean;
      vi.spyOn(stream, "write").mockImplementation(((chunk: Buffer) => {
        buffers.push(chunk);
        return write(chunk);
      }) as typeof stream.write);
      return buffers;
    });
    const patch = Uint8Array.of(15, 1, 2, 3);
    const groups = [snapshot(1), snapshot(2)];
    for (const { client } of pairs) client.sendPatch(patch);
    for (const [at, { client }] of pairs.entries()) client.sendSnapshot(groups[at % 2] ?? patch);
    for (const { client } of pairs) client.flush();
    expect(written.map(({ length }) => length)).toEqual([1, 1, 1, 1, 1, 1]);
    const whole = written.map(([buffer]) => buffer);
    expect(new Set(whole).size).toBe(2);
    expect([whole[2], whole[3]]).toEqual([whole[0], whole[1]]);
    await exchanged();
    for (const [at, { got }] of pairs.entries()) {
      expect(got).toEqual([Buffer.from(patch), Buffer.from(groups[at % 2] ?? patch)]);
    }
  });
});
