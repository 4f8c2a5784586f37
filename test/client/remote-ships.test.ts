import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ArenaNews, ShipNews } from "../../client/arena/arena-news.ts";
import { RemoteShips, shortTurn } from "../../client/arena/remote-ships.ts";
import { TIMING_LIMITS } from "../../client/limits.ts";

const TICK_RATE_HZ = 30;
const TICK_MS = 1000 / TICK_RATE_HZ;
const SPEED_MAX = 14;
const OWN_SEAT = 9;
const FRAME_MS = 1000 / 60;

function ship(x: number, more: Partial<ShipNews> = {}): ShipNews {
  return { seat: 1, x, y: 0, vx: 0, vy: 0, angle: 0, health: 100, ack: 0, ...more };
}

function news(tick: number, ships: readonly ShipNews[], more: Partial<ArenaNews> = {}): ArenaNews {
  return { tick, ships, isWhole: false, shipsGone: [], shots: [], shotsGone: [], ...more };
}

const fresh = (): RemoteShips => new RemoteShips(TICK_RATE_HZ, SPEED_MAX, OWN_SEAT);
const whole = { isWhole: true };

describe("ships of others", () => {
  test("[CL5] are shown between the two reports around the tick that is shown", () => {
    const ships = fresh();
    ships.take(news(10, [ship(0)]));
    ships.take(news(11, [ship(0.3)]));
    expect(ships.show(10.5, 0).get(1)?.x).toBeCloseTo(0.15, 9);
  });

  test("[CL5] go on as they last moved where nothing is said, and never without end", () => {
    const ships = fresh();
    ships.take(news(10, [ship(0, { vx: 3 })]));
    ships.take(news(20, []));
    // Silence up to tick 20 says that it moved as before.
    expect(ships.show(20, 0).get(1)?.x).toBeCloseTo(1, 9);
    const boundTicks = (TIMING_LIMITS.extrapolateMs * TICK_RATE_HZ) / 1000;
    expect(ships.show(1_000, 60_000).get(1)?.x).toBeCloseTo((10 + boundTicks) * 0.1, 9);
  });

  test("[FE4] that are told of at a quarter of the rate take the whole way from one report to the next", () => {
    const ships = fresh();
    ships.take(news(10, [ship(0, { vx: 3 })]));
    // It was thought to be at 0.4 by then.
    ships.take(news(14, [ship(0.8, { vx: 3 })]));
    const steps = [10, 11, 12, 13, 14].map((tick) => ships.show(tick, tick * TICK_MS).get(1)?.x);
    expect(steps.map((x) => x?.toFixed(3))).toEqual(["0.000", "0.200", "0.400", "0.600", "0.800"]);
  });

  test("[FE4] that were silent for long turn to a report in its last ticks alone", () => {
    const ships = fresh();
    ships.take(news(10, [ship(0, { vx: 3 })]));
    ships.take(news(30, [ship(2.2, { vx: 3 })]));
    expect(ships.show(26, 0).get(1)?.x).toBeCloseTo(1.6, 9);
    expect(ships.show(28, 67).get(1)?.x).toBeCloseTo(1.9, 9);
  });

  test("[FE4] that went another way than was thought come back to it little by little", () => {
    const ships = fresh();
    ships.take(news(10, [ship(0, { vx: 6 })]));
    const steps: number[] = [];
    let before = ships.show(12, 0).get(1)?.x ?? Number.NaN;
    // Half of the way to the new place has been shown already when it is told of.
    ships.take(news(14, [ship(1.2, { vx: 6 })]));
    for (let frame = 1; frame <= 60; frame++) {
      const nowMs = frame * FRAME_MS;
      const x = ships.show(12 + nowMs / TICK_MS, nowMs).get(1)?.x ?? Number.NaN;
      steps.push(((x - before) * 1000) / FRAME_MS);
      before = x;
    }
    expect(Math.max(...steps)).toBeLessThan(13);
    expect(steps[0]).toBeLessThan(11);
    // Extrapolated as far as that goes.
    const lastTick = 14 + (TIMING_LIMITS.extrapolateMs * TICK_RATE_HZ) / 1000;
    expect(before).toBeCloseTo(1.2 + (6 * (lastTick - 14)) / TICK_RATE_HZ, 3);
  });

  test("[FE4] never move faster than 1.5 times their top speed, whatever is said, but where they are placed anew", () => {
    const report = fc.record({
      ticks: fc.integer({ min: 1, max: 12 }),
      x: fc.double({ min: -3, max: 3, noNaN: true }),
      vx: fc.double({ min: -14, max: 14, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(report, { minLength: 2, maxLength: 40 }), (reports) => {
        const ships = fresh();
        let tick = 0;
        for (const { ticks, x, vx } of reports) {
          tick += ticks;
          ships.take(news(tick, [ship(x, { vx })]));
        }
        let before: number | undefined;
        for (let nowMs = 0; nowMs < tick * TICK_MS + 500; nowMs += FRAME_MS) {
          const x = ships.show(nowMs / TICK_MS, nowMs).get(1)?.x;
          if (x !== undefined && before !== undefined) {
            const reach = (1.5 * SPEED_MAX * FRAME_MS) / 1000;
            expect(Math.abs(x - before)).toBeLessThanOrEqual(reach);
          }
          before = x;
        }
      }),
    );
  });

  test.each([10, 36])(
    "[FE4] that turn out to be far away are placed there at once, shown at %i before",
    (tick) => {
      const ships = fresh();
      ships.take(news(10, [ship(0)]));
      ships.take(news(35, []));
      ships.show(tick, 0);
      ships.take(news(37, [ship(30)]));
      expect(ships.show(41, 1_000).get(1)?.x).toBe(30);
    },
  );

  test("[CL5] are shown until the tick of their end, and take no way from there to a new start", () => {
    const ships = fresh();
    ships.take(news(10, [ship(0)]));
    ships.take(news(11, [], { shipsGone: [1] }));
    ships.take(news(12, [ship(5)]));
    expect(ships.show(10.9, 0).get(1)?.x).toBe(0);
    expect(ships.show(11.5, 20).size).toBe(0);
    expect(ships.show(12, 33).get(1)?.x).toBe(5);
  });

  test("[FE4] that whole news leave out are gone, and the own one is not among them", () => {
    const ships = fresh();
    ships.take(news(10, [ship(0), ship(4, { seat: 2 }), ship(8, { seat: OWN_SEAT })], whole));
    expect([...ships.show(10, 0).keys()]).toEqual([1, 2]);
    ships.take(news(11, [ship(4, { seat: 2 })], whole));
    expect([...ships.show(11, 33).keys()]).toEqual([2]);
  });

  test("[CL5] start over when ticks begin again with the next match", () => {
    const ships = fresh();
    ships.take(news(100, [ship(0)]));
    ships.take(news(1, [ship(7, { seat: 2 })]));
    expect([...ships.show(1, 0)].map(([seat, { x }]) => [seat, x])).toEqual([[2, 7]]);
    ships.take(news(101, [ship(7, { seat: 2 })]));
    expect([...ships.show(101, 3_000).keys()]).toEqual([2]);
  });

  test("[FE4] are remembered for a bounded time, however far ahead they are told of", () => {
    const ships = fresh();
    for (let tick = 0; tick < 1_000; tick++) ships.take(news(tick, [ship(tick)]));
    expect(ships.show(500, 0).size).toBe(0);
    expect(ships.show(940, 10).get(1)?.x).toBe(940);
  });

  test("[CL5] turn the short way round", () => {
    expect(shortTurn(3, -3)).toBeCloseTo(2 * Math.PI - 6);
    expect(shortTurn(-3, 3)).toBeCloseTo(6 - 2 * Math.PI);
  });
});
