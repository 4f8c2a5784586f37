import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CallBudget } from "../../../../server/fleet/gamelift-api/call-budget.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { never } from "./api-world.ts";

function budgetOf(callsPerSecond: number) {
  const clock = new FakeClock();
  const budget = new CallBudget(clock, callsPerSecond);
  /** When which call began, milliseconds. */
  const begun: { call: string; atMs: number }[] = [];
  const ask = async (call: string, signal = never) => {
    const mayBegin = await budget.take(signal);
    if (mayBegin) begun.push({ call, atMs: clock.nowMs() });
    return mayBegin;
  };
  return { clock, ask, begun };
}

describe("CallBudget", () => {
  it("[GA3] lets five calls begin at once and then one at a time, in the order of asking", async () => {
    const { clock, ask, begun } = budgetOf(2);
    for (let call = 1; call <= 12; call++) void ask(String(call));
    await clock.advanceAsync(10_000);
    expect(begun.map(({ call, atMs }) => `${call} at ${atMs}`)).toEqual([
      "1 at 0",
      "2 at 0",
      "3 at 0",
      "4 at 0",
      "5 at 0",
      "6 at 500",
      "7 at 1000",
      "8 at 1500",
      "9 at 2000",
      "10 at 2500",
      "11 at 3000",
      "12 at 3500",
    ]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("[GA3] saves up five calls, however long nobody asks", async () => {
    const { clock, ask, begun } = budgetOf(1);
    for (let call = 0; call < 5; call++) void ask("before");
    await clock.advanceAsync(3_600_000);
    for (let call = 0; call < 7; call++) void ask("after");
    await clock.advanceAsync(0);
    expect(begun).toHaveLength(10);
  });

  it("[GA3] turns the ninth away who would wait", async () => {
    const { clock, ask } = budgetOf(1);
    const first = Array.from({ length: 13 }, (_, call) => ask(String(call)));
    expect(await ask("one more")).toBe(false);
    await clock.advanceAsync(8_000);
    expect(await Promise.all(first)).toEqual(Array.from({ length: 13 }, () => true));
  });

  it("[GA3] costs nothing to give up", async () => {
    const { clock, ask, begun } = budgetOf(1);
    for (let call = 0; call < 5; call++) void ask("burst");
    const given = new AbortController();
    const givenUp = [ask("given up", given.signal), ask("given up", given.signal)];
    void ask("patient");
    await clock.advanceAsync(500);
    given.abort();
    expect(await Promise.all(givenUp)).toEqual([false, false]);
    expect(await ask("too late", given.signal)).toBe(false);
    await clock.advanceAsync(500);
    expect(begun.at(-1)).toEqual({ call: "patient", atMs: 1_000 });
    expect(clock.pendingTimers).toBe(0);
  });

  it("[GA3] takes nobody's turn when one who had his gives up", async () => {
    const { clock, ask, begun } = budgetOf(1);
    const given = new AbortController();
    for (let call = 0; call < 5; call++) void ask("burst", given.signal);
    void ask("patient");
    await clock.advanceAsync(0);
    given.abort();
    await clock.advanceAsync(1_000);
    expect(begun.at(-1)).toEqual({ call: "patient", atMs: 1_000 });
  });

  it("[GA3] is never exceeded and never wasted, whenever calls are asked for", async () => {
    const pauses = fc.array(fc.integer({ min: 0, max: 4_000 }), { minLength: 1, maxLength: 40 });
    const rates = fc.constantFrom(0.1, 0.3, 1, 3, 7, 20);
    await fc.assert(
      fc.asyncProperty(rates, pauses, async (callsPerSecond, waits) => {
        const { clock, ask, begun } = budgetOf(callsPerSecond);
        let asked = 0;
        for (const waitMs of waits) {
          await clock.advanceAsync(waitMs);
          void ask(String(asked)).then((mayBegin) => {
            if (!mayBegin) asked--;
          });
          asked++;
        }
        await clock.advanceAsync(200_000);
        expect(begun).toHaveLength(asked);
        const times = begun.map(({ atMs }) => atMs);
        for (const [from, fromMs] of times.entries()) {
          for (const [to, toMs] of times.entries()) {
            const most = 5 + ((toMs - fromMs) * callsPerSecond) / 1000 + 1e-6;
            expect(to - from + 1).toBeLessThanOrEqual(from <= to ? most : 1);
          }
        }
      }),
      { numRuns: 40 },
    );
  });
});
