import { buildSpatialGrid, visitNear } from "../../rooms/kernel/spatial-grid.ts";
import { distanceSquared } from "../../rooms/kernel/vector.ts";
import { type Body, SIDE_METRES } from "./rules.ts";

/**
 * Calls `visit` with everything that is within `metres` of each viewer.
 * @param things - Of which the viewers are some.
 */
export function visitNeighbours<Thing extends Body>(
  viewers: Iterable<Thing>,
  things: readonly Thing[],
  metres: number,
  visit: (viewer: Thing, near: ReadonlySet<Thing>) => void,
): void {
  const points = things.map(({ x, y }) => ({ xMetres: x, yMetres: y }));
  const grid = buildSpatialGrid(SIDE_METRES, SIDE_METRES, metres, points);
  for (const viewer of viewers) {
    const { x, y } = viewer;
    const near = new Set<Thing>();
    visitNear(grid, x - metres, y - metres, x + metres, y + metres, (index) => {
      const thing = things[index] as Thing;
      if (distanceSquared(x, y, thing.x, thing.y) <= metres * metres) near.add(thing);
    });
    visit(viewer, near);
  }
}
