import { cos, sin } from "../kernel/maths.ts";
import { buildSpatialGrid, type SpatialGrid, visitNear } from "../kernel/spatial-grid.ts";
import { sweepAgainstDisc } from "../kernel/vector.ts";
import { isClear, visitObstaclesNear } from "./ground.ts";
import { type PastStep, pastStep } from "./rewind.ts";
import type { ArenaState, Ground, Projectile, Ship } from "./state.ts";
import {
  FIRE_COOLDOWN_SECONDS,
  PROJECTILE_LIFE_SECONDS,
  PROJECTILE_RADIUS_METRES,
  PROJECTILE_SPEED_METRES_PER_SECOND,
  SHIP_RADIUS_METRES,
  ticksLasting,
} from "./tuning.ts";

/** About the way of a projectile in one step at a usual tick rate, and a few ships. */
const SHIP_CELL_METRES = 4;
/** How far from the shooter's centre a shot appears, just outside its hull. */
const MUZZLE_METRES = SHIP_RADIUS_METRES + PROJECTILE_RADIUS_METRES;
/** A shot whose centre is so near to a ship's has hit it. */
const TOUCH_METRES = SHIP_RADIUS_METRES + PROJECTILE_RADIUS_METRES;

/**
 * Fires a ship's gun and starts its cooldown. A shot that would appear inside a wall or an obstacle is spent.
 * The caller has checked that the ship may fire.
 */
export function fire(state: ArenaState, ship: Ship): void {
  ship.fireReadyAtTick = state.tick + ticksLasting(FIRE_COOLDOWN_SECONDS, state.tickRateHz);
  const towardsX = cos(ship.angleRadians);
  const towardsY = sin(ship.angleRadians);
  const xMetres = ship.xMetres + towardsX * MUZZLE_METRES;
  const yMetres = ship.yMetres + towardsY * MUZZLE_METRES;
  if (!isClear(state.ground, xMetres, yMetres, PROJECTILE_RADIUS_METRES)) return;
  state.projectiles.push({
    id: state.nextProjectileId,
    ownerSeat: ship.seat,
    ownerTeamIndex: ship.teamIndex,
    xMetres,
    yMetres,
    vxMetresPerSecond: towardsX * PROJECTILE_SPEED_METRES_PER_SECOND,
    vyMetresPerSecond: towardsY * PROJECTILE_SPEED_METRES_PER_SECOND,
    bornTick: state.tick,
    rewindEighths: ship.rewindEighths,
  });
  state.nextProjectileId = (state.nextProjectileId + 1) >>> 0;
}

/**
 * Moves every projectile by one step against where ships went in the step that its shooter saw, and removes those that are spent or hit something.
 * The ground does not move, and nobody is hit who is not alive now.
 * @param onHit - Called in order of projectile id; may change ships, but must not move them.
 */
export function stepProjectiles(
  state: ArenaState,
  dtSeconds: number,
  onHit: (projectile: Projectile, ship: Ship) => void,
): void {
  const { projectiles, ground } = state;
  if (projectiles.length === 0) return;
  const targets = state.ships.filter((ship) => ship?.isAlive === true) as Ship[];
  const grid = buildSpatialGrid(ground.widthMetres, ground.heightMetres, SHIP_CELL_METRES, targets);
  const lifeTicks = ticksLasting(PROJECTILE_LIFE_SECONDS, state.tickRateHz);
  let kept = 0;
  for (const projectile of projectiles) {
    const dx = projectile.vxMetresPerSecond * dtSeconds;
    const dy = projectile.vyMetresPerSecond * dtSeconds;
    const wayToSolid = sweepAgainstGround(ground, projectile, dx, dy);
    const past = pastStep(state, projectile.rewindEighths);
    const struck = findFirstStruck(projectile, targets, grid, past, dx, dy, wayToSolid);
    if (struck !== undefined) onHit(projectile, struck);
    const isSpent = state.tick - projectile.bornTick >= lifeTicks;
    if (struck !== undefined || wayToSolid <= 1 || isSpent) continue;
    projectile.xMetres += dx;
    projectile.yMetres += dy;
    projectiles[kept] = projectile;
    kept++;
  }
  projectiles.length = kept;
}

/** @returns Fraction of the way at which a wall or obstacle stops it; `Infinity` if nothing does. */
function sweepAgainstGround(
  ground: Ground,
  projectile: Projectile,
  dx: number,
  dy: number,
): number {
  const { xMetres, yMetres } = projectile;
  let first = Math.min(
    sweepAgainstWalls(xMetres, dx, ground.widthMetres),
    sweepAgainstWalls(yMetres, dy, ground.heightMetres),
  );
  const reach = Math.max(Math.abs(dx), Math.abs(dy)) + PROJECTILE_RADIUS_METRES;
  visitObstaclesNear(ground, xMetres, yMetres, reach, (obstacle) => {
    const radius = obstacle.radiusMetres + PROJECTILE_RADIUS_METRES;
    const { xMetres: x, yMetres: y } = obstacle;
    first = Math.min(first, sweepAgainstDisc(xMetres, yMetres, dx, dy, x, y, radius));
  });
  return first;
}

/** One axis: the walls at 0 and `size`. */
function sweepAgainstWalls(from: number, way: number, size: number): number {
  const low = PROJECTILE_RADIUS_METRES;
  const high = size - PROJECTILE_RADIUS_METRES;
  const to = from + way;
  if (to < low) return (low - from) / way;
  if (to > high) return (high - from) / way;
  return Infinity;
}

/** @returns The living enemy touched first, before `wayMax` of the way; the lowest seat if two are touched at once. */
function findFirstStruck(
  projectile: Projectile,
  targets: readonly Ship[],
  grid: SpatialGrid,
  past: PastStep,
  dx: number,
  dy: number,
  wayMax: number,
): Ship | undefined {
  const { xMetres, yMetres } = projectile;
  // The grid has ships where they are now.
  const reach = TOUCH_METRES + past.driftMetres;
  let first = wayMax;
  let struck: Ship | undefined;
  const lowX = Math.min(xMetres, xMetres + dx) - reach;
  const lowY = Math.min(yMetres, yMetres + dy) - reach;
  const highX = Math.max(xMetres, xMetres + dx) + reach;
  const highY = Math.max(yMetres, yMetres + dy) + reach;
  visitNear(grid, lowX, lowY, highX, highY, (index) => {
    const ship = targets[index];
    if (ship === undefined || !canHit(projectile, ship, past)) return;
    const way = sweepAgainstShip(projectile, ship, past, dx, dy);
    const isEarlier =
      way < first || (way === first && struck !== undefined && ship.seat < struck.seat);
    if (!isEarlier) return;
    first = way;
    struck = ship;
  });
  return struck;
}

/** @returns Fraction of the step at which the two touch, both on their straight ways through it; `Infinity` if never. */
function sweepAgainstShip(
  projectile: Projectile,
  { trail }: Ship,
  { first, second, third, share }: PastStep,
  dx: number,
  dy: number,
): number {
  const secondX = trail[second] ?? 0;
  const secondY = trail[second + 1] ?? 0;
  const fromX = between(trail[first] ?? 0, secondX, share);
  const fromY = between(trail[first + 1] ?? 0, secondY, share);
  const shipDx = between(secondX, trail[third] ?? 0, share) - fromX;
  const shipDy = between(secondY, trail[third + 1] ?? 0, share) - fromY;
  const { xMetres, yMetres } = projectile;
  return sweepAgainstDisc(xMetres, yMetres, dx - shipDx, dy - shipDy, fromX, fromY, TOUCH_METRES);
}

function between(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}

/**
 * Own shots and those of team mates pass through; so do shots at a ship destroyed earlier in the step, and at one whose
 * player has a new one since the shooter saw it.
 */
function canHit(projectile: Projectile, ship: Ship, past: PastStep): boolean {
  if (!ship.isAlive || ship.seat === projectile.ownerSeat) return false;
  if (ship.aliveSinceTick > past.sinceTick) return false;
  return projectile.ownerTeamIndex === -1 || projectile.ownerTeamIndex !== ship.teamIndex;
}
