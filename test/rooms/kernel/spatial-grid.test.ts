import fc from "fast-check";
import { expect, test } from "vitest";
import { buildSpatialGrid, visitNear } from "../../../rooms/kernel/spatial-grid.ts";

const coordinate = fc.double({ min: -5, max: 45, noNaN: true });
const points = fc.array(fc.record({ xMetres: coordinate, yMetres: coordinate }), { maxLength: 60 });

test("[SM6] visits every point of a rectangle exactly once, in the same order each time", () => {
  fc.assert(
    fc.property(points, coordinate, coordinate, coordinate, coordinate, (all, x0, y0, x1, y1) => {
      const grid = buildSpatialGrid(40, 30, 7, all);
      const [lowX, highX, lowY, highY] = [
        Math.min(x0, x1),
        Math.max(x0, x1),
        Math.min(y0, y1),
        Math.max(y0, y1),
      ];
      const visitAll = () => {
        const visited: number[] = [];
        visitNear(grid, lowX, lowY, highX, highY, (index) => visited.push(index));
        return visited;
      };
      const visited = visitAll();
      expect(new Set(visited).size).toBe(visited.length);
      expect(visitAll()).toEqual(visited);
      all.forEach(({ xMetres: x, yMetres: y }, index) => {
        const isInside = x >= lowX && x <= highX && y >= lowY && y <= highY;
        if (isInside) expect(visited).toContain(index);
      });
    }),
  );
});

test("[SM6] does not visit what is far away", () => {
  const grid = buildSpatialGrid(100, 100, 10, [
    { xMetres: 5, yMetres: 5 },
    { xMetres: 95, yMetres: 95 },
  ]);
  const visited: number[] = [];
  visitNear(grid, 0, 0, 9, 9, (index) => visited.push(index));
  expect(visited).toEqual([0]);
});
