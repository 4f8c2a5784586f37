import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArenaButton, eighthsSince, toTickEighths } from "../../../rooms/arena/commands.ts";
import { rewindEighthsOf } from "../../../rooms/arena/rewind.ts";
import { createRandom, nextBelow, nextUint32, type Random } from "../../../rooms/kernel/random.ts";
import { ArenaMatch } from "./arena-match.ts";
import { playBots } from "./bots.ts";
import { believedEighths, Tracks } from "./tracks.ts";

const roundTrips = fc.option(fc.nat(1000), { nil: undefined });
const rates = fc.integer({ min: 10, max: 128 });
/** Ticks of the longest match, and the largest there are. */
const ticks = fc.oneof(fc.nat(3600 * 128), fc.integer({ min: 0xfff00000, max: 0xffffffff }));

function rewindOf(
  tickRateHz: number,
  tick: number,
  seenTickEighths: number,
  roundTripMs: number | undefined,
): number {
  const command = { tick: 1, buttons: 0, aimRadians: 0, seenTickEighths };
  const measured = roundTripMs === undefined ? {} : { roundTripMs };
  return rewindEighthsOf({ tick, tickRateHz }, { seat: 0, command, ...measured });
}

describe("what a player says of what he saw", () => {
  test("[LC2] never takes him back farther than what was measured, whatever it is", () => {
    fc.assert(
      fc.property(rates, ticks, fc.nat(0xffff), roundTrips, (rate, tick, claim, roundTripMs) => {
        const rewind = rewindOf(rate, tick, claim, roundTripMs);
        expect(rewind).toBe(Math.trunc(rewind));
        expect(rewind).toBeGreaterThanOrEqual(0);
        expect(rewind).toBeLessThanOrEqual(believedEighths(roundTripMs, rate));
        expect(rewind).toBeLessThanOrEqual(rate * 2);
      }),
      { numRuns: 2_000 },
    );
  });

  test("[LC2] is believed up to there, at any tick", () => {
    const lates = fc.nat(4095 * 8);
    fc.assert(
      fc.property(rates, ticks, lates, roundTrips, (rate, tick, lateEighths, roundTripMs) => {
        const claim = toTickEighths(tick - lateEighths / 8);
        expect(eighthsSince(claim, tick)).toBe(lateEighths);
        const rewind = rewindOf(rate, tick, claim, roundTripMs);
        expect(rewind).toBe(Math.min(lateEighths, believedEighths(roundTripMs, rate)));
      }),
    );
  });

  test("[LC2] counts as now if it is of a tick to come", () => {
    for (const ahead of [1 / 8, 1, 30, 4000]) {
      for (const tick of [0, 5, 8192, 70_000]) {
        expect(rewindOf(30, tick, toTickEighths(tick + ahead), 1_000)).toBe(0);
      }
    }
  });

  test("[LC2] is bounded as the rule says", () => {
    // At 30 Hz: 150 ms are 4.5 ticks, and one more; 250 ms are 7.5.
    const long = toTickEighths(1000 - 900);
    expect(rewindOf(30, 1000, long, undefined)).toBe(5.5 * 8);
    expect(rewindOf(30, 1000, long, 0)).toBe(5.5 * 8);
    expect(rewindOf(30, 1000, long, 50)).toBe(7 * 8);
    expect([67, 120, 1_000].map((ms) => rewindOf(30, 1000, long, ms))).toEqual([60, 60, 60]);
    expect(rewindOf(128, 100_000, toTickEighths(99_000), 1_000)).toBe(32 * 8);
    expect(rewindOf(10, 1000, long, 1_000)).toBe(2.5 * 8);
  });
});

/** Claims of a cheat: the far past, the future, anything, and by turns now and long ago. */
const CLAIMS: readonly ((tick: number, random: Random) => number)[] = [
  (tick) => toTickEighths(tick - 4_000),
  (tick) => toTickEighths(tick + 4_000),
  (_tick, random) => nextUint32(random) & 0xffff,
  (tick) => (tick % 2 === 0 ? toTickEighths(tick) : toTickEighths(tick - 60)),
];

describe("a cheat", () => {
  test.each(CLAIMS.map((claim, index) => [index, claim] as const))(
    "[LC2] with claims of kind %i hits nobody but where he was within what was measured",
    (_index, claim) => {
      const hits = [undefined, 0, 40].map((roundTripMs) => hitsWith(claim, roundTripMs));
      expect(Math.min(...hits)).toBeGreaterThan(5);
    },
  );
});

/** Plays; every ship claims alike. Each hit must be a touch with a place of the last so many ticks. */
function hitsWith(claim: (typeof CLAIMS)[number], roundTripMs: number | undefined): number {
  const rate = 30;
  const believedTicks = believedEighths(roundTripMs, rate) / 8;
  const match = new ArenaMatch({ tickRateHz: rate, seed: 4 }).clearGround();
  match.join(0, 1, 2, 3, 4, 5, 6, 7);
  for (const ship of match.state.ships) if (ship !== undefined) ship.health = 1e9;
  const tracks = new Tracks(match.state);
  const random = createRandom(4);
  tracks.note(match.state);
  let hits = 0;
  for (let step = 0; step < 20 * rate; step++) {
    const { state } = match;
    const healths = state.ships.map((ship) => ship?.health ?? 0);
    const shots = state.projectiles.map((shot) => ({ ...shot }));
    match.step(
      state.ships.map((ship, seat) => ({
        seat,
        command: {
          tick: (ship?.lastCommandTick ?? 0) + 1,
          buttons: (nextBelow(random, 16) & (step >> 3)) | ArenaButton.FIRE,
          aimRadians: nextBelow(random, 600) / 100 - 3,
          seenTickEighths: claim(state.tick + 1, random),
        },
        ...(roundTripMs === undefined ? {} : { roundTripMs }),
      })),
    );
    tracks.note(state);
    const left = new Set(state.projectiles.map(({ id }) => id));
    const gone = shots.filter(({ id }) => !left.has(id));
    for (const [seat, before] of healths.entries()) {
      if (match.ship(seat).health === before) continue;
      hits++;
      const nearestMetres = Math.min(
        ...gone.map((shot) => tracks.nearestMetres(shot, seat, state.tick, believedTicks)),
      );
      // As far as a ship that turns within a step is beside its straight way.
      expect(nearestMetres).toBeLessThan(0.95 + 0.1);
    }
  }
  return hits;
}

describe("a trail", () => {
  test.each([10, 30, 128])(
    "[LC1] is never left faster than ships are looked for, at %i Hz",
    (rate) => {
      const match = new ArenaMatch({ tickRateHz: rate, seed: 6, seatsMax: 12 });
      let farthest = 0;
      playBots(match, 600, () => {
        const { tick, ships } = match.state;
        for (const ship of ships) {
          if (ship?.isAlive !== true) continue;
          const places = ship.trail.length / 2;
          for (let ago = 0; ago < places && tick - ago >= ship.aliveSinceTick; ago++) {
            const at = 2 * ((tick - ago) % places);
            const dx = (ship.trail[at] ?? 0) - ship.xMetres;
            const dy = (ship.trail[at + 1] ?? 0) - ship.yMetres;
            farthest = Math.max(farthest, Math.hypot(dx, dy) - (14 * 1.05 * ago) / rate);
          }
        }
      });
      expect(farthest).toBeLessThanOrEqual(1e-9);
    },
  );
});
