import { expect, test } from "vitest";
import { isClear, worldSideMetres } from "../../../rooms/arena/ground.ts";
import {
  OBSTACLE_GAP_METRES,
  OBSTACLE_RADIUS_METRES_MAX,
  OBSTACLE_RADIUS_METRES_MIN,
  SHIP_RADIUS_METRES,
} from "../../../rooms/arena/tuning.ts";
import { hypot } from "../../../rooms/kernel/maths.ts";
import { ArenaMatch } from "./arena-match.ts";

test("[SM15] is 100 m wide up to 32 seats, and as roomy with more", () => {
  expect([1, 32, 128, 256].map(worldSideMetres)).toEqual([100, 100, 200, 283]);
});

test("[SM15] keeps gaps a ship fits through around every obstacle, for any seed", () => {
  for (let seed = 0; seed < 30; seed++) {
    const { obstacles, widthMetres, heightMetres } = new ArenaMatch({ seed }).state.ground;
    expect(obstacles.length).toBeGreaterThan(10);
    obstacles.forEach(({ xMetres: x, yMetres: y, radiusMetres: radius }, index) => {
      expect(radius).toBeGreaterThanOrEqual(OBSTACLE_RADIUS_METRES_MIN);
      expect(radius).toBeLessThanOrEqual(OBSTACLE_RADIUS_METRES_MAX);
      const toWall = Math.min(x, y, widthMetres - x, heightMetres - y) - radius;
      expect(toWall).toBeGreaterThan(OBSTACLE_GAP_METRES - 1e-4);
      for (const other of obstacles.slice(index + 1)) {
        const gap = hypot(other.xMetres - x, other.yMetres - y) - radius - other.radiusMetres;
        expect(gap).toBeGreaterThan(OBSTACLE_GAP_METRES - 1e-4);
      }
    });
  }
});

test("[SM15] has more clear spawn points than seats", () => {
  for (const seatsMax of [2, 32, 200, 256]) {
    const { spawnPoints, ground } = new ArenaMatch({ seatsMax, seed: seatsMax }).state;
    expect(spawnPoints.length).toBeGreaterThan(seatsMax);
    for (const { xMetres, yMetres } of spawnPoints) {
      expect(isClear(ground, xMetres, yMetres, SHIP_RADIUS_METRES)).toBe(true);
    }
  }
});

test("[SM15] gives clients obstacles exactly as the server has them, in 32-bit floats", () => {
  for (const obstacle of new ArenaMatch().state.ground.obstacles) {
    for (const value of Object.values(obstacle)) expect(value).toBe(Math.fround(value));
  }
});
