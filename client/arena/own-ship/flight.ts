import { type Ground, PROJECTILE_RADIUS_METRES } from "../../../rooms/arena/prediction.ts";
import { sweepAgainstDisc } from "../../../rooms/kernel/vector.ts";

/** @returns Share of the way at which a wall or an obstacle stops a projectile; `Infinity` if nothing does. */
export function shareToGround(
  ground: Ground,
  x: number,
  y: number,
  dx: number,
  dy: number,
): number {
  let first = Math.min(
    shareToWalls(x, dx, ground.widthMetres),
    shareToWalls(y, dy, ground.heightMetres),
  );
  for (const { xMetres, yMetres, radiusMetres } of ground.obstacles) {
    const radius = radiusMetres + PROJECTILE_RADIUS_METRES;
    first = Math.min(first, sweepAgainstDisc(x, y, dx, dy, xMetres, yMetres, radius));
  }
  return first;
}

/** One axis: the walls at 0 and `size`. */
function shareToWalls(from: number, way: number, size: number): number {
  const low = PROJECTILE_RADIUS_METRES;
  const high = size - PROJECTILE_RADIUS_METRES;
  const to = from + way;
  if (to < low) return (low - from) / way;
  return to > high ? (high - from) / way : Number.POSITIVE_INFINITY;
}
