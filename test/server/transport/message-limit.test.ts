import { describe, expect, it } from "vitest";
import { TRANSPORT_LIMITS } from "../../../server/transport/limits.ts";
import { CLIENT_LIMITS } from "../../support/client-limits.ts";
import { type ClientPair, clientPair, exchanged, tcpPair } from "./client-pair.ts";

const MOST = CLIENT_LIMITS.messagesPerSecond;
const KINDS = ["message", "ping", "pong"] as const;

async function send(
  { peer }: ClientPair,
  count: number,
  kind: (typeof KINDS)[number] = "message",
): Promise<void> {
  for (let sent = 0; sent < count; sent++) {
    if (kind === "message") peer.send(Uint8Array.of(17, sent & 255));
    else peer[kind]();
    // The socket itself cuts a peer for whom too many answers to pings wait.
    if (sent % 20 === 19) await exchanged();
  }
  await exchanged();
}

describe("a client that sends much", () => {
  it.each(KINDS)(
    "[TP27] may send 400 within a second, and is closed with the next %s",
    async (kind) => {
      const pair = await clientPair();
      await send(pair, MOST, kind);
      expect(pair.ends).toEqual([]);
      await send(pair, 1, kind);
      expect(pair.ends).toEqual([4416]);
      expect(await pair.closed).toEqual({ code: 4416, reason: "too_many_messages" });
      expect(pair.heard).toHaveLength(kind === "message" ? MOST : 0);
    },
  );

  it("[TP27] has messages, pings and pongs counted together", async () => {
    const pair = await clientPair();
    for (const kind of KINDS) await send(pair, MOST / 4, kind);
    await send(pair, MOST / 4);
    expect(pair.ends).toEqual([]);
    await send(pair, 1, "pong");
    expect(pair.ends).toEqual([4416]);
  });

  it("[TP27] earns 400 a second, and is closed with the first above that", async () => {
    const pair = await clientPair();
    await send(pair, MOST);
    pair.clock.advance(500);
    await send(pair, MOST / 2);
    expect(pair.ends).toEqual([]);
    pair.clock.advance(10_000);
    await send(pair, MOST);
    expect(pair.ends).toEqual([]);
    pair.clock.advance(2);
    await send(pair, 1);
    expect(pair.ends).toEqual([4416]);
    expect(pair.heard).toHaveLength(2.5 * MOST);
  });

  it("[TP38] may send two seconds' worth of bytes at once, over both transports", async () => {
    const { messageBytesMax, byteBurstSeconds } = TRANSPORT_LIMITS;
    const whole = Buffer.alloc(messageBytesMax, 17);
    const count = (CLIENT_LIMITS.bytesPerSecond * byteBurstSeconds) / messageBytesMax;
    const ws = await clientPair();
    const tcp = tcpPair();
    for (const [pair, say] of [
      [ws, (bytes: Buffer) => ws.peer.send(bytes)],
      [tcp, (bytes: Buffer) => tcp.send(bytes)],
    ] as const) {
      for (let sent = 0; sent < count; sent++) {
        say(whole);
        await exchanged(5);
      }
      await exchanged();
      expect([pair.heard.length, pair.ends]).toEqual([count, []]);
      // What brings no bytes along is still heard.
      pair.clock.advance(0.5);
      say(Buffer.of(18));
      await exchanged();
      expect(pair.ends).toEqual([]);
      say(Buffer.alloc(100, 17));
      await exchanged();
      expect([pair.heard.length, pair.ends]).toEqual([count + 1, [4416]]);
    }
  });
});

describe("a client that sends nothing", () => {
  const { idleMs } = CLIENT_LIMITS;
  const { pulseMs } = TRANSPORT_LIMITS;

  /** Its heartbeat runs, and it answers; `each` is called at every look. */
  async function pass(pair: ClientPair, ms: number, each: (nowMs: number) => void = () => {}) {
    const endMs = pair.clock.nowMs() + ms;
    while (pair.clock.nowMs() < endMs && pair.ends.length === 0) {
      pair.clock.advance(Math.min(pulseMs, endMs - pair.clock.nowMs()));
      each(pair.clock.nowMs());
      await exchanged(4);
    }
  }

  async function joined(limits = CLIENT_LIMITS): Promise<ClientPair> {
    const pair = await clientPair({ limits });
    pair.heartbeat.start();
    pair.peer.send(Uint8Array.of(10));
    await exchanged();
    return pair;
  }

  const SHORT = { ...CLIENT_LIMITS, idleMs: 20_000 };

  it("[TP39] is closed with 4417 after 15 minutes, and told why", async () => {
    const pair = await joined();
    await pass(pair, idleMs - pulseMs);
    expect(pair.ends).toEqual([]);
    await pass(pair, 2 * pulseMs);
    expect([pair.ends, pair.roomCloses]).toEqual([[4417], [4417]]);
    expect(await pair.closed).toEqual({ code: 4417, reason: "idle" });
  });

  it("[TP39] is not saved by pings, pongs and further acknowledgements", async () => {
    const pair = await joined(SHORT);
    await pass(pair, 60_000, () => {
      pair.peer.send(Uint8Array.of(18));
      pair.peer.send(Uint8Array.of(10));
      pair.peer.ping();
      pair.peer.pong();
    });
    expect(pair.ends).toEqual([4417]);
    expect(pair.clock.nowMs()).toBe(20_000);
  });

  it("[TP39] has its time anew from each message", async () => {
    const pair = await joined(SHORT);
    for (let message = 0; message < 3; message++) {
      await pass(pair, 19_000);
      pair.peer.send(Uint8Array.of(17, 1));
      await exchanged();
    }
    await pass(pair, 19_500);
    expect(pair.ends).toEqual([]);
    await pass(pair, 500);
    expect(pair.ends).toEqual([4417]);
  });

  it("[TP39] has no time that runs before it has joined, nor with 0", async () => {
    const early = await clientPair({ limits: SHORT });
    early.heartbeat.start();
    const lasting = await joined({ ...SHORT, idleMs: 0 });
    for (const pair of [early, lasting]) {
      await pass(pair, 60_000);
      expect(pair.ends).toEqual([]);
    }
  });
});
