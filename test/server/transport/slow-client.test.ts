import { Duplex } from "node:stream";
import type { Room } from "@colyseus/core";
import { StateView, schema, t } from "@colyseus/schema";
import { afterEach, describe, expect, it } from "vitest";
import { TRANSPORT_LIMITS } from "../../../server/transport/limits.ts";
import { Pace } from "../../../server/transport/pace.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { closeWorlds } from "../host/match-world.ts";
import {
  clientPair,
  closeOf,
  exchanged,
  QUEUE,
  type Served,
  serveTcp,
  tcpPair,
} from "./client-pair.ts";
import { SeaRoom, type Slow, slowWorld } from "./slow-world.ts";

afterEach(() => closeWorlds());

const { sendQueueSoftMs, slowAfterMs, tooSlowAfterMs, resyncIntervalMs, resyncsPerMinuteMax } =
  TRANSPORT_LIMITS;
const message = (bytes: number) => new Uint8Array(bytes).fill(13);
/** More than the memory in between takes by itself. */
const TAKEN = 200_000;

/** A pair whose peer has stopped reading, with the memory in between full. */
async function stalled(transport: "websocket" | "tcp") {
  const ws = transport === "websocket" ? await clientPair() : undefined;
  const pair: Served & { got: Buffer[] } = ws ?? tcpPair();
  const peer = ws?.peer ?? (pair as ReturnType<typeof tcpPair>).far;
  peer.pause();
  await exchanged();
  pair.client.raw(message(TAKEN));
  await exchanged();
  pair.client.raw(message(1));
  await exchanged();
  const base = pair.wire.queuedBytes;
  return { ...pair, ws, base, resume: () => peer.resume(), pause: () => peer.pause() };
}

describe.each(["websocket", "tcp"] as const)("what waits for a client, over %s", (transport) => {
  it("[TP28] may be 256 KB; then it is closed with 4415 and nothing more is queued", async () => {
    const { client, wire, base, ends, resume, got, ws } = await stalled(transport);
    let sent = 0;
    while (ends.length === 0 && sent < 1000) {
      client.raw(message(10_000));
      sent++;
    }
    expect(ends).toEqual([4415]);
    expect(base + sent * 10_000).toBeGreaterThan(QUEUE.bytesMax);
    expect(wire.queuedBytes).toBeLessThan(QUEUE.bytesMax + 11_000);
    const queued = wire.queuedBytes;
    for (let more = 0; more < 10; more++) client.raw(message(10_000));
    expect(wire.queuedBytes).toBe(queued);
    resume();
    await exchanged();
    expect(ws ? (await ws.closed).code : closeOf(got)).toBe(4415);
  });

  it("[SD5] may be more than 64 KB for 5 s, looked at with each message", async () => {
    const { client, clock, base, ends } = await stalled(transport);
    expect(base).toBeGreaterThan(QUEUE.softBytes);
    clock.advance(sendQueueSoftMs - 1);
    client.raw(message(1));
    expect(ends).toEqual([]);
    clock.advance(1);
    client.raw(message(1));
    expect(ends).toEqual([4415]);
  });

  it("[SD5] may be more than 64 KB for 5 s, looked at without messages, too", async () => {
    const { clock, base, ends, heartbeat } = await stalled(transport);
    expect(base).toBeGreaterThan(QUEUE.softBytes);
    heartbeat.start();
    clock.advance(sendQueueSoftMs - 1);
    expect(ends).toEqual([]);
    clock.advance(1);
    expect(ends).toEqual([4415]);
  });

  it("[SD5] counts from anew once it was read", async () => {
    const { client, clock, wire, ends, resume, pause } = await stalled(transport);
    clock.advance(sendQueueSoftMs - 1);
    resume();
    await exchanged();
    client.raw(message(1));
    await exchanged();
    clock.advance(sendQueueSoftMs);
    pause();
    for (let count = 0; count < 2; count++) client.raw(message(TAKEN / 2));
    await exchanged();
    client.raw(message(1));
    expect(wire.queuedBytes).toBeGreaterThan(QUEUE.softBytes);
    expect(ends).toEqual([]);
  });

  it("[SD5] does not count one full state, whatever its size, but a second", async () => {
    const { client, clock, wire, ends, got, resume } = await stalled(transport);
    resume();
    await exchanged();
    got.length = 0;
    const state = new Uint8Array(4 * QUEUE.bytesMax).fill(14);
    client.raw(state);
    for (let patches = 0; patches < 10; patches++) client.raw(new Uint8Array(1_000).fill(15));
    clock.advance(sendQueueSoftMs * 2);
    client.raw(new Uint8Array(1_000).fill(15));
    expect(ends).toEqual([]);
    expect(wire.queuedBytes).toBeGreaterThan(QUEUE.bytesMax);
    await exchanged(400);
    expect(got.map(({ length }) => length)).toEqual([state.length, ...Array(11).fill(1_000)]);
    client.raw(state.subarray(0, TAKEN));
    client.raw(state);
    client.raw(message(1));
    expect(ends).toEqual([4415]);
  });
});

describe("a turn that sends much to a client who reads", () => {
  it("[SD5] is no sign of slowness: what waits for the turn's end only does not count", async () => {
    let taken = 0;
    // A kernel with room takes everything at once.
    const kernel = new Duplex({
      read() {},
      write(chunk: Buffer, _encoding, done) {
        taken += chunk.length;
        done();
      },
    });
    const { client, ends } = serveTcp(kernel);
    for (let count = 0; count < 20; count++) client.raw(message(50_000));
    await exchanged();
    expect([taken, ends]).toEqual([20 * 50_004, []]);
  });
});

/** Ticks with about 100 KB a second. @returns The most bytes that waited. */
async function play(slow: Slow, seconds: number, each: () => void = () => {}): Promise<number> {
  let most = 0;
  for (let tick = 0; tick < seconds * 10 && slow.ends.length === 0; tick++) {
    each();
    await slow.tick((sea) => {
      sea.winner = `${tick}`.padEnd(10_000, "x");
    });
    most = Math.max(most, slow.wire.queuedBytes);
  }
  return most;
}

describe("a client that never reads", () => {
  it.each([
    ["websocket", true],
    ["websocket", false],
    ["tcp", true],
    ["tcp", false],
  ] as const)(
    "[SD3] is cut within 12 s over %s, if it can resync: %s",
    async (transport, resyncs) => {
      const slow = await slowWorld({ transport, resyncs });
      await play(slow, 3);
      const startMs = slow.clock.nowMs();
      slow.pause();
      const most = await play(slow, 20, () => slow.talk());
      expect(slow.ends).toEqual([4415]);
      expect(slow.clock.nowMs() - startMs).toBeLessThanOrEqual(12_000);
      expect(most).toBeLessThan(QUEUE.bytesMax + 20_000);
    },
  );

  it("[SD3] is cut after 10 s also where what is sent would never fill its queue", async () => {
    const slow = await slowWorld();
    await slow.tick();
    slow.pause();
    const startMs = slow.clock.nowMs();
    for (let tick = 0; tick < 200 && slow.ends.length === 0; tick++) {
      slow.talk();
      await slow.tick();
    }
    expect(slow.ends).toEqual([4415]);
    expect(slow.clock.nowMs() - startMs).toBeGreaterThanOrEqual(tooSlowAfterMs);
    expect(slow.clock.nowMs() - startMs).toBeLessThanOrEqual(12_000);
  });

  it("[SD4] has no patches queued once its answers lag by 2 s", async () => {
    const slow = await slowWorld();
    await slow.tick();
    slow.pause();
    for (let tick = 0; tick < 45; tick++) await slow.tick();
    const queued = slow.wire.messagesSent;
    for (let tick = 0; tick < 20; tick++) await slow.tick();
    expect(slow.wire.messagesSent).toBe(queued);
    expect(slow.ends).toEqual([]);
  });
});

describe("a client for whom a full state is not enough", () => {
  const Hidden = schema(
    { tick: t.uint32().default(0), secret: t.uint8().default(0).view() },
    "Hidden",
  );
  const Kept = schema(
    { tick: t.uint32().default(0), last: t.uint8().default(0).patchOnly() },
    "Kept",
  );
  const Move = schema({ x: t.uint8().default(0) }, "Move");
  const rooms = {
    views: class extends SeaRoom {
      override state = new Hidden() as never;
      override onJoin(client: { view?: StateView }) {
        client.view = new StateView();
      }
    },
    "fields that are sent as patches only": class extends SeaRoom {
      override state = new Kept() as never;
    },
    inputs: class extends SeaRoom {
      override onCreate() {
        (this as unknown as { defineInput(type: unknown): void }).defineInput(Move);
      }
    },
  };

  it.each(Object.entries(rooms))(
    "[SD4] in a room with %s misses no patch",
    async (_what, roomClass) => {
      const slow = await slowWorld({ roomClass: roomClass as unknown as new () => Room });
      expect(slow.client.fullState?.isEnough()).toBe(false);
      const sent = slow.wire.messagesSent;
      slow.pause();
      for (let tick = 0; tick < 60; tick++) {
        (slow.room.state as unknown as { tick: number }).tick++;
        await slow.rest();
      }
      expect(slow.wire.messagesSent).toBe(sent + 60);
      for (let tick = 0; tick < 60; tick++) {
        slow.talk();
        await slow.rest();
      }
      expect(slow.ends).toEqual([4415]);
    },
  );
});

describe("full states in place of patches", () => {
  /** A client that falls behind and catches up, once. @returns What it is owed then. */
  function fallBehind(pace: Pace, clock: FakeClock) {
    pace.onPulse({ lagMs: slowAfterMs + 1, readUpToMs: 0 }, () => true);
    expect(pace.isWithheld).toBe(true);
    pace.missedPatch();
    expect(pace.resync()).toBe("no");
    clock.advance(1);
    pace.onPulse({ lagMs: 0, readUpToMs: clock.nowMs() }, () => true);
    return pace.resync();
  }

  it("[SD6] come two seconds apart at the least", () => {
    const clock = new FakeClock();
    const pace = new Pace(clock);
    expect(fallBehind(pace, clock)).toBe("now");
    expect(pace.isWithheld).toBe(false);
    expect(fallBehind(pace, clock)).toBe("wait");
    expect(pace.isWithheld).toBe(true);
    clock.advance(resyncIntervalMs - 2);
    expect(pace.resync()).toBe("wait");
    clock.advance(1);
    expect(pace.resync()).toBe("now");
    expect(pace.resync()).toBe("no");
  });

  it("[SD6] are 20 in a minute at most", () => {
    const clock = new FakeClock();
    const pace = new Pace(clock);
    const owed: string[] = [];
    for (let count = 0; count <= resyncsPerMinuteMax; count++) {
      owed.push(fallBehind(pace, clock));
      clock.advance(resyncIntervalMs);
    }
    expect(owed).toEqual([...Array(resyncsPerMinuteMax).fill("now"), "too_often"]);
    clock.advance(60_000 - resyncIntervalMs * resyncsPerMinuteMax);
    expect(pace.resync()).toBe("now");
  });

  it("[SD6] are not sent to a client that missed nothing", () => {
    const clock = new FakeClock();
    const pace = new Pace(clock);
    pace.onPulse({ lagMs: slowAfterMs + 1, readUpToMs: 0 }, () => true);
    pace.onPulse({ lagMs: 0, readUpToMs: 1 }, () => true);
    expect(pace.resync()).toBe("no");
    expect(pace.isWithheld).toBe(false);
    expect(fallBehind(pace, clock)).toBe("now");
    clock.advance(resyncIntervalMs);
    pace.onPulse({ lagMs: slowAfterMs + 1, readUpToMs: 0 }, () => true);
    pace.onPulse({ lagMs: 0, readUpToMs: clock.nowMs() }, () => true);
    expect(pace.resync()).toBe("no");
  });

  it("[SD6] need what was sent before to be read: an answer to an earlier question is not enough", () => {
    const clock = new FakeClock(10_000);
    const pace = new Pace(clock);
    pace.onPulse({ lagMs: slowAfterMs + 1, readUpToMs: 0 }, () => true);
    pace.missedPatch();
    pace.onPulse({ lagMs: 0, readUpToMs: 9_999 }, () => true);
    expect(pace.resync()).toBe("no");
    pace.onPulse({ lagMs: 0, readUpToMs: 10_000 }, () => true);
    expect(pace.resync()).toBe("now");
  });

  it("[SD6] too many of them close the client with 4415", async () => {
    const slow = await slowWorld();
    let states = 0;
    for (let round = 0; round < 25 && slow.ends.length === 0; round++) {
      // As a peer would that lags for ever, minutes in an instant.
      slow.wire.listener.onPulse({ lagMs: slowAfterMs + 1, readUpToMs: 0 });
      await slow.tick();
      slow.wire.listener.onPulse({ lagMs: 0, readUpToMs: slow.clock.nowMs() });
      await slow.tick();
      for (let rests = 0; rests < 19; rests++) await slow.rest();
      states = slow.seen.filter(({ opcode }) => opcode === 14).length - 1;
    }
    expect(slow.ends).toEqual([4415]);
    expect(states).toBe(resyncsPerMinuteMax);
  });
});
