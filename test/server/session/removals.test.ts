import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import type { Removal } from "../../../server/fleet/fleet.ts";
import { SESSION_LIMITS } from "../../../server/session/limits.ts";
import { Removals } from "../../../server/session/removals.ts";
import { MemoryTelemetry } from "../../../server/telemetry/memory/memory-telemetry.ts";
import { FakeClock, settle } from "../../support/fake-clock.ts";
import { hang } from "./life-world.ts";

const { removeRetryMs, removeRetryMsMax, removesInFlightMax } = SESSION_LIMITS;
const HOUR_MS = 3_600_000;

function open(answer: (id: string, signal: AbortSignal, call: number) => Promise<Removal>) {
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
  return { clock, telemetry, removals, calls, failures };
}

const done = async (): Promise<Removal> => ({ outcome: "removed" });
const refused = async (): Promise<Removal> => ({ outcome: "refused" });
const down = async (): Promise<Removal> => ({ outcome: "unavailable", cause: new Error("down") });

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

  it("[SE21] that fails is tried again after 0.5 s, then twice as long each time, at most 5 s", async () => {
    const { clock, removals, calls } = open(down);
    removals.remove("a");
    await clock.advanceAsync(20_000);
    expect(calls.map(({ atMs }) => atMs)).toEqual([0, 500, 1_500, 3_500, 7_500, 12_500, 17_500]);
    expect(removeRetryMsMax).toBe(5_000);
  });

  it("[SE21] is kept through an hour without the fleet, and made once afterwards", async () => {
    let isDown = true;
    let given: AbortSignal | undefined;
    const { clock, removals, calls, failures } = open((_id, signal) => {
      given = signal;
      return isDown ? down() : done();
    });
    for (let number = 0; number < 50; number++) removals.remove(`id-${number}`);
    await clock.advanceAsync(HOUR_MS);
    isDown = false;
    calls.length = 0;
    await clock.advanceAsync(removeRetryMsMax);
    expect(calls.map(({ id }) => id).sort()).toEqual(
      Array.from({ length: 50 }, (_, number) => `id-${number}`).sort(),
    );
    await clock.advanceAsync(60_000);
    expect([calls.length, failures(), clock.pendingTimers]).toEqual([50, [], 0]);
    expect(getEventListeners(given as AbortSignal, "abort")).toEqual([]);
  });

  it("[SE21] also when the adapter breaks its promise and rejects", async () => {
    const { clock, removals, calls } = open((_id, _signal, call) =>
      call === 1 ? Promise.reject(new Error("broken adapter")) : done(),
    );
    removals.remove("a");
    await clock.advanceAsync(removeRetryMs);
    expect([calls.length, clock.pendingTimers]).toEqual([2, 0]);
  });

  it("[SE21] that failed is told by its kind, never by its id", async () => {
    const { removals, telemetry } = open(down);
    removals.remove("psess-secret");
    await settle();
    expect(telemetry.of("fleetCallFailed")).toMatchObject([{ action: "remove_player_session" }]);
    expect(JSON.stringify(telemetry.events)).not.toContain("psess-secret");
  });

  it("[SE23] that the fleet refuses is over, and is told only if no earlier try may have been heard", async () => {
    const { clock, removals, calls, failures } = open(refused);
    removals.remove("psess-a");
    await clock.advanceAsync(60_000);
    expect([calls.length, clock.pendingTimers]).toEqual([1, 0]);
    expect(failures()).toMatchObject([
      { playerSessionHash: expect.stringMatching(/^[0-9a-f]{8}$/) },
    ]);
    expect(JSON.stringify(failures())).not.toContain("psess-a");
    const lost = open((_id, _signal, call) => (call === 1 ? down() : refused()));
    lost.removals.remove("a");
    await lost.clock.advanceAsync(60_000);
    expect([lost.calls.length, lost.failures()]).toEqual([2, []]);
  });

  it("[SE24] is not sent again while an earlier call has no answer, however long that takes", async () => {
    const answer = Promise.withResolvers<Removal>();
    const { clock, removals, calls } = open((_id, _signal, call) =>
      call === 1 ? answer.promise : done(),
    );
    removals.remove("a");
    await clock.advanceAsync(HOUR_MS);
    expect(calls).toHaveLength(1);
    answer.resolve(await down());
    await clock.advanceAsync(removeRetryMs);
    expect(calls.map(({ atMs }) => atMs)).toEqual([0, HOUR_MS + removeRetryMs]);
  });

  it("[SE25] waits for its turn while 16 calls have no answer, and each is asked for in order", async () => {
    const answers: ((removal: Removal) => void)[] = [];
    const { removals, calls } = open(() => new Promise((resolve) => answers.push(resolve)));
    const ids = Array.from({ length: 1_024 }, (_, number) => `id-${number}`);
    const early = ids.slice(0, 100);
    for (const id of early) removals.remove(id);
    await settle();
    expect(calls).toHaveLength(removesInFlightMax);
    for (let at = 0; at < ids.length; at++) {
      if (at === 50) for (const id of ids.slice(100)) removals.remove(id);
      await settle();
      expect(calls.length - at).toBeLessThanOrEqual(removesInFlightMax);
      answers[at]?.({ outcome: "removed" });
      await settle();
    }
    expect(calls.map(({ id }) => id)).toEqual(ids);
  });

  it("[SE26] is tried at once when the fleet can be spoken to again", async () => {
    let isDown = true;
    const { clock, removals, calls } = open(() => (isDown ? down() : done()));
    removals.remove("a");
    await clock.advanceAsync(8_000);
    const before = calls.length;
    removals.wake();
    await settle();
    expect(calls).toHaveLength(before + 1);
    await clock.advanceAsync(removeRetryMsMax - 1);
    expect(calls).toHaveLength(before + 1);
    isDown = false;
    removals.wake();
    await settle();
    expect([calls.length, clock.pendingTimers]).toEqual([before + 2, 0]);
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
    const signals: AbortSignal[] = [];
    const { clock, removals, failures } = open((_id, signal) => {
      signals.push(signal);
      return answer();
    });
    const many = removesInFlightMax + 2;
    for (let number = 0; number < many; number++) removals.remove(`id-${number}`);
    let isSettled = false;
    void removals.settle(1_000).then(() => {
      isSettled = true;
    });
    await clock.advanceAsync(999);
    expect([isSettled, signals.some(({ aborted }) => aborted)]).toEqual([false, false]);
    await clock.advanceAsync(1);
    expect([isSettled, failures().length, clock.pendingTimers]).toEqual([true, many, 0]);
    expect(signals.every(({ aborted }) => aborted)).toBe(true);
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
