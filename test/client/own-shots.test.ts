import { describe, expect, test } from "vitest";
import { OwnShots, type OwnTime } from "../../client/arena/own-ship/own-shots.ts";
import type { PredictedStep } from "../../client/arena/own-ship/prediction.ts";
import type { ShownTargets } from "../../client/arena/own-ship/seen-hits.ts";
import type { Track } from "../../client/arena/projectile-tracks.ts";
import { ArenaButton, createGround } from "../../rooms/arena/prediction.ts";

const TICK_RATE_HZ = 30;
const GROUND = createGround(100, 100, [{ xMetres: 80, yMetres: 50, radiusMetres: 3 }]);
const MUZZLE = 0.95;
const METRES_PER_TICK = 40 / TICK_RATE_HZ;
/** Commands are used four ticks after their number. */
const LAG = 4;

const at = (newestTick: number): OwnTime => ({
  newestTick,
  tickOf: (number) => number + LAG,
  numberAt: (tick) => tick - LAG,
});

function firing(number: number, xMetres = 50): PredictedStep {
  const body = { yMetres: 50, vxMetresPerSecond: 0, vyMetresPerSecond: 0, angleRadians: 0 };
  return {
    command: { buttons: ArenaButton.FIRE, aimRadians: 0, tick: number },
    after: { ...body, xMetres },
  };
}

function track(bornTick: number, more: Partial<Track> = {}): Track {
  const muzzle = { x: 50 + MUZZLE, y: 50, vx: 40, vy: 0, ownerSeat: 0 };
  const times = { tick: bornTick, bornTick, seenTick: bornTick, endTick: undefined };
  return { id: 77, ...muzzle, ...times, ...more };
}

/** A ship that rests at a place. */
function targets(x: number | undefined, more: Partial<ShownTargets> = {}): ShownTargets {
  const poses = new Map(x === undefined ? [] : [[1, { x, y: 50, angle: 0 }]]);
  return { tick: 90, poses, posesBefore: poses, isTarget: () => true, ...more };
}

const nobody = targets(undefined);
const fresh = (): OwnShots => new OwnShots(TICK_RATE_HZ, GROUND);

describe("own shots", () => {
  test("[FE7] are shown from the moment of firing, in the own ship's time", () => {
    const shots = fresh();
    shots.issued(firing(100), at(90));
    expect(shots.show(104, at(90), nobody)[0]?.x).toBeCloseTo(50 + MUZZLE, 9);
    const [later] = shots.show(106.5, at(91), nobody);
    expect(later?.x).toBeCloseTo(50 + MUZZLE + 2.5 * METRES_PER_TICK, 9);
  });

  test("[FE7] are fired as often as the gun allows, by the server's ticks", () => {
    const shots = fresh();
    for (let number = 100; number < 117; number++) shots.issued(firing(number), at(90));
    // A quarter of a second is 8 ticks.
    expect(shots.show(120, at(90), nobody)).toHaveLength(3);
  });

  test("[FE7] are the server's once it tells of them, and are not shown twice", () => {
    const shots = fresh();
    shots.issued(firing(100), at(90));
    shots.told([track(105)], at(105));
    const shown = shots.show(108, at(105), nobody);
    expect(shown.map(({ x }) => x)).toEqual([50 + MUZZLE + 3 * METRES_PER_TICK]);
    shots.ended([track(105, { endTick: 108 })]);
    expect(shots.show(109, at(108), nobody)).toEqual([]);
  });

  test("[FE7] that the server does not tell of in time were never fired", () => {
    const shots = fresh();
    shots.issued(firing(100), at(90));
    shots.answered(103);
    expect(shots.show(110, at(107), nobody)).toHaveLength(1);
    shots.answered(104);
    expect(shots.show(110, at(108), nobody)).toEqual([]);
  });

  test("[FE7] that nobody foresaw are shown when the server tells of them", () => {
    const shots = fresh();
    shots.told([track(100, { tick: 103, x: 50 + MUZZLE + 3 * METRES_PER_TICK })], at(103));
    expect(shots.show(104, at(103), nobody)[0]?.x).toBeCloseTo(55 + MUZZLE + 1 / 3, 9);
  });

  test("[FE7] end at walls and obstacles, and where their range does", () => {
    const shots = fresh();
    shots.issued(firing(100), at(90));
    // To the obstacle's edge and the shot's own: 80 - 3 - 0.15 - 50.95.
    const ticks = 25.9 / METRES_PER_TICK;
    expect(shots.show(104 + ticks - 0.01, at(90), nobody)).toHaveLength(1);
    expect(shots.show(104 + ticks + 0.01, at(90), nobody)).toEqual([]);
    // Inside an obstacle there is no muzzle.
    shots.issued(firing(200, 77), at(190));
    expect(shots.show(204, at(190), nobody)).toEqual([]);
  });

  test("[FE7] end on the screen where they are seen to touch a ship, and say so once", () => {
    const shots = fresh();
    shots.issued(firing(100), at(90));
    const seen = [104, 106, 108, 110].map((tick) => shots.show(tick, at(95), targets(57)).length);
    expect(seen).toEqual([1, 1, 0, 0]);
    const [hit, ...more] = shots.takeHits();
    expect(more).toEqual([]);
    expect(hit).toMatchObject({ number: 100, seat: 1, ownTick: 108, othersTick: 90 });
    expect(hit?.x).toBeCloseTo(57 - MUZZLE, 9);
    expect(shots.takeHits()).toEqual([]);
  });

  test("[FE7] meet a ship that crosses between two frames", () => {
    const shots = fresh();
    shots.issued(firing(100), at(90));
    shots.show(104, at(90), nobody);
    const posesBefore = new Map([[1, { x: 52, y: 48.5, angle: 0 }]]);
    const poses = new Map([[1, { x: 52, y: 51.5, angle: 0 }]]);
    shots.show(105, at(90), { ...nobody, poses, posesBefore });
    expect(shots.takeHits()).toHaveLength(1);
  });

  test("[FE7] meet a ship that comes towards them between two frames", () => {
    const shots = fresh();
    shots.issued(firing(100), at(90));
    shots.show(104, at(90), nobody);
    const posesBefore = new Map([[1, { x: 54.2, y: 50, angle: 0 }]]);
    const poses = new Map([[1, { x: 52.4, y: 50, angle: 0 }]]);
    shots.show(105, at(90), { ...nobody, poses, posesBefore });
    expect(shots.takeHits()).toHaveLength(1);
  });

  test("[FE7] pass friends, and ships that have been hit often enough", () => {
    const shots = fresh();
    const isTarget = (_seat: number, hits: number): boolean => hits < 1;
    shots.issued(firing(100), at(90));
    shots.issued(firing(108), at(90));
    for (let tick = 104; tick < 125; tick++) shots.show(tick, at(95), targets(57, { isTarget }));
    expect(shots.takeHits().map(({ number }) => number)).toEqual([100]);
  });

  test("[FE7] are shown again when the server lets them fly on", () => {
    const shots = fresh();
    shots.issued(firing(100), at(90));
    shots.told([track(104)], at(104));
    for (const tick of [105, 107, 109]) shots.show(tick, at(104), targets(57));
    expect(shots.show(112, at(110), targets(57))).toEqual([]);
    expect(shots.show(116, at(114), targets(57))).toHaveLength(1);
    expect(shots.takeHits()).toHaveLength(1);
  });

  test("[FE7] hit once at most, also where they are shown again inside the ship", () => {
    const shots = fresh();
    shots.issued(firing(100), at(90));
    shots.told([track(104)], at(104));
    shots.show(108.2, at(104), targets(57));
    shots.show(108.6, at(113), targets(57));
    shots.show(108.8, at(113), targets(57));
    expect(shots.takeHits()).toHaveLength(1);
  });
});
