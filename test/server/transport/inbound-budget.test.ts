import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InboundBudget } from "../../../server/transport/inbound-budget.ts";
import { TRANSPORT_LIMITS } from "../../../server/transport/limits.ts";

const { messageBurstSeconds, byteBurstSeconds } = TRANSPORT_LIMITS;
const LIMITS = { messagesPerSecond: 400, bytesPerSecond: 65_536 };

function taken(budget: InboundBudget, tries: number, bytes: number, nowMs: number): number {
  let count = 0;
  while (count < tries && budget.take(bytes, nowMs)) count++;
  return count;
}

describe("the budget of a client", () => {
  it("[TP27] has 400 messages at once, and then 400 a second", () => {
    const budget = new InboundBudget(LIMITS);
    expect(taken(budget, 1_000, 10, 5_000)).toBe(400);
    expect(taken(budget, 1_000, 10, 5_002)).toBe(0);
    expect(taken(budget, 1_000, 10, 5_002.5)).toBe(1);
    expect(taken(budget, 1_000, 10, 6_002.5)).toBe(400);
    expect(taken(budget, 1_000, 10, 9_000_000)).toBe(400);
  });

  it("[TP27] does not begin anew at the edge of any second", () => {
    const budget = new InboundBudget(LIMITS);
    expect(taken(budget, 1, 10, 0)).toBe(1);
    // A window of one second would let 399 pass here, and 400 a moment later.
    expect(taken(budget, 1_000, 10, 999)).toBe(400);
    expect(taken(budget, 1_000, 10, 1_000)).toBe(0);
    expect(taken(budget, 1_000, 10, 1_005)).toBe(2);
  });

  it("[TP38] has two seconds' worth of bytes at once, and then 65,536 a second", () => {
    const budget = new InboundBudget(LIMITS);
    expect(taken(budget, 1_000, 4_096, 5_000)).toBe(32);
    expect(budget.take(1, 5_000)).toBe(false);
    expect(budget.take(0, 5_000)).toBe(true);
    expect(taken(budget, 1_000, 4_096, 6_000)).toBe(16);
    expect(taken(budget, 1_000, 4_096, 60_000)).toBe(32);
  });

  it("[TP27] never lets more pass than was promised in any span, and wastes none", () => {
    const step = fc.record({
      waitMs: fc.double({ min: 0, max: 3_000, noNaN: true }),
      tries: fc.nat(300),
      bytes: fc.nat(400),
    });
    const limits = fc.record({
      messagesPerSecond: fc.integer({ min: 10, max: 200 }),
      bytesPerSecond: fc.integer({ min: 4_096, max: 20_000 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), limits, (steps, limits) => {
        const budget = new InboundBudget(limits);
        const passed: { nowMs: number; messages: number; bytes: number }[] = [];
        const full = [limits.messagesPerSecond, 2 * limits.bytesPerSecond] as const;
        let [messagesLeft, bytesLeft] = full;
        let nowMs = 1_000;
        for (const { waitMs, tries, bytes } of steps) {
          nowMs += waitMs;
          const messages = taken(budget, tries, bytes, nowMs);
          passed.push({ nowMs, messages, bytes: messages * bytes });
          messagesLeft += (limits.messagesPerSecond * waitMs) / 1_000;
          bytesLeft += (limits.bytesPerSecond * waitMs) / 1_000;
          messagesLeft = Math.min(full[0], messagesLeft) - messages;
          bytesLeft = Math.min(full[1], bytesLeft) - messages * bytes;
          // Nobody is refused while there is enough left.
          const isEnough = messagesLeft >= 1 + 1e-6 && bytesLeft >= bytes + 1e-3;
          if (messages < tries) expect(isEnough).toBe(false);
        }
        const perSecond = [limits.messagesPerSecond, limits.bytesPerSecond] as const;
        const most = (spanMs: number) =>
          [
            perSecond[0] * (messageBurstSeconds + spanMs / 1_000),
            perSecond[1] * (byteBurstSeconds + spanMs / 1_000),
          ] as const;
        for (const [first, { nowMs: startMs }] of passed.entries()) {
          const sum = [0, 0] as [number, number];
          for (const each of passed.slice(first)) {
            sum[0] += each.messages;
            sum[1] += each.bytes;
            const [messages, bytes] = most(each.nowMs - startMs);
            expect(sum[0]).toBeLessThanOrEqual(messages + 1e-6);
            expect(sum[1]).toBeLessThanOrEqual(bytes + 1e-3);
          }
        }
      }),
    );
  });

  it("[TP38] lets a client send at its rate for ever", () => {
    const budget = new InboundBudget(LIMITS);
    for (let sent = 0; sent < 20_000; sent++) {
      expect(budget.take(160, 7.3 + sent * 2.5)).toBe(true);
    }
  });
});
