import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TRANSPORT_LIMITS } from "../../../server/transport/limits.ts";
import { type ClientPair, clientPair, exchanged } from "./client-pair.ts";

const MOST = TRANSPORT_LIMITS.messagesPerSecondMax;
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

  it("[TP27] is counted anew a second after the first, and no earlier", async () => {
    const [early, late] = [await clientPair(), await clientPair()];
    for (const [pair, waitMs] of [
      [early, 999.9],
      [late, 1000],
    ] as const) {
      await send(pair, 1);
      pair.clock.advance(500);
      await send(pair, MOST - 1);
      pair.clock.advance(waitMs - 500);
      await send(pair, 1);
    }
    expect([early.ends, late.ends]).toEqual([[4416], []]);
    await send(late, MOST - 1);
    expect(late.ends).toEqual([]);
    await send(late, 1);
    expect(late.ends).toEqual([4416]);
  });

  it("[TP27] never gets more than 400 to the room in a second, and loses none while it keeps to that", async () => {
    const step = fc.record({
      waitMs: fc.constantFrom(0, 1, 400, 600, 999, 1000, 1001, 5000),
      count: fc.constantFrom(1, 150, 200, 250, 399, 400),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 5 }), async (steps) => {
        const pair = await clientPair();
        let allowed = 0;
        let left = MOST;
        let secondStartMs = Number.NEGATIVE_INFINITY;
        let isOpen = true;
        for (const { waitMs, count } of steps) {
          pair.clock.advance(waitMs);
          await send(pair, count);
          if (!isOpen) continue;
          if (pair.clock.nowMs() - secondStartMs >= 1000) {
            secondStartMs = pair.clock.nowMs();
            left = MOST;
          }
          allowed += Math.min(count, left);
          isOpen = count <= left;
          left -= count;
        }
        expect(pair.heard).toHaveLength(allowed);
        expect(pair.ends).toEqual(isOpen ? [] : [4416]);
      }),
      { numRuns: 40 },
    );
  });
});
