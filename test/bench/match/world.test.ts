import { describe, expect, it } from "vitest";
import { worldPlanOf } from "../../../bench/match/match-plan.ts";
import { Entity } from "../../../bench/match/match-schema.ts";
import { visitNeighbours } from "../../../bench/match/neighbours.ts";
import {
  type Body,
  INPUTS_PER_SHOT,
  move,
  NPC_METRES_PER_SECOND,
  newBody,
  PLAYER_METRES_PER_SECOND,
  SHOT_SECONDS,
  steer,
  WHOLE_GROUND,
} from "../../../bench/match/rules.ts";
import { World } from "../../../bench/match/world.ts";

const HZ = 20;
const planOf = (more: object = {}) =>
  worldPlanOf({ players: 1, npcs: 30, tickRateHz: HZ, orderFile: "", ...more });

const valuesOf = ({ x, y, vx, vy, angle }: Body) => [x, y, vx, vy, angle];

describe("the reference match", () => {
  it("[BN14] moves plain objects and schemas by the same rules to the same places", () => {
    const worlds = [
      new World<Body>(planOf(), newBody),
      new World<Body>(planOf(), () => new Entity()),
    ];
    const bodies = worlds.map((world, nth) => {
      const player: Body = nth === 0 ? newBody() : new Entity();
      world.join(player);
      world.isRunning = true;
      for (let tick = 0; tick < 100; tick++) {
        if (tick % 7 === 0) world.take(player, { dx: 0.5, dy: -1, angle: 100 * tick });
        world.step(1 / HZ);
      }
      return [...world.npcs, player].map(valuesOf);
    });
    expect(bodies[0]).toHaveLength(31);
    expect(bodies[1]).toEqual(bodies[0]);
  });

  it("[BN14] moves everything at every tick, turns each thing twice a second, and stands when told to", () => {
    const world = new World<Body>(planOf(), newBody);
    world.step(1 / HZ);
    expect(world.tick).toBe(0);
    world.isRunning = true;
    const turns = world.npcs.map(() => 0);
    for (let tick = 0; tick < 2 * HZ; tick++) {
      const before = world.npcs.map((npc) => ({ ...npc }));
      world.step(1 / HZ);
      world.npcs.forEach((npc, nth) => {
        expect([npc.x, npc.y]).not.toEqual([before[nth]?.x, before[nth]?.y]);
        if (npc.angle !== before[nth]?.angle) turns[nth] = (turns[nth] ?? 0) + 1;
      });
    }
    expect(new Set(turns)).toEqual(new Set([4]));
    for (const { vx, vy } of world.npcs)
      expect(Math.hypot(vx, vy)).toBeCloseTo(NPC_METRES_PER_SECOND);
  });

  it("[BN14] lets nobody go faster than he may, or through a wall", () => {
    const body = { ...newBody(), x: 1, y: 999 };
    steer(body, { dx: -1, dy: 1, angle: 7 });
    expect(Math.hypot(body.vx, body.vy)).toBeCloseTo(PLAYER_METRES_PER_SECOND);
    move(body, 0.5, WHOLE_GROUND);
    expect(body.x).toBeCloseTo(Math.SQRT1_2 * 10 - 1);
    expect(body.y).toBeCloseTo(1001 - Math.SQRT1_2 * 10);
    expect(body.vx).toBeGreaterThan(0);
    expect(body.vy).toBeLessThan(0);
    steer(body, { dx: 0.5, dy: 0, angle: 7 });
    expect(body.vx).toBe(PLAYER_METRES_PER_SECOND / 2);
  });

  it("[BN14] has every fifth input shoot in a fight, and shots that end", () => {
    const world = new World<Body>(planOf({ isFight: true, npcs: 0 }), newBody);
    const player = newBody();
    world.join(player);
    world.isRunning = true;
    const shots = (inputs: number) => {
      for (let nth = 0; nth < inputs; nth++) world.take(player, { dx: 0, dy: 0, angle: 0 });
      return world.shots.map(({ id }) => id);
    };
    expect(shots(INPUTS_PER_SHOT - 1)).toEqual([]);
    expect(shots(1)).toEqual([0]);
    world.step(1 / HZ);
    expect(shots(INPUTS_PER_SHOT)).toEqual([0, 1]);
    for (let tick = 1; tick < SHOT_SECONDS * HZ; tick++) world.step(1 / HZ);
    expect(world.shots[0]?.body.x).toBeCloseTo(player.x + 60);
    expect(shots(0)).toEqual([0, 1]);
    world.step(1 / HZ);
    expect(shots(0)).toEqual([1]);
    world.step(1 / HZ);
    expect(shots(0)).toEqual([]);
  });

  it("[BN14] tells the interest peer of what is within a circle, and of nothing else", () => {
    const things = [0, 60, 125, 127, 999].map((x) => ({ ...newBody(), x, y: 500 }));
    const viewer = things[0] as Body;
    const found: number[] = [];
    visitNeighbours([viewer], things, 126, (_viewer, near) => {
      found.push(...[...near].map(({ x }) => x));
    });
    expect(found.sort((a, b) => a - b)).toEqual([0, 60, 125]);
  });
});
