import { afterEach, describe, expect, it } from "vitest";
import { Control } from "../../../protocol/control.ts";
import { closeWorlds } from "../host/match-world.ts";
import { clientPair, exchanged, type Served, tcpPair } from "./client-pair.ts";
import { randomFrom } from "./slow-world.ts";

afterEach(() => closeWorlds());

interface Pair extends Served {
  readonly got: readonly Buffer[];
  isReading(does: boolean): void;
}

async function pairOf(transport: "websocket" | "tcp"): Promise<Pair> {
  if (transport === "tcp") {
    const pair = tcpPair();
    return { ...pair, isReading: (does) => void (does ? pair.far.resume() : pair.far.pause()) };
  }
  const pair = await clientPair();
  return { ...pair, isReading: (does) => (does ? pair.peer.resume() : pair.peer.pause()) };
}

describe.each(["websocket", "tcp"] as const)("a wire over a byte stream, %s", (transport) => {
  it("[TP28] never has more waiting than it says at most, and delivers all in order, whatever sends it", async () => {
    for (let seed = 1; seed <= 12; seed++) {
      const random = randomFrom(seed);
      const { wire, got, isReading } = await pairOf(transport);
      const sent: Buffer[] = [];
      let fewest = Number.POSITIVE_INFINITY;
      const isCounted = () => [wire.queuedBytes, wire.queuedBytes];
      const turns: readonly (() => unknown)[] = [
        () => wire.flush(),
        () => wire.ping(random(1000), random(2) === 0),
        () => isReading(random(2) === 0),
        () => exchanged(random(3)),
        () => expect([wire.countQueuedBytes(), wire.queuedBytesAtMost]).toEqual(isCounted()),
      ];
      const send = () => {
        const payload = Buffer.alloc(1 + random(9000), 13 + random(3));
        sent.push(Buffer.from(payload));
        const way = (["send", "sendNext", "sendFinal"] as const)[random(3)] ?? "send";
        for (let copies = random(3); copies >= 0; copies--) {
          if (copies > 0) sent.push(Buffer.from(payload));
          wire[way](payload);
        }
        if (way !== "sendFinal") payload.fill(0);
      };
      for (let step = 0; step < 60; step++) {
        if (random(2) === 0) send();
        else await turns[random(turns.length)]?.();
        const really = wire.queuedBytes;
        const atMost = wire.queuedBytesAtMost;
        expect([seed, step, Math.max(atMost, really)]).toEqual([seed, step, atMost]);
        fewest = Math.min(fewest, really);
      }
      isReading(true);
      wire.flush();
      await exchanged(400);
      expect([seed, wire.queuedBytes, fewest]).toEqual([seed, 0, 0]);
      const messages = got.filter((payload) => payload[0] !== Control.PING);
      expect(messages.length).toBe(sent.length);
      expect(Buffer.concat(messages).equals(Buffer.concat(sent))).toBe(true);
    }
  });

  it("[TP28] frames once what nobody writes to any more, without reading it again", async () => {
    const { wire, got } = await pairOf(transport);
    const payload = Buffer.alloc(100, 13);
    wire.sendFinal(payload);
    // Whoever breaks that promise sees what it was when it was first sent.
    payload.fill(14);
    wire.sendFinal(payload);
    wire.send(payload);
    wire.flush();
    await exchanged();
    expect(got.map(([first]) => first)).toEqual([13, 13, 14]);
  });
});
