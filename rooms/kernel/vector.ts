/**
 * Plane geometry on bare coordinates: hot loops allocate no vectors.
 * @module
 */

export function distanceSquared(ax: number, ay: number, bx: number, by: number): number {
  const dx = bx - ax;
  const dy = by - ay;
  return dx * dx + dy * dy;
}

/**
 * Finds where a point that moves in a straight line first touches a disc.
 * @param x - Start of the point; `dx`, `dy` is the way it goes.
 * @returns Fraction of the way, 0 to 1, 0 when it starts inside; `Infinity` if it never touches.
 */
export function sweepAgainstDisc(
  x: number,
  y: number,
  dx: number,
  dy: number,
  centreX: number,
  centreY: number,
  radius: number,
): number {
  const fromX = x - centreX;
  const fromY = y - centreY;
  const outside = fromX * fromX + fromY * fromY - radius * radius;
  if (outside <= 0) return 0;
  const approach = fromX * dx + fromY * dy;
  if (approach >= 0) return Infinity;
  const lengthSquared = dx * dx + dy * dy;
  const discriminant = approach * approach - lengthSquared * outside;
  if (discriminant < 0) return Infinity;
  const fraction = (-approach - Math.sqrt(discriminant)) / lengthSquared;
  // A way too short for its square to be told from zero gives no fraction.
  return fraction >= 0 && fraction <= 1 ? fraction : Infinity;
}
