import { describe, expect, it } from "vitest";
import { Control } from "../../../protocol/control.ts";
import { TRANSPORT_LIMITS } from "../../../server/transport/limits.ts";
import { clientPair, closeOf, exchanged, type Served, tcpPair } from "./client-pair.ts";

const PULSE = TRANSPORT_LIMITS.pulseMs;
const MESSAGE = Uint8Array.of(17, 1);

/** Lets time pass, look by look, with everything read and answered in between. */
async function pass(pair: Served, ms: number, each: (nowMs: number) => void = () => {}) {
  for (let passed = 0; passed < ms && pair.ends.length === 0; passed += PULSE) {
    pair.clock.advance(PULSE);
    each(pair.clock.nowMs());
    await exchanged(12);
  }
}

function started<T extends Served>(pair: T): T {
  pair.heartbeat.start();
  return pair;
}

const pingsOf = (got: readonly Buffer[]) => got.filter(([first]) => first === Control.PING);

describe("a connection", () => {
  it("[SD2] of which nothing is heard for 9 s is cut, over both transports", async () => {
    const silent = [
      started(await clientPair({ autoPong: false })),
      started(tcpPair({ answers: false })),
    ];
    for (const pair of silent) {
      await pass(pair, 8_500);
      expect(pair.ends).toEqual([]);
      await pass(pair, 500);
      expect(pair.ends).toEqual([1006]);
    }
  });

  it("[SD2] that answers stays, and so does one that leaves a ping out", async () => {
    const lazy = started(await clientPair({ autoPong: false }));
    let pings = 0;
    lazy.peer.on("ping", (nonce) => {
      if (++pings % 2 === 0) lazy.peer.pong(nonce);
    });
    const prompt = [started(await clientPair()), started(tcpPair()), lazy];
    for (const pair of prompt) {
      await pass(pair, 40_000);
      expect(pair.ends).toEqual([]);
    }
    expect(pings).toBeGreaterThan(10);
  });

  it("[SD2] that answers what was not asked is cut like one that is silent", async () => {
    const pair = started(await clientPair({ autoPong: false }));
    await pass(pair, 60_000, () => {
      for (const nonce of ["", "1234", "12345678"]) pair.peer.pong(nonce);
    });
    expect(pair.ends).toEqual([1006]);
    expect(pair.clock.nowMs()).toBe(TRANSPORT_LIMITS.deadAfterMs);
    const bare = started(tcpPair({ answers: false }));
    await pass(bare, 60_000, () => bare.send(Uint8Array.of(Control.PONG, 1, 2, 3, 4)));
    expect(bare.ends).toEqual([1006]);
  });

  it("[SD2] that repeats an old answer is cut: an answer counts once", async () => {
    const pair = started(await clientPair({ autoPong: false }));
    let first: Buffer | undefined;
    pair.peer.on("ping", (nonce) => {
      first ??= nonce;
    });
    await pass(pair, 60_000, () => first && pair.peer.pong(first));
    expect(pair.ends).toEqual([1006]);
    expect(pair.clock.nowMs()).toBeLessThan(14_000);
  });

  it("[SD2] is asked every 1.5 s while something is sent to it, else every 3 s", async () => {
    const [idle, busy] = [started(tcpPair()), started(tcpPair())];
    await pass(idle, 30_000);
    await pass(busy, 30_000, () => busy.client.raw(Uint8Array.of(15, 1)));
    expect(pingsOf(idle.got)).toHaveLength(10);
    expect(pingsOf(busy.got).length).toBeGreaterThan(18);
    expect(pingsOf(busy.got).length).toBeLessThanOrEqual(20);
  });

  it("[SD2] has its ping written together with the next message, or soon without one", async () => {
    const pair = started(tcpPair());
    pair.client.raw(Uint8Array.of(15, 1));
    await exchanged();
    pair.clock.advance(TRANSPORT_LIMITS.pingIntervalSendingMs);
    await exchanged();
    expect(pingsOf(pair.got)).toHaveLength(0);
    pair.client.raw(Uint8Array.of(15, 2));
    await exchanged();
    expect(pair.got.map(([first]) => first)).toEqual([15, Control.PING, 15]);
    pair.clock.advance(TRANSPORT_LIMITS.pingIntervalSendingMs);
    await exchanged();
    expect(pingsOf(pair.got)).toHaveLength(1);
    pair.clock.advance(PULSE);
    await exchanged();
    expect(pingsOf(pair.got)).toHaveLength(2);
  });
});

describe("the one timer", () => {
  it("[SD8] runs while somebody is there, sleeps when all have gone, and wakes for the next", async () => {
    const pair = tcpPair();
    const { clock, heartbeat, wire } = pair;
    expect(clock.pendingTimers).toBe(0);
    heartbeat.start();
    heartbeat.start();
    expect(clock.pendingTimers).toBe(1);
    clock.advance(10 * PULSE);
    expect(clock.pendingTimers).toBe(1);
    heartbeat.remove(wire);
    clock.advance(PULSE);
    expect(clock.pendingTimers).toBe(0);
    heartbeat.add(wire);
    expect(clock.pendingTimers).toBe(1);
    await pass(pair, TRANSPORT_LIMITS.pingIntervalMs);
    expect(pingsOf(pair.got).length).toBeGreaterThan(0);
    heartbeat.stop();
    heartbeat.add(wire);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe.each(["websocket", "tcp"] as const)(
  "what is to go with the next message, over %s",
  (transport) => {
    it("[SD2] goes with the next look if no message comes", async () => {
      const pair = started(transport === "tcp" ? tcpPair() : await clientPair());
      pair.wire.sendNext(Uint8Array.of(15, 1));
      await exchanged();
      expect(pair.got).toHaveLength(0);
      pair.clock.advance(PULSE);
      await exchanged();
      expect(pair.got.map(([first]) => first)).toEqual([15]);
    });
  },
);

describe("a client whose answers do not come", () => {
  it("[SD3] though its messages do is closed with 4415 after 10 s", async () => {
    const pair = started(await clientPair({ autoPong: false }));
    await pass(pair, 60_000, () => {
      pair.client.raw(Uint8Array.of(15, 1));
      pair.peer.send(MESSAGE);
    });
    expect(pair.ends).toEqual([4415]);
    const { tooSlowAfterMs, pingIntervalSendingMs } = TRANSPORT_LIMITS;
    expect(pair.clock.nowMs()).toBeGreaterThanOrEqual(tooSlowAfterMs);
    expect(pair.clock.nowMs()).toBeLessThanOrEqual(tooSlowAfterMs + pingIntervalSendingMs + PULSE);
  });

  it("[SD3] over TCP stays by its messages alone until its first right answer, then it must answer", async () => {
    const pair = started(tcpPair({ answers: false }));
    const talk = () => {
      pair.client.raw(Uint8Array.of(15, 1));
      pair.send(MESSAGE);
    };
    await pass(pair, 60_000, talk);
    expect(pair.ends).toEqual([]);
    const startMs = pair.clock.nowMs();
    const last = pingsOf(pair.got).at(-1) ?? Buffer.alloc(5);
    pair.send(Buffer.from([Control.PONG, ...last.subarray(1)]));
    await pass(pair, 60_000, talk);
    expect(pair.ends).toEqual([4415]);
    expect(pair.clock.nowMs() - startMs).toBeLessThan(12_000);
    await exchanged();
    expect(closeOf(pair.got)).toBe(4415);
  });
});
