import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CancelTimer } from "../../../server/clock.ts";
import { HOST_LIMITS } from "../../../server/host/limits.ts";
import { TickLoop } from "../../../server/host/tick-loop.ts";
import { FakeClock } from "../../support/fake-clock.ts";

/** Timers as they are: in whole milliseconds, a fraction early, or late. */
class CoarseClock extends FakeClock {
  offsetsMs: readonly number[] = [0];
  #timers = 0;
  #stalledMs = 0;

  /** Time passes and no timer is served, as in a long garbage collection. */
  stall(forMs: number): void {
    this.#stalledMs += forMs;
  }

  override nowMs(): number {
    return super.nowMs() + this.#stalledMs;
  }

  override wallMs(): number {
    // Somebody sets the clock, back and forth.
    return super.wallMs() + (this.#timers % 2 === 0 ? -86_400_000 : 86_400_000);
  }

  override after(delayMs: number, fire: () => void): CancelTimer {
    const offsetMs = this.offsetsMs[this.#timers++ % this.offsetsMs.length] ?? 0;
    const coarseMs = Math.ceil(delayMs) + offsetMs;
    // However early, some time passes before a timer that is armed again.
    return super.after(offsetMs < 0 ? Math.max(coarseMs, 0.05) : coarseMs, fire);
  }
}

function open(tickRateHz: number, startMs = 0) {
  const clock = new CoarseClock(startMs);
  const steps: number[] = [];
  const overruns: { lateMs: number; droppedTicks: number }[] = [];
  const ran: { durationMs: number; lateMs: number; intervalMs: number }[] = [];
  const hooks = { onTick: () => {} };
  const loop = new TickLoop({
    clock,
    tickRateHz,
    onTick: () => {
      steps.push(clock.nowMs());
      hooks.onTick();
    },
    onOverrun: (lateMs, droppedTicks) => overruns.push({ lateMs, droppedTicks }),
    onRan: (durationMs, lateMs, intervalMs) => ran.push({ durationMs, lateMs, intervalMs }),
  });
  return { clock, loop, steps, overruns, ran, hooks };
}

const RATES = [10, 30, 60, 128];

describe("the n-th step", () => {
  it.each(RATES)("[TK1] is due n periods after the start, after hours at %i Hz, too", (rate) => {
    const { clock, loop, steps } = open(rate, 1e9 + 0.7);
    loop.start();
    clock.advance(3_600_000);
    // The last one is due in this very moment, and its timer may be a rounding away.
    clock.advance(1);
    expect(steps).toHaveLength(3_600 * rate);
  });

  it("[TK1] is never early and never waits a period, however timers are off and the wall clock jumps", () => {
    const offset = fc.double({ min: -1, max: 7, noNaN: true });
    fc.assert(
      fc.property(
        fc.constantFrom(...RATES),
        fc.array(offset, { minLength: 1, maxLength: 20 }),
        fc.double({ min: 0, max: 1e9, noNaN: true }),
        (rate, offsetsMs, startMs) => {
          const { clock, loop, steps, overruns } = open(rate, startMs);
          clock.offsetsMs = offsetsMs;
          loop.start();
          clock.advance(2_000);
          const lateMs = steps.map((atMs, index) => atMs - startMs - ((index + 1) * 1000) / rate);
          expect(Math.min(...lateMs)).toBeGreaterThan(-1e-6);
          expect(Math.max(...lateMs)).toBeLessThan(1000 / rate + 10);
          expect(steps.length).toBeGreaterThanOrEqual(Math.floor(((2_000 - 10) * rate) / 1000) - 1);
          expect(overruns).toEqual([]);
        },
      ),
    );
  });

  it("[TK2] runs at once after a stall, five at most; the rest is dropped and told", () => {
    const stallTicks = fc.integer({ min: 0, max: 200 });
    fc.assert(
      fc.property(fc.constantFrom(...RATES), stallTicks, (rate, backlog) => {
        const periodMs = 1000 / rate;
        const { clock, loop, steps, overruns } = open(rate);
        loop.start();
        clock.stall((backlog + 0.5) * periodMs);
        // The timer of the first step is served now.
        clock.advance(Math.ceil(periodMs));
        const dueTicks = Math.floor(clock.nowMs() / periodMs);
        const ran = Math.min(dueTicks, HOST_LIMITS.catchUpTicksMax);
        expect(steps).toHaveLength(ran);
        expect(overruns.map(({ droppedTicks }) => droppedTicks)).toEqual(
          dueTicks > ran ? [dueTicks - ran] : [],
        );
        for (const { lateMs } of overruns) expect(lateMs).toBeCloseTo(clock.nowMs() - periodMs);
      }),
    );
  });

  it("[TK2] keeps to the same raster after a stall", () => {
    const { clock, loop, steps } = open(10);
    loop.start();
    clock.stall(1_050);
    clock.advance(100);
    expect(steps).toHaveLength(HOST_LIMITS.catchUpTicksMax);
    clock.advance(250);
    expect(steps.slice(HOST_LIMITS.catchUpTicksMax)).toEqual([1_200, 1_300, 1_400]);
  });

  it("[TK2] is made up for when steps themselves take too long", () => {
    const { clock, loop, steps, overruns, hooks } = open(10);
    hooks.onTick = () => {
      if (steps.length === 1) clock.stall(350);
    };
    loop.start();
    clock.advance(100);
    expect(steps).toEqual([100, 450, 450, 450]);
    expect(overruns).toEqual([]);
  });
});

describe("the progress of a loop", () => {
  it("[HE6] is its state, the steps it ran and those it dropped", () => {
    const { clock, loop, steps, overruns } = open(10);
    expect(loop.progress).toEqual({ state: "idle", ranTicks: 0, droppedTicks: 0 });
    loop.start();
    clock.advance(1_000);
    expect(loop.progress).toEqual({ state: "running", ranTicks: 10, droppedTicks: 0 });
    clock.stall(1_200);
    clock.advance(1_000);
    const { ranTicks, droppedTicks } = loop.progress;
    expect([ranTicks, droppedTicks]).toEqual([steps.length, overruns[0]?.droppedTicks]);
    expect([overruns.length, ranTicks + droppedTicks]).toEqual([1, 32]);
    loop.stop();
    expect(loop.progress).toEqual({ state: "stopped", ranTicks, droppedTicks });
  });

  it("[HE6] counts no step of a backlog that was not run", () => {
    const { clock, loop, hooks } = open(10);
    hooks.onTick = () => loop.stop();
    loop.start();
    clock.stall(400);
    clock.advance(1_000);
    expect(loop.progress).toEqual({ state: "stopped", ranTicks: 1, droppedTicks: 0 });
  });
});

describe("starting and stopping", () => {
  it("[TK3] runs nothing before the start, and its first step one period after it", () => {
    const { clock, loop, steps } = open(10);
    clock.advance(1_000);
    loop.start();
    clock.advance(99);
    expect(steps).toEqual([]);
    clock.advance(1);
    expect(steps).toEqual([1_100]);
  });

  it("[TK3] is not started twice", () => {
    const { clock, loop, steps } = open(10);
    loop.start();
    clock.advance(50);
    loop.start();
    clock.advance(150);
    expect(steps).toEqual([100, 200]);
    expect(clock.pendingTimers).toBe(1);
  });

  it("[TK3] runs no further step of a backlog when a step stops it", () => {
    const { clock, loop, steps, hooks } = open(10);
    hooks.onTick = () => loop.stop();
    loop.start();
    clock.stall(400);
    clock.advance(10_000);
    expect(steps).toHaveLength(1);
    expect(clock.pendingTimers).toBe(0);
  });

  it("[TK3] is over once it was stopped, also when somebody starts it again", () => {
    const { clock, loop, steps, hooks } = open(10);
    hooks.onTick = () => {
      loop.stop();
      loop.start();
    };
    loop.start();
    clock.stall(400);
    clock.advance(10_000);
    loop.start();
    clock.advance(10_000);
    expect(steps).toHaveLength(1);
    expect(clock.pendingTimers).toBe(0);
  });

  it("[TK3] is over when it is stopped before it started", () => {
    const { clock, loop, steps } = open(10);
    loop.stop();
    loop.start();
    clock.advance(1_000);
    expect(steps).toEqual([]);
  });
});

describe("a step that was made", () => {
  it("[TM1] is told with duration, lateness and distance, in a backlog, too", () => {
    const { clock, loop, ran, hooks } = open(10);
    loop.start();
    hooks.onTick = () => clock.stall(3);
    clock.advance(100);
    hooks.onTick = () => {};
    clock.stall(250);
    clock.advance(100);
    // The second and the third were due at 200 and 300 ms; both ran when the timer came.
    expect(ran.map(({ durationMs }) => durationMs)).toEqual([3, 0, 0, 0]);
    const [first, second, third, fourth] = ran;
    expect(first).toEqual({ durationMs: 3, lateMs: 0, intervalMs: 0 });
    expect(second?.lateMs).toBeGreaterThanOrEqual(250);
    expect((second?.lateMs ?? 0) - (third?.lateMs ?? 0)).toBeCloseTo(100);
    expect((third?.lateMs ?? 0) - (fourth?.lateMs ?? 0)).toBeCloseTo(100);
    expect(second?.intervalMs).toBeGreaterThanOrEqual(350);
    expect([third?.intervalMs, fourth?.intervalMs]).toEqual([0, 0]);
  });
});
