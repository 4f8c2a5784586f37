import { describe, expect, test } from "vitest";
import { SHIP_RADIUS_METRES } from "../../../rooms/arena/prediction.ts";
import { roundTrip, type Weather } from "../../support/network-simulator.ts";
import { FeelMatch, type FeelMatchOptions, Felt } from "./feel-match.ts";

const SEEDS = Array.from({ length: 20 }, (_, index) => index + 1);
const FEW = SEEDS.slice(0, 3);
const SECONDS = 60;

function play(title: string, more: Partial<FeelMatchOptions>, seeds: readonly number[]): Felt {
  const felt = new Felt();
  for (const seed of seeds) {
    const options: FeelMatchOptions = {
      ...{ seed, seconds: SECONDS, tickRateHz: 30, players: 6 },
      ...{ replication: "snapshots", weather: roundTrip(120, 30) },
    };
    const match = new FeelMatch({ ...options, ...more, seed }, felt);
    match.run(SECONDS * 1000);
    match.settle();
  }
  process.stdout.write(felt.inWords(`${title}, ${seeds.length} matches of ${SECONDS} s`));
  return felt;
}

describe.each([30, 60])("at %i Hz", (tickRateHz) => {
  test("[FE11] twenty minutes over 120 ms, give or take 30, keep every promise", () => {
    const felt = play(`${tickRateHz} Hz, round trip 120 ± 30 ms`, { tickRateHz }, SEEDS);
    expect(felt.corrections.at(0.99)).toBeLessThanOrEqual(SHIP_RADIUS_METRES / 4);
    expect(felt.countedShare).toBeGreaterThanOrEqual(0.95);
    expect(felt.remoteSteps.at(1)).toBeLessThanOrEqual(1.5);
  });

  test("[FE11] the state alone keeps them too", () => {
    const title = `${tickRateHz} Hz, round trip 120 ± 30 ms, all by the state`;
    const felt = play(title, { tickRateHz, replication: "schema" }, FEW);
    expect(felt.corrections.at(0.99)).toBeLessThanOrEqual(SHIP_RADIUS_METRES / 4);
    expect(felt.countedOfLivingShare).toBeGreaterThanOrEqual(0.95);
    expect(felt.remoteSteps.at(1)).toBeLessThanOrEqual(1.5);
  });

  test("[FE11] so does a jitter of 30 ms each way", () => {
    const weather = roundTrip(120, 60);
    const felt = play(`${tickRateHz} Hz, each way 60 ± 30 ms`, { tickRateHz, weather }, SEEDS);
    expect(felt.corrections.at(0.99)).toBeLessThanOrEqual(SHIP_RADIUS_METRES / 4);
    expect(felt.countedOfLivingShare).toBeGreaterThanOrEqual(0.95);
    expect(felt.remoteSteps.at(1)).toBeLessThanOrEqual(1.5);
  });

  test.each([
    ["240 ± 60 ms", roundTrip(240, 60)],
    ["120 ± 24 ms in waves of 2 s", swaying(12)],
    ["120 ± 60 ms in waves of 2 s", swaying(30)],
  ])("[FE13] others move smoothly over %s", (title, weather) => {
    const felt = play(`${tickRateHz} Hz, ${title}`, { tickRateHz, weather }, FEW);
    expect(felt.remoteSteps.at(1)).toBeLessThanOrEqual(1.5);
    expect(felt.remoteErrors.at(0.99)).toBeLessThanOrEqual(0.05);
  });

  test.each<[string, Weather]>([
    ["1 % of messages lost", { lossShare: 0.01, resendMs: 140 }],
    ["3 % of messages lost", { lossShare: 0.03, resendMs: 140 }],
    ["2 KB a second", { bytesPerSecond: 2_048 }],
  ])("[FE14] %s: others keep the promise of their speed", (title, bad) => {
    const weather = roundTrip(120, 30, bad);
    const felt = play(`${tickRateHz} Hz, ${title}`, { tickRateHz, weather }, FEW);
    expect(felt.remoteSteps.shareAbove(1.5)).toBe(0);
  });

  test.each([
    [0.01, 200],
    [0.01, 300],
    [0.01, 400],
    [0.03, 300],
  ])(
    "[FE18] a share of %f lost and held back for %i ms: commands wait no longer",
    (lossShare, resendMs) => {
      const weather = roundTrip(120, 30, { lossShare, resendMs });
      const title = `${tickRateHz} Hz, ${100 * lossShare} % of messages held back for ${resendMs} ms`;
      const felt = play(title, { tickRateHz, weather }, FEW);
      expect(felt.waitedSteps.at(0.95)).toBeLessThanOrEqual(2);
      // Who is hidden by two such stalls in a row may be placed anew.
      expect(felt.remoteSteps.shareAbove(1.5)).toBeLessThan(0.0001);
    },
  );

  test("[FE14] stalls of a second, three a minute each way: they are placed anew after each, and nowhere else", () => {
    const weather = roundTrip(120, 30, { stallsPerMinute: 3, stallMs: 1_000 });
    const title = `${tickRateHz} Hz, three stalls of a second a minute each way`;
    const felt = play(title, { tickRateHz, weather }, FEW);
    // Five others, once for each of some three stalls a minute that hold back what is shown.
    expect(felt.remoteSteps.shareAbove(1.5)).toBeLessThan(0.001);
  });
});

function swaying(swayMs: number): ReturnType<typeof roundTrip> {
  return roundTrip(120, 6, { swayMs, swayPeriodMs: 2_000 });
}
