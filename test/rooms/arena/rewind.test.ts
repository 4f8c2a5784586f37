import { describe, expect, test } from "vitest";
import { ArenaButton, type ArenaCommand, toTickEighths } from "../../../rooms/arena/commands.ts";
import { createGround } from "../../../rooms/arena/ground.ts";
import { createRandom, nextBelow } from "../../../rooms/kernel/random.ts";
import type { IssuedCommand } from "../../../rooms/simulation.ts";
import { ArenaMatch } from "./arena-match.ts";
import { believedEighths, type Flight, Tracks } from "./tracks.ts";

const { FIRE } = ArenaButton;
/** Ticks between two moments at which the tracks are looked at, at most. */
const PIECE = 0.1;
const SEATS = [0, 1, 2, 3, 4, 5, 6, 7];

/** A match of eight that nobody dies in. */
function openMatch(tickRateHz: number, seed: number): ArenaMatch {
  const match = new ArenaMatch({ tickRateHz, seed, gameProperties: { matchSeconds: "3600" } });
  match.clearGround().join(...SEATS);
  for (const seat of SEATS) match.ship(seat).health = 1e9;
  return match;
}

/** What a player says who is shown the others so late. */
function command(
  match: ArenaMatch,
  seat: number,
  buttons: number,
  aimRadians: number,
  lateTicks: number,
): ArenaCommand {
  const seenTickEighths = toTickEighths(match.state.tick + 1 - lateTicks);
  return { tick: match.ship(seat).lastCommandTick + 1, buttons, aimRadians, seenTickEighths };
}

interface Fired extends Flight {
  readonly id: number;
  readonly rewindEighths: number;
  goneTick: number;
}

/** Seat 0 shoots at what it saw, the others fly about. Returns its shots, and who was hit when. */
function fight(tickRateHz: number, seed: number, seconds: number) {
  const match = openMatch(tickRateHz, seed);
  const random = createRandom(seed);
  const tracks = new Tracks(match.state);
  const ways = SEATS.map(() => 0);
  const fired: Fired[] = [];
  const hits: { tick: number; seat: number }[] = [];
  let lateTicks = 0;
  let roundTripMs: number | undefined;
  tracks.note(match.state);
  for (let step = 0; step < seconds * tickRateHz; step++) {
    if (nextBelow(random, tickRateHz) === 0 || step === 0) {
      lateTicks = nextBelow(random, tickRateHz * 3) / 8;
      roundTripMs = nextBelow(random, 4) === 0 ? undefined : nextBelow(random, 300);
    }
    const flying = SEATS.map((seat): IssuedCommand<ArenaCommand> => {
      if (nextBelow(random, tickRateHz / 3) === 0) ways[seat] = nextBelow(random, 16);
      return { seat, command: command(match, seat, ways[seat] ?? 0, 0, 0) };
    });
    const seenTick = Math.max(0, match.state.tick - lateTicks);
    // Its last shots are over at the end, its first ones look back to where all have been.
    const isFiring = step > tickRateHz && step < (seconds - 2) * tickRateHz;
    const aim = aimAtNearest(tracks, match, seenTick);
    const buttons = (ways[0] ?? 0) | (isFiring ? FIRE : 0);
    flying[0] = {
      seat: 0,
      command: command(match, 0, buttons, aim, lateTicks),
      ...(roundTripMs === undefined ? {} : { roundTripMs }),
    };
    const healths = SEATS.map((seat) => match.ship(seat).health);
    const nextId = match.state.nextProjectileId;
    match.step(flying);
    const { state } = match;
    tracks.note(state);
    for (const seat of SEATS) {
      const lost = ((healths[seat] ?? 0) - match.ship(seat).health) / 20;
      for (let hit = 0; hit < lost; hit++) hits.push({ tick: state.tick, seat });
    }
    const rewindEighths = Math.min(
      Math.round(lateTicks * 8),
      believedEighths(roundTripMs, tickRateHz),
    );
    for (const { id, ...shot } of state.projectiles) {
      if (id < nextId) continue;
      fired.push({
        id,
        ownerSeat: 0,
        x: shot.xMetres,
        y: shot.yMetres,
        vx: shot.vxMetresPerSecond,
        vy: shot.vyMetresPerSecond,
        bornTick: state.tick,
        lateTicks: rewindEighths / 8,
        rewindEighths: shot.rewindEighths,
        goneTick: 0,
      });
    }
    const left = new Set(state.projectiles.map(({ id }) => id));
    for (const shot of fired)
      if (shot.goneTick === 0 && !left.has(shot.id)) shot.goneTick = state.tick;
  }
  return { fired, hits, tracks };
}

/**
 * Seat 0 shoots once along y = 50, seeing the others so late, while seat 1 crosses that line 20 m away at full speed.
 * The shot is there after some 14 ticks.
 * @param crossingTicks - After how many ticks seat 1 is on the line.
 */
function passBy(match: ArenaMatch, lateTicks: number, crossingTicks: number): void {
  const metresPerTick = 14 / 30;
  match.place(0, 20, 50);
  match.place(1, 40, 50 - crossingTicks * metresPerTick).vyMetresPerSecond = 14;
  for (let step = 0; step < 20; step++) {
    const shooting = command(match, 0, step === 0 ? FIRE : 0, 0, lateTicks);
    match.step([
      { seat: 0, command: shooting, roundTripMs: 200 },
      { seat: 1, command: command(match, 1, ArenaButton.DOWN, 0, 0) },
    ]);
  }
}

/** Where the nearest other will be when a shot arrives, going by what was seen. */
function aimAtNearest(tracks: Tracks, match: ArenaMatch, seenTick: number): number {
  const { xMetres, yMetres } = match.ship(0);
  const { tickRateHz } = match.state;
  let aim = { metres: Number.POSITIVE_INFINITY, radians: 0 };
  for (const seat of SEATS.slice(1)) {
    const now = { ...tracks.at(seat, seenTick) };
    const before = tracks.at(seat, Math.max(0, seenTick - 1));
    const ahead = (Math.hypot(now.x - xMetres, now.y - yMetres) / 40) * tickRateHz;
    const x = now.x + (now.x - before.x) * ahead - xMetres;
    const y = now.y + (now.y - before.y) * ahead - yMetres;
    const metres = Math.hypot(x, y);
    if (metres < aim.metres) aim = { metres, radians: Math.fround(Math.atan2(y, x)) };
  }
  return aim.radians;
}

describe("a shot", () => {
  test.each([20, 30, 128])(
    "[LC1] meets the others where its player saw them, and nowhere else, at %i Hz",
    (tickRateHz) => {
      // A ship that turns within a step is swept on its straight way: less than this beside its bent one.
      const unsureMetres = 3 / tickRateHz;
      const seen = { sure: 0, unsure: 0, missed: 0, compensated: 0 };
      for (const seed of [1, 2]) {
        const { fired, hits, tracks } = fight(tickRateHz, seed, 30);
        const open = [...hits];
        const unsure: Fired[] = [];
        for (const shot of fired) {
          expect(shot.rewindEighths).toBe(shot.lateTicks * 8);
          const met = tracks.firstMet(shot);
          const sooner = tracks.firstMet(shot, unsureMetres);
          const later = tracks.firstMet(shot, -unsureMetres);
          if (sooner === undefined) seen.missed++;
          else if (later?.seat !== sooner.seat || met === undefined) unsure.push(shot);
          else {
            const { goneTick } = shot;
            const which = `seed ${seed}, shot ${shot.id}`;
            expect(goneTick, which).toBeGreaterThanOrEqual(Math.ceil(sooner.tick - PIECE));
            expect(goneTick, which).toBeLessThanOrEqual(Math.ceil(later.tick + PIECE));
            const at = open.findIndex(({ tick, seat }) => tick === goneTick && seat === met.seat);
            expect(at, which).toBeGreaterThanOrEqual(0);
            open.splice(at, 1);
            seen.sure++;
            if (tracks.firstMet({ ...shot, lateTicks: 0 })?.seat !== met.seat) seen.compensated++;
          }
        }
        // What was hit beside these are shots of which it could not be said.
        for (const { tick } of open) {
          const at = unsure.findIndex(({ goneTick }) => goneTick === tick);
          expect(at, `seed ${seed}, tick ${tick}`).toBeGreaterThanOrEqual(0);
          unsure.splice(at, 1);
        }
        seen.unsure += unsure.length;
      }
      expect(seen.sure).toBeGreaterThan(40);
      expect(seen.missed).toBeGreaterThan(40);
      expect(seen.compensated).toBeGreaterThan(10);
      expect(seen.unsure).toBeLessThan(0.2 * seen.sure);
    },
  );

  test("[LC1] keeps for its life how late its shooter was, whatever he says after it", () => {
    const match = openMatch(30, 5);
    match.place(0, 10, 50);
    for (const seat of SEATS.slice(1)) match.place(seat, 90, 5 * seat);
    const random = createRandom(5);
    const born = new Map<number, number>();
    for (let step = 0; step < 300; step++) {
      const lateTicks = nextBelow(random, 56) / 8;
      const issued = { seat: 0, command: command(match, 0, FIRE, 0, lateTicks), roundTripMs: 300 };
      match.step([issued]);
      for (const { id, rewindEighths } of match.state.projectiles) {
        if (!born.has(id)) born.set(id, lateTicks * 8);
        expect(rewindEighths).toBe(born.get(id));
      }
    }
    expect(new Set(born.values()).size).toBeGreaterThan(20);
  });

  test("[LC1] of controls that are held is as late as the command that said so", () => {
    const match = openMatch(30, 5);
    match.place(0, 10, 50);
    match.step([{ seat: 0, command: command(match, 0, FIRE, 0, 3.5) }]);
    match.steps(10);
    expect(match.state.projectiles.map(({ rewindEighths }) => rewindEighths)).toEqual([28, 28]);
  });
});

describe("without lag", () => {
  test("[LC3] a shot meets ships where they are", () => {
    const healthAfter = (lateTicks: number) => {
      const match = new ArenaMatch().clearGround().join(0, 1);
      passBy(match, lateTicks, 14.5);
      return match.ship(1).health;
    };
    expect([healthAfter(0), healthAfter(5)]).toEqual([80, 100]);
  });

  test("[LC3] it makes no difference what round trip was measured", () => {
    const hashes = [undefined, 0, 60, 1000].map((roundTripMs) => {
      const match = openMatch(30, 11);
      const random = createRandom(11);
      for (let step = 0; step < 300; step++) {
        const measured = roundTripMs === undefined ? {} : { roundTripMs };
        const aims = SEATS.map(() => nextBelow(random, 628) / 100 - 3.14);
        match.step(
          SEATS.map((seat) => ({
            seat,
            command: command(match, seat, nextBelow(random, 32), aims[seat] ?? 0, 0),
            ...measured,
          })),
        );
      }
      return match.hash;
    });
    expect(new Set(hashes).size).toBe(1);
  });
});

describe("who is not there any more", () => {
  /** Seat 0 sees the others five ticks late and shoots to the right, along y = 50. */
  function shootingLate(): ArenaMatch {
    const match = new ArenaMatch({ seatsMax: 3 }).clearGround().join(0, 1);
    match.place(0, 20, 50);
    match.place(1, 80, 80);
    match.steps(20);
    return match;
  }
  const shoot = (match: ArenaMatch, buttons: number = FIRE) =>
    match.step([{ seat: 0, command: command(match, 0, buttons, 0, 5), roundTripMs: 200 }]);
  const missed = (match: ArenaMatch) => match.state.projectiles.length;

  test("[LC4] is hit where it was seen, gone from there or not", () => {
    const healthAfter = (lateTicks: number) => {
      const match = new ArenaMatch().clearGround().join(0, 1);
      passBy(match, lateTicks, 9.5);
      return match.ship(1).health;
    };
    expect([healthAfter(0), healthAfter(5)]).toEqual([100, 80]);
  });

  test("[LC4] is not hit who is destroyed", () => {
    const match = shootingLate();
    const target = match.place(1, 24, 50);
    shoot(match);
    Object.assign(target, { isAlive: false, health: 0, respawnAtTick: match.state.tick + 20 });
    for (let step = 0; step < 6; step++) shoot(match, 0);
    expect([target.health, missed(match)]).toEqual([0, 1]);
  });

  test("[LC4] is not hit where it was before it was destroyed, nor on the way to where it is", () => {
    const match = shootingLate();
    const target = match.place(1, 24, 50);
    shoot(match);
    // Destroyed, and back within the time that the shooter is late.
    Object.assign(target, { isAlive: false, health: 0, respawnAtTick: match.state.tick + 1 });
    for (let step = 0; step < 8; step++) shoot(match, 0);
    expect([target.isAlive, target.health, missed(match)]).toEqual([true, 100, 1]);
  });

  test("[LC4] is hit where it has appeared once its shooter can have seen it there", () => {
    const match = shootingLate();
    const target = match.ship(1);
    Object.assign(target, { isAlive: false, health: 0, respawnAtTick: match.state.tick + 1 });
    shoot(match, 0);
    const { x, y, since } = { x: target.xMetres, y: target.yMetres, since: target.aliveSinceTick };
    expect([target.isAlive, since]).toEqual([true, match.state.tick]);
    // A shot that lies in wait there from the first moment on.
    const still = { vxMetresPerSecond: 0, vyMetresPerSecond: 0, xMetres: x, yMetres: y };
    const bornTick = match.state.tick;
    const shot = { id: 99, ownerSeat: 0, ownerTeamIndex: -1, bornTick, rewindEighths: 36 };
    match.state.projectiles.push({ ...shot, ...still });
    while (target.health === 100 && match.state.tick < bornTick + 30) match.step();
    // The first step that lies wholly in its life, four and a half ticks ago.
    expect(match.state.tick).toBe(since + 6);
  });

  test("[LC4] is a stranger to who sits in its seat next", () => {
    const match = shootingLate();
    match.place(1, 24, 50);
    shoot(match);
    match.leave(1).join(1);
    const [one, two] = [match.ship(1).health, missed(match)];
    for (let step = 0; step < 8; step++) shoot(match, 0);
    expect([one, two, match.ship(1).health, missed(match)]).toEqual([100, 1, 100, 1]);
  });

  test("[LC4] is hit in its cover if it was seen beside it, and not where it was seen behind it", () => {
    const match = shootingLate();
    const obstacle = (xMetres: number, yMetres: number) =>
      Object.assign(
        match.state.ground,
        createGround(100, 100, [{ xMetres, yMetres, radiusMetres: 2 }]),
      );
    obstacle(36, 53.2);
    passBy(match, 5, 9.5);
    expect(match.ship(1).health).toBe(80);
    obstacle(27, 50);
    match.place(1, 31, 50);
    for (let step = 0; step < 12; step++) shoot(match, step === 0 ? FIRE : 0);
    expect([match.ship(1).health, missed(match)]).toEqual([80, 0]);
  });
});
