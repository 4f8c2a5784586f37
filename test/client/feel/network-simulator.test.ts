import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRandom } from "../../../rooms/kernel/random.ts";
import { OneWay, roundTrip, SimulatedLink, type Weather } from "../../support/network-simulator.ts";

const byte = (index: number): Uint8Array => Uint8Array.of(index & 255, index >> 8);
const indexOf = (message: Uint8Array): number => (message[0] ?? 0) + 256 * (message[1] ?? 0);

interface Arrival {
  readonly index: number;
  readonly sentMs: number;
  readonly arrivedMs: number;
}

/** Sends a message every `everyMs` and notes when each arrives. */
function send(way: OneWay, count: number, everyMs: number): Arrival[] {
  const arrivals: Arrival[] = [];
  const take = (nowMs: number): void => {
    for (const message of way.receive(nowMs)) {
      const index = indexOf(message);
      arrivals.push({ index, sentMs: index * everyMs, arrivedMs: nowMs });
    }
  };
  for (let index = 0; index < count; index++) {
    while (way.nextMs <= index * everyMs) take(way.nextMs);
    way.send(byte(index), index * everyMs);
  }
  while (way.nextMs < Number.POSITIVE_INFINITY) take(way.nextMs);
  return arrivals;
}

const way = (weather: Weather, seed = 1): OneWay => new OneWay(weather, createRandom(seed));
const waysMs = (arrivals: readonly Arrival[]): number[] =>
  arrivals.map(({ arrivedMs, sentMs }) => arrivedMs - sentMs);

const ROUGH: Weather = {
  ...{ delayMs: 60, jitterMs: 15, swayMs: 5, swayPeriodMs: 700 },
  ...{ lossShare: 0.02, resendMs: 120, stallsPerMinute: 10, stallMs: 400, bytesPerSecond: 900 },
};

describe("the network simulator", () => {
  test("[FE1] gives the same arrivals for the same seed and sendings, and others for another seed", () => {
    expect(send(way(ROUGH, 7), 500, 16)).toEqual(send(way(ROUGH, 7), 500, 16));
    expect(send(way(ROUGH, 7), 500, 16)).not.toEqual(send(way(ROUGH, 8), 500, 16));
  });

  test("[FE1] loses nothing and keeps the order, whatever the weather", () => {
    const weather = fc.record({
      delayMs: fc.integer({ min: 0, max: 200 }),
      jitterMs: fc.integer({ min: 0, max: 300 }),
      bytesPerSecond: fc.integer({ min: 20, max: 5_000 }),
      lossShare: fc.double({ min: 0, max: 0.5, noNaN: true }),
      resendMs: fc.integer({ min: 1, max: 500 }),
      stallsPerMinute: fc.integer({ min: 0, max: 60 }),
      stallMs: fc.integer({ min: 1, max: 2_000 }),
    });
    fc.assert(
      fc.property(weather, fc.integer({ min: 0, max: 0xffff_ffff }), (given, seed) => {
        const arrivals = send(way(given, seed), 100, 16);
        expect(arrivals.map(({ index }) => index)).toEqual([...Array(100).keys()]);
        for (const ms of waysMs(arrivals)) expect(ms).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 50 },
    );
  });

  test("[FE1] takes the delay give or take the jitter, evenly spread where order leaves it", () => {
    const ways = waysMs(send(way({ delayMs: 60, jitterMs: 15 }), 4_000, 100)).sort((a, b) => a - b);
    const at = (share: number): number => ways[Math.floor(share * (ways.length - 1))] ?? Number.NaN;
    expect(at(0)).toBeGreaterThanOrEqual(45);
    expect(at(1)).toBeLessThanOrEqual(75);
    for (const share of [0.1, 0.5, 0.9]) expect(at(share)).toBeCloseTo(45 + 30 * share, -0.5);
  });

  test("[FE1] holds back what follows a lost message until that has come after all", () => {
    const arrivals = send(way({ delayMs: 50, lossShare: 0.02, resendMs: 130 }), 20_000, 16);
    const late = arrivals.filter(({ arrivedMs, sentMs }) => arrivedMs - sentMs > 51);
    // A loss holds back itself and the eight messages of the 130 ms after it: 1 - 0.98^9.
    expect(late.length / 20_000).toBeCloseTo(0.166, 1);
    expect(late.length / 20_000).toBeGreaterThan(0.14);
    expect(Math.max(...waysMs(arrivals))).toBeGreaterThanOrEqual(180);
  });

  test("[FE1] carries no more than the bandwidth; the rest waits at the sender", () => {
    const narrow = way({ bytesPerSecond: 100 });
    const arrivals = send(narrow, 200, 10);
    // Two bytes each: 50 a second, of the 100 that are sent.
    expect(arrivals.at(-1)?.arrivedMs).toBeCloseTo(4_000, 6);
    narrow.send(new Uint8Array(100), 5_000);
    expect(narrow.queuedMs(5_000)).toBeCloseTo(1_000, 6);
  });

  test("[FE1] lets nothing through in a stall, and at its end all at once", () => {
    const stalling = way({ delayMs: 10, stallsPerMinute: 12, stallMs: 800 });
    const arrivals = send(stalling, 6_000, 10);
    const together = new Map<number, number>();
    for (const { arrivedMs } of arrivals) {
      together.set(arrivedMs, (together.get(arrivedMs) ?? 0) + 1);
    }
    const bursts = [...together.values()].filter((count) => count > 70);
    // A minute, with stalls at five-second intervals and their own length.
    expect(bursts.length).toBeGreaterThanOrEqual(7);
    expect(bursts.length).toBeLessThanOrEqual(14);
  });

  test("[FE1] stalls on order, also what is on its way", () => {
    const link = new SimulatedLink(roundTrip(100, 0), 1);
    link.down.send(byte(1), 0);
    link.stall(20, 1_000);
    link.down.send(byte(2), 30);
    expect(link.down.receive(1_019)).toEqual([]);
    expect(link.down.receive(1_020).map(indexOf)).toEqual([1, 2]);
  });

  test("[FE1] loses what is on its way when it is cut, and carries nothing until it is mended", () => {
    const link = new SimulatedLink(roundTrip(100, 0), 1);
    link.up.send(byte(1), 0);
    link.cut();
    expect(link.up.send(byte(2), 10)).toBe(false);
    link.mend(500);
    expect(link.up.send(byte(3), 500)).toBe(true);
    expect(link.nextMs).toBe(550);
    expect(link.up.receive(1_000).map(indexOf)).toEqual([3]);
  });

  test("[FE1] keeps the two directions apart", () => {
    const alone = new SimulatedLink(roundTrip(100, 60), 3);
    const busy = new SimulatedLink(roundTrip(100, 60), 3);
    for (let index = 0; index < 50; index++) busy.up.send(byte(index), index);
    alone.down.send(byte(1), 60);
    busy.down.send(byte(1), 60);
    expect(busy.down.nextMs).toBe(alone.down.nextMs);
  });
});
