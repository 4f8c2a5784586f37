import { describe, expect, it } from "vitest";
import { SESSION_LIMITS } from "../../../server/session/limits.ts";
import { Removals } from "../../../server/session/removals.ts";
import { MemoryTelemetry } from "../../../server/telemetry/memory/memory-telemetry.ts";
import { FakeClock, settle } from "../../support/fake-clock.ts";

function open(answer: (id: string, signal: AbortSignal, call: number) => Promise<void>) {
  const clock = new FakeClock();
  const telemetry = new MemoryTelemetry();
  const calls: { id: string; atMs: number }[] = [];
  const removals = new Removals({
    clock,
    telemetry,
    playerSessions: {
      accept: async () => ({ outcome: "refused" }),
      remove: (id, signal) => {
        calls.push({ id, atMs: clock.nowMs() });
        return answer(id, signal, calls.length);
      },
    },
  });
  const failures = () => telemetry.of("playerSessionRemoveFailed");
  return { clock, removals, calls, failures };
}

const done = async () => {};
const down = async () => {
  throw new Error("down");
};
const hang = () => new Promise<void>(() => {});

describe("a removal", () => {
  it("[SE20] is made once for an id, however often it is asked for", async () => {
    const { clock, removals, calls } = open(done);
    for (const id of ["a", "b", "a"]) removals.remove(id);
    await removals.settle(1_000);
    removals.remove("a");
    await clock.advanceAsync(60_000);
    expect(calls.map(({ id }) => id)).toEqual(["a", "b"]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("[SE21] that fails is tried again after 0.5 s, then twice as long each time, six times in all", async () => {
    const { clock, removals, calls, failures } = open(down);
    removals.remove("a");
    await clock.advanceAsync(14_999);
    expect(failures()).toEqual([]);
    await clock.advanceAsync(60_000);
    expect(calls.map(({ atMs }) => atMs)).toEqual([0, 500, 1_500, 3_500, 7_500, 15_500]);
    expect(calls).toHaveLength(SESSION_LIMITS.removeTriesMax);
    expect(failures()).toMatchObject([
      { playerSessionHash: expect.stringMatching(/^[0-9a-f]{8}$/) },
    ]);
    expect(JSON.stringify(failures())).not.toContain('"a"');
  });

  it("[SE21] that succeeds at last is no failure", async () => {
    const { clock, removals, calls, failures } = open((_id, _signal, call) =>
      call < 3 ? down() : done(),
    );
    removals.remove("a");
    await clock.advanceAsync(60_000);
    expect([calls.length, failures().length]).toEqual([3, 0]);
  });

  it("[SE21] without an answer is given up after 2 s and tried again, also if it ignores its signal", async () => {
    const { clock, removals, calls } = open((_id, _signal, call) => (call === 1 ? hang() : done()));
    removals.remove("a");
    await clock.advanceAsync(SESSION_LIMITS.removeTimeoutMs + SESSION_LIMITS.removeRetryMs);
    expect(calls.map(({ atMs }) => atMs)).toEqual([0, 2_500]);
  });
});

describe("settling removals", () => {
  it("[SE22] waits for what was asked for, and leaves no timer", async () => {
    const { clock, removals, calls } = open((_id, _signal, call) => (call === 1 ? down() : done()));
    removals.remove("a");
    let isSettled = false;
    void removals.settle(5_000).then(() => {
      isSettled = true;
    });
    await clock.advanceAsync(499);
    expect(isSettled).toBe(false);
    await clock.advanceAsync(1);
    expect([isSettled, calls.length, clock.pendingTimers]).toEqual([true, 2, 0]);
  });

  it.each([
    ["fail", down],
    ["hang", hang],
  ])("[SE22] gives up at the deadline on those that %s, and says so", async (_what, answer) => {
    const { clock, removals, failures } = open(answer);
    for (const id of ["a", "b"]) removals.remove(id);
    let isSettled = false;
    void removals.settle(1_000).then(() => {
      isSettled = true;
    });
    await clock.advanceAsync(999);
    expect(isSettled).toBe(false);
    await clock.advanceAsync(1);
    expect([isSettled, failures().length, clock.pendingTimers]).toEqual([true, 2, 0]);
  });

  it("[SE22] still makes a removal that is asked for after it settled: a late yes", async () => {
    const { clock, removals, calls, failures } = open(done);
    removals.remove("a");
    await removals.settle(1_000);
    removals.remove("b");
    await settle();
    await clock.advanceAsync(60_000);
    expect(calls.map(({ id }) => id)).toEqual(["a", "b"]);
    expect(failures()).toEqual([]);
  });

  it("[SE22] may be asked again, with less time", async () => {
    const { clock, removals, failures } = open(hang);
    removals.remove("a");
    const settled = removals.settle(10_000);
    void removals.settle(100);
    await clock.advanceAsync(100);
    await settled;
    expect(failures()).toHaveLength(1);
  });
});
