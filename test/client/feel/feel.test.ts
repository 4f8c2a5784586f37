import { describe, expect, test } from "vitest";
import type { ArenaFrame } from "../../../client/arena/arena-frame.ts";
import { SHIP_RADIUS_METRES, toTickEighths } from "../../../rooms/arena/prediction.ts";
import { roundTrip } from "../../support/network-simulator.ts";
import { FeelMatch, type FeelMatchOptions, Felt } from "./feel-match.ts";

/** The round trip of the promises. */
const WEATHER = roundTrip(120, 30);
const OPTIONS: FeelMatchOptions = {
  ...{ seed: 1, seconds: 15, tickRateHz: 30, players: 4 },
  ...{ replication: "snapshots", weather: WEATHER },
};

function play(more: Partial<FeelMatchOptions>, seeds: readonly number[] = [1]): Felt {
  const felt = new Felt();
  for (const seed of seeds) {
    const match = new FeelMatch({ ...OPTIONS, ...more, seed }, felt);
    match.run((more.seconds ?? OPTIONS.seconds) * 1000);
    match.settle();
  }
  return felt;
}

/** The same with twenty seeds of a minute is in feel.long.test.ts. */
describe.each([30, 60])(
  "a match of %i Hz over a round trip of 120 ms, give or take 30",
  (tickRateHz) => {
    const felt = play({ tickRateHz }, [1, 2]);

    test("[FE11] corrects the own ship by a quarter of its radius at most, 99 times of a hundred", () => {
      expect(felt.corrections.count).toBeGreaterThan(1_000);
      expect(felt.corrections.at(0.99)).toBeLessThanOrEqual(SHIP_RADIUS_METRES / 4);
      expect(felt.ownErrors.at(0.99)).toBeLessThanOrEqual(SHIP_RADIUS_METRES / 4);
    });

    test("[FE12] counts 95 of a hundred hits that a shooter sees", () => {
      expect(felt.seenHits).toBeGreaterThan(30);
      // With so few hits, those of players who had been destroyed unawares would decide.
      expect(felt.countedOfLivingShare).toBeGreaterThanOrEqual(0.95);
    });

    test("[FE13] moves no ship of others faster than 1.5 times its top speed, and shows each where it was", () => {
      expect(felt.remoteSteps.count).toBeGreaterThan(5_000);
      expect(felt.remoteSteps.at(1)).toBeLessThanOrEqual(1.5);
      expect(felt.remoteErrors.at(0.99)).toBeLessThanOrEqual(0.05);
    });
  },
);

test("[FE13] ships far away, told of at every fourth tick, move smoothly as well", () => {
  // Of so large a world a player is sent a part.
  const felt = play({ players: 16, seatsMax: 120, seconds: 8 });
  expect(felt.remoteSteps.count).toBeGreaterThan(20_000);
  expect(felt.remoteSteps.at(1)).toBeLessThanOrEqual(1.5);
  expect(felt.remoteSteps.at(0.999)).toBeLessThanOrEqual(1.2);
  // Some of them are shown where they might have gone.
  expect(felt.remoteErrors.at(0.999)).toBeGreaterThan(0.1);
  expect(felt.remoteErrors.at(0.999)).toBeLessThan(0.6);
});

describe("an arena as one player sees it", () => {
  test("[FE8] has each command say as of which tick its player was shown the others", () => {
    const match = new FeelMatch({ ...OPTIONS, seconds: 3 });
    let commands = 0;
    match.run(3_000, (_client, { commands: issued, shownTick }: ArenaFrame) => {
      const last = issued.at(-1);
      if (last === undefined || shownTick === undefined) return;
      commands++;
      expect(last.seenTickEighths).toBe(toTickEighths(shownTick));
    });
    expect(commands).toBeGreaterThan(200);
  });

  test.each(["snapshots", "schema"] as const)(
    "[FE6] is the same whether motion comes by snapshots or in the state: %s",
    (replication) => {
      const match = new FeelMatch({ ...OPTIONS, replication, seconds: 8 });
      let compared = 0;
      match.run(8_000, ({ sight }) => {
        if (sight === undefined || sight.view.tick === 0) return;
        const { view } = sight;
        expect(view.obstacles).toBeDefined();
        for (const { seat, body, isAlive, name } of view.ships.values()) {
          expect(name).toBe(`p${seat}`);
          const place = match.server.places[view.tick];
          const x = place?.[2 * seat] ?? Number.NaN;
          const y = place?.[2 * seat + 1] ?? Number.NaN;
          if (body === undefined || Number.isNaN(x)) continue;
          compared++;
          expect(isAlive).toBe(true);
          // One and a half steps along each axis.
          expect(Math.abs(body.x - x)).toBeLessThanOrEqual(1.5 / 128 + 1e-6);
          expect(Math.abs(body.y - y)).toBeLessThanOrEqual(1.5 / 128 + 1e-6);
        }
      });
      expect(compared).toBeGreaterThan(3_000);
    },
  );

  test("[FE9] tells what its player feels of the network", () => {
    const match = new FeelMatch({ ...OPTIONS, seconds: 6 });
    match.run(6_000);
    const [client] = match.clients;
    const feel = client?.sight?.feel(client.localMs(6_000));
    expect(feel?.correctionMetresP50).toBe(0);
    expect(feel?.correctionMetresP99).toBeLessThan(0.2);
    // One tick, and a jitter of 30 ms.
    expect(feel?.interpolationDelayMs).toBeGreaterThan(50);
    expect(feel?.interpolationDelayMs).toBeLessThan(70);
    expect(feel?.jitterMs).toBeGreaterThan(20);
    expect(feel?.jitterMs).toBeLessThan(31);
  });
});

describe.each([
  { tickRateHz: 30, waitedSteps: 1, correctedMetres: 0.6 },
  { tickRateHz: 60, waitedSteps: 2, correctedMetres: 0.6 },
])(
  "a match of $tickRateHz Hz whose packets are lost now and then",
  ({ tickRateHz, waitedSteps, correctedMetres }) => {
    const quiet = play({ tickRateHz });
    const lossy = play(
      { tickRateHz, seconds: 30, weather: roundTrip(120, 30, { lossShare: 0.01, resendMs: 300 }) },
      [1, 2],
    );

    test("[FE18] makes no command wait longer for its step than without losses", () => {
      expect(quiet.waitedSteps.at(0.99)).toBe(waitedSteps);
      expect(lossy.waitedSteps.at(0.99)).toBe(waitedSteps);
      expect(quiet.droppedShare).toBeLessThan(0.002);
    });

    test("[FE18] corrects the own ship by little, and leaves rewinds as they were", () => {
      expect(lossy.corrections.at(0.99)).toBeLessThan(correctedMetres);
      expect(lossy.rewindsMs.at(0.5)).toBeLessThan(quiet.rewindsMs.at(0.5) + 10);
    });
  },
);

describe("over a network that fails", () => {
  const share = (felt: Felt): number => felt.remoteSteps.shareAbove(1.5);

  test("[FE14] stalls of a second place others anew at their end, and all promises hold again a second later", () => {
    const felt = new Felt();
    const match = new FeelMatch({ ...OPTIONS, seconds: 12 }, felt);
    match.run(5_000);
    for (const { link } of match.clients) link.stall(5_000, 1_000);
    match.run(7_500);
    for (const frame of match.clients.map(({ last }) => last)) {
      for (const { x, y } of frame?.others.values() ?? []) {
        expect(Number.isFinite(x + y)).toBe(true);
      }
    }
    const after = new Felt();
    match.felt = after;
    match.run(12_000);
    expect(share(after)).toBe(0);
    expect(after.corrections.at(0.99)).toBeLessThanOrEqual(SHIP_RADIUS_METRES / 4);
    expect(after.remoteErrors.at(0.99)).toBeLessThanOrEqual(0.05);
  });

  test("[FE14] a cut leaves everybody where he was, and a return goes on with a keyframe and the same numbers", () => {
    const match = new FeelMatch({ ...OPTIONS, seconds: 12 });
    match.run(4_000);
    const [client] = match.clients;
    if (client === undefined) throw new Error("nobody is here");
    client.link.cut();
    client.isLost = true;
    match.server.drop(client.seat);
    match.run(6_000);
    client.link.mend(6_000);
    client.reconnected(match.server.comeBack(client.seat, 6_000));
    match.run(8_000);
    const after = new Felt();
    match.felt = after;
    match.run(12_000);
    expect(after.corrections.at(0.99)).toBeLessThanOrEqual(SHIP_RADIUS_METRES / 4);
    expect(share(after)).toBe(0);
    expect(client.sight?.view.tick).toBeGreaterThan(8 * 30);
  });

  test("[FE14] a line of 6 KB a second carries a match; what waits is no jitter for ever", () => {
    const felt = play({ weather: roundTrip(120, 30, { bytesPerSecond: 6_000 }) });
    expect(felt.corrections.at(0.99)).toBeLessThanOrEqual(SHIP_RADIUS_METRES / 4);
    expect(share(felt)).toBe(0);
    expect(felt.delaysMs.at(0.95)).toBeLessThan(110);
  });

  test("[FE14] lost packets cost others no more than a small error, and never their promise of speed", () => {
    const felt = play({ weather: roundTrip(120, 30, { lossShare: 0.01, resendMs: 140 }) });
    expect(share(felt)).toBe(0);
    expect(felt.remoteErrors.at(0.95)).toBeLessThanOrEqual(0.2);
  });
});
