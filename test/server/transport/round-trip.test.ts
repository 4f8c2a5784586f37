import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Control } from "../../../protocol/control.ts";
import { TRANSPORT_LIMITS } from "../../../server/transport/limits.ts";
import { RoundTrip } from "../../../server/transport/round-trip.ts";
import { clientPair, exchanged, type Served, tcpPair } from "./client-pair.ts";

const { pulseMs, pingIntervalSendingMs, firstPingMs, roundTripMsMax } = TRANSPORT_LIMITS;
const PATCH = Uint8Array.of(15, 1);

/** Asks and hears the answer so many milliseconds after the question was written. */
function taking(roundTrip: RoundTrip, tookMs: number, nonce = 1): void {
  roundTrip.asked(nonce);
  roundTrip.written(1_000);
  roundTrip.answered(nonce, 1_000 + tookMs);
}

describe("a round trip", () => {
  it("[LC11] is the median of the last five answers, whole, and a second at most", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1_500, noNaN: true })), (answers) => {
        const roundTrip = new RoundTrip();
        expect(roundTrip.medianMs).toBeUndefined();
        answers.forEach((tookMs, at) => {
          taking(roundTrip, tookMs, at);
          const few = answers.slice(Math.max(0, at - 4), at + 1).sort((a, b) => a - b);
          const middle = few[Math.ceil(few.length / 2) - 1] ?? Number.NaN;
          const medianMs = roundTrip.medianMs ?? Number.NaN;
          // The clock's thousand in front takes some bits of the fraction.
          expect(Math.abs(medianMs - Math.min(1_000, middle))).toBeLessThanOrEqual(0.5 + 1e-9);
          expect(Number.isInteger(medianMs)).toBe(true);
        });
      }),
    );
  });

  it("[LC11] is not moved by two answers in five that something held up", () => {
    const roundTrip = new RoundTrip();
    for (const tookMs of [40, 900, 42, 900, 41]) taking(roundTrip, tookMs);
    expect(roundTrip.medianMs).toBe(42);
  });

  it("[LC10] is of the last question alone, and of its first answer", () => {
    const roundTrip = new RoundTrip();
    roundTrip.answered(undefined, 5);
    roundTrip.asked(7);
    roundTrip.answered(7, 10);
    expect(roundTrip.medianMs).toBeUndefined();
    roundTrip.written(100);
    roundTrip.asked(8);
    roundTrip.written(200);
    roundTrip.answered(7, 220);
    expect(roundTrip.medianMs).toBeUndefined();
    roundTrip.answered(8, 230);
    for (let times = 0; times < 3; times++) roundTrip.answered(8, 900);
    roundTrip.answered(undefined, 900);
    expect(roundTrip.medianMs).toBe(30);
  });
});

interface Peer extends Served {
  /** Nonces that came and have not been answered. */
  readonly asked: Buffer[];
  answer(): void;
}

const pingsOf = (got: readonly Buffer[]) => got.filter(([first]) => first === Control.PING);

async function quietPeer(transport: "websocket" | "tcp"): Promise<Peer> {
  if (transport === "websocket") {
    const asked: Buffer[] = [];
    const pair = await clientPair({ autoPong: false });
    pair.peer.on("ping", (nonce) => asked.push(nonce));
    return { ...pair, asked, answer: () => pair.peer.pong(asked.shift()) };
  }
  const pair = tcpPair({ answers: false });
  let answered = 0;
  return {
    ...pair,
    get asked() {
      return pingsOf(pair.got).slice(answered);
    },
    answer() {
      const ping = pingsOf(pair.got)[answered++] ?? Buffer.alloc(5);
      pair.send(Buffer.from([Control.PONG, ...ping.subarray(1)]));
    },
  };
}

describe.each(["websocket", "tcp"] as const)("the round trip of a client over %s", (transport) => {
  async function asked(): Promise<Peer> {
    const peer = await quietPeer(transport);
    peer.heartbeat.start();
    peer.client.raw(PATCH);
    await exchanged();
    peer.clock.advance(pingIntervalSendingMs);
    await exchanged();
    return peer;
  }

  it("[LC10] begins when its ping is written, with the next patch, and ends when the answer is read", async () => {
    const peer = await asked();
    peer.clock.advance(30);
    expect(peer.asked).toHaveLength(0);
    peer.client.raw(PATCH);
    await exchanged();
    expect(peer.asked).toHaveLength(1);
    peer.clock.advance(80);
    expect(peer.client.roundTripMs).toBeUndefined();
    peer.answer();
    await exchanged();
    expect(peer.client.roundTripMs).toBe(80);
    // The look that comes later finds an answer, and measures nothing.
    peer.clock.advance(pulseMs);
    expect(peer.client.roundTripMs).toBe(80);
  });

  it("[LC10] is none without an answer, or with one that was not asked for", async () => {
    const peer = await asked();
    peer.clock.advance(pulseMs);
    await exchanged();
    expect(peer.asked).toHaveLength(1);
    const [question] = peer.asked;
    question?.writeUInt8(question.readUInt8(question.length - 1) ^ 1, question.length - 1);
    peer.answer();
    await exchanged();
    expect(peer.client.roundTripMs).toBeUndefined();
  });

  it("[LC13] is a second for a client that answers later than that, always", async () => {
    const peer = await asked();
    const told = new Set<number | undefined>();
    let waitedMs = 0;
    for (let passedMs = 0; passedMs < 12_000; passedMs += 100) {
      peer.clock.advance(100);
      peer.client.raw(PATCH);
      await exchanged(12);
      waitedMs = peer.asked.length > 0 ? waitedMs + 100 : 0;
      if (waitedMs < 1_200) continue;
      peer.answer();
      await exchanged(12);
      told.add(peer.client.roundTripMs);
    }
    expect([...told]).toEqual([roundTripMsMax]);
    expect(peer.ends).toEqual([]);
  });

  it("[LC12] is asked for within a second of the join, and not with it", async () => {
    const peer = await quietPeer(transport);
    peer.heartbeat.start();
    peer.heartbeat.joined(peer.wire);
    peer.client.raw(PATCH);
    await exchanged();
    expect(peer.asked).toHaveLength(0);
    for (let passedMs = 0; passedMs < firstPingMs + pulseMs; passedMs += 50) {
      peer.clock.advance(50);
      peer.client.raw(PATCH);
      await exchanged(12);
    }
    expect(peer.asked).toHaveLength(1);
    peer.answer();
    await exchanged();
    expect(peer.client.roundTripMs).toBeDefined();
    // Then as for everybody.
    for (let passedMs = 0; passedMs < 1_000; passedMs += 50) {
      peer.clock.advance(50);
      peer.client.raw(PATCH);
      await exchanged(12);
    }
    expect(peer.asked).toHaveLength(0);
  });
});
