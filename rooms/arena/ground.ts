/**
 * Where things stand: walls, obstacles, and the places where ships appear.
 * @module
 */
import { nextBelow, nextBetween, type Random } from "../kernel/random.ts";
import { buildSpatialGrid, visitNear } from "../kernel/spatial-grid.ts";
import { distanceSquared } from "../kernel/vector.ts";
import type { Seat } from "../simulation.ts";
import type { ArenaState, Ground, Obstacle, Ship, SpawnPoint } from "./state.ts";
import {
  OBSTACLE_AREA_SQUARE_METRES,
  OBSTACLE_GAP_METRES,
  OBSTACLE_RADIUS_METRES_MAX,
  OBSTACLE_RADIUS_METRES_MIN,
  PLACEMENT_ATTEMPTS_MAX,
  SEATS_PER_SMALLEST_WORLD,
  SHIP_RADIUS_METRES,
  SPAWN_AREA_SQUARE_METRES,
  SPAWN_GAP_METRES,
  WORLD_SIDE_METRES,
} from "./tuning.ts";

/** An obstacle reaches over at most this many cells in each direction. */
const OBSTACLE_CELL_METRES = 10;

/** @returns Side of a square world for so many seats, whole metres. */
export function worldSideMetres(seatsMax: number): number {
  const crowding = Math.max(1, seatsMax / SEATS_PER_SMALLEST_WORLD);
  return Math.round(WORLD_SIDE_METRES * Math.sqrt(crowding));
}

/**
 * Puts walls around obstacles. Clients use it with what their replica holds.
 * @param obstacles - Kept, not copied.
 */
export function createGround(
  widthMetres: number,
  heightMetres: number,
  obstacles: readonly Obstacle[],
): Ground {
  const obstacleGrid = buildSpatialGrid(widthMetres, heightMetres, OBSTACLE_CELL_METRES, obstacles);
  return { widthMetres, heightMetres, obstacles, obstacleGrid };
}

/** Draws the obstacles of a square world; fewer than planned if they find no place. */
export function drawObstacles(random: Random, sideMetres: number): Obstacle[] {
  const obstacles: Obstacle[] = [];
  const planned = Math.floor((sideMetres * sideMetres) / OBSTACLE_AREA_SQUARE_METRES);
  for (let count = 0; count < planned; count++) {
    for (let attempt = 0; attempt < PLACEMENT_ATTEMPTS_MAX; attempt++) {
      const obstacle = drawObstacle(random, sideMetres);
      const gap = OBSTACLE_GAP_METRES + obstacle.radiusMetres;
      if (!isPlaceFree(obstacles, obstacle.xMetres, obstacle.yMetres, gap)) continue;
      obstacles.push(obstacle);
      break;
    }
  }
  return obstacles;
}

function drawObstacle(random: Random, sideMetres: number): Obstacle {
  const radius = nextBetween(random, OBSTACLE_RADIUS_METRES_MIN, OBSTACLE_RADIUS_METRES_MAX);
  const margin = radius + OBSTACLE_GAP_METRES;
  const x = nextBetween(random, margin, sideMetres - margin);
  const y = nextBetween(random, margin, sideMetres - margin);
  // Clients are sent 32-bit floats, and must predict against the very same obstacles.
  return { xMetres: Math.fround(x), yMetres: Math.fround(y), radiusMetres: Math.fround(radius) };
}

/** Draws where ships appear; fewer than planned if they find no place. */
export function drawSpawnPoints(random: Random, ground: Ground): SpawnPoint[] {
  const points: SpawnPoint[] = [];
  const margin = SHIP_RADIUS_METRES + SPAWN_GAP_METRES;
  const area = ground.widthMetres * ground.heightMetres;
  const planned = Math.floor(area / SPAWN_AREA_SQUARE_METRES);
  for (let count = 0; count < planned; count++) {
    for (let attempt = 0; attempt < PLACEMENT_ATTEMPTS_MAX; attempt++) {
      const xMetres = nextBetween(random, margin, ground.widthMetres - margin);
      const yMetres = nextBetween(random, margin, ground.heightMetres - margin);
      if (!isPlaceFree(ground.obstacles, xMetres, yMetres, margin)) continue;
      points.push({ xMetres, yMetres });
      break;
    }
  }
  return points;
}

function isPlaceFree(
  obstacles: readonly Obstacle[],
  xMetres: number,
  yMetres: number,
  gapMetres: number,
): boolean {
  return obstacles.every((other) => {
    const apart = other.radiusMetres + gapMetres;
    return distanceSquared(xMetres, yMetres, other.xMetres, other.yMetres) >= apart * apart;
  });
}

/**
 * Picks the spawn point whose nearest living enemy is farthest; any, by one draw, if there is no enemy.
 * The search starts at a random point, so that equally good ones are equally likely.
 */
export function pickSpawnPoint(state: ArenaState, seat: Seat, teamIndex: number): SpawnPoint {
  const { spawnPoints, ground, ships } = state;
  const enemies = ships.filter((ship) => isLivingEnemy(ship, seat, teamIndex)) as Ship[];
  const offset = nextBelow(state.random, Math.max(1, spawnPoints.length));
  let best: SpawnPoint = { xMetres: ground.widthMetres / 2, yMetres: ground.heightMetres / 2 };
  let bestDistanceSquared = -1;
  for (let index = 0; index < spawnPoints.length; index++) {
    const point = spawnPoints[(index + offset) % spawnPoints.length];
    if (point === undefined) continue;
    const nearest = nearestDistanceSquared(point, enemies, bestDistanceSquared);
    if (nearest > bestDistanceSquared) {
      best = point;
      bestDistanceSquared = nearest;
    }
  }
  return best;
}

function isLivingEnemy(ship: Ship | undefined, seat: Seat, teamIndex: number): boolean {
  if (ship === undefined || !ship.isAlive || ship.seat === seat) return false;
  return teamIndex === -1 || ship.teamIndex !== teamIndex;
}

/** @returns Square of the distance to the nearest one; stops early, with any value below, at `uninteresting`. */
function nearestDistanceSquared(
  point: SpawnPoint,
  enemies: readonly Ship[],
  uninteresting: number,
): number {
  let nearest = Infinity;
  for (const enemy of enemies) {
    const away = distanceSquared(point.xMetres, point.yMetres, enemy.xMetres, enemy.yMetres);
    if (away < nearest) nearest = away;
    if (nearest <= uninteresting) return nearest;
  }
  return nearest;
}

/** @returns Whether a disc there touches neither a wall nor an obstacle. */
export function isClear(
  ground: Ground,
  xMetres: number,
  yMetres: number,
  radiusMetres: number,
): boolean {
  const { widthMetres, heightMetres } = ground;
  if (xMetres < radiusMetres || xMetres > widthMetres - radiusMetres) return false;
  if (yMetres < radiusMetres || yMetres > heightMetres - radiusMetres) return false;
  let clear = true;
  visitObstaclesNear(ground, xMetres, yMetres, radiusMetres, (obstacle) => {
    const apart = obstacle.radiusMetres + radiusMetres;
    if (distanceSquared(xMetres, yMetres, obstacle.xMetres, obstacle.yMetres) < apart * apart) {
      clear = false;
    }
  });
  return clear;
}

/** Visits every obstacle that reaches within `reachMetres` of a place, and maybe some that do not. */
export function visitObstaclesNear(
  ground: Ground,
  xMetres: number,
  yMetres: number,
  reachMetres: number,
  visit: (obstacle: Obstacle) => void,
): void {
  const reach = reachMetres + OBSTACLE_RADIUS_METRES_MAX;
  const grid = ground.obstacleGrid;
  visitNear(grid, xMetres - reach, yMetres - reach, xMetres + reach, yMetres + reach, (index) => {
    const obstacle = ground.obstacles[index];
    if (obstacle !== undefined) visit(obstacle);
  });
}
