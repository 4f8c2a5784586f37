import { expect, test } from "vitest";
import { ArenaButton } from "../../../rooms/arena/commands.ts";
import { createGround } from "../../../rooms/arena/ground.ts";
import { stepShip } from "../../../rooms/arena/ship.ts";
import type { Obstacle, ShipBody } from "../../../rooms/arena/state.ts";
import {
  SHIP_RADIUS_METRES,
  SHIP_SPEED_METRES_PER_SECOND_MAX,
} from "../../../rooms/arena/tuning.ts";
import { hypot } from "../../../rooms/kernel/maths.ts";

const open = createGround(100, 100, []);

function bodyAt(xMetres: number, yMetres: number): ShipBody {
  return { xMetres, yMetres, vxMetresPerSecond: 0, vyMetresPerSecond: 0, angleRadians: 0 };
}

function fly(body: ShipBody, buttons: number, seconds: number, rateHz = 30, ground = open): void {
  for (let step = 0; step < seconds * rateHz; step++) {
    stepShip(body, { buttons, aimRadians: 0 }, ground, 1 / rateHz);
  }
}

test("[SM4] moves in world directions and reaches its top speed, the same diagonally", () => {
  const ways = [
    { buttons: ArenaButton.RIGHT, x: 1, y: 0 },
    { buttons: ArenaButton.LEFT, x: -1, y: 0 },
    { buttons: ArenaButton.DOWN, x: 0, y: 1 },
    { buttons: ArenaButton.UP, x: 0, y: -1 },
    { buttons: ArenaButton.UP | ArenaButton.RIGHT, x: 1, y: -1 },
  ];
  for (const { buttons, x, y } of ways) {
    const body = bodyAt(50, 50);
    fly(body, buttons, 1);
    expect(Math.sign(body.vxMetresPerSecond)).toBe(x);
    expect(Math.sign(body.vyMetresPerSecond)).toBe(y);
    const speed = hypot(body.vxMetresPerSecond, body.vyMetresPerSecond);
    expect(speed).toBeCloseTo(SHIP_SPEED_METRES_PER_SECOND_MAX, 9);
  }
});

test("[SM4] gains speed no faster diagonally", () => {
  const [straight, diagonal] = [bodyAt(50, 50), bodyAt(50, 50)];
  fly(straight, ArenaButton.RIGHT, 0.1);
  fly(diagonal, ArenaButton.RIGHT | ArenaButton.DOWN, 0.1);
  const speed = hypot(diagonal.vxMetresPerSecond, diagonal.vyMetresPerSecond);
  expect(speed).toBeCloseTo(straight.vxMetresPerSecond, 9);
});

test("[SM4] rolls out when no direction, or opposite ones, are pressed", () => {
  const body = bodyAt(50, 50);
  fly(body, ArenaButton.RIGHT, 1);
  fly(body, ArenaButton.LEFT | ArenaButton.RIGHT, 4);
  expect(body.vxMetresPerSecond).toBeLessThan(0.01);
});

test("[SM4] turns the short way, no faster than half a turn in a quarter of a second", () => {
  const body = bodyAt(50, 50);
  body.angleRadians = 3;
  stepShip(body, { buttons: 0, aimRadians: -3 }, open, 1 / 30);
  expect(body.angleRadians).toBe(-3);
  stepShip(body, { buttons: 0, aimRadians: 0 }, open, 1 / 30);
  expect(body.angleRadians).toBeCloseTo(-3 + (4 * Math.PI) / 30, 9);
});

test("[SM4] moves nearly alike at every tick rate", () => {
  const ends = [10, 20, 30, 60, 128].map((rateHz) => {
    const body = bodyAt(20, 20);
    fly(body, ArenaButton.RIGHT | ArenaButton.DOWN, 2, rateHz);
    return body.xMetres;
  });
  expect(Math.max(...ends) - Math.min(...ends)).toBeLessThan(0.3);
});

test("[SM6] stops at walls in the corner of the world", () => {
  for (const rateHz of [10, 30, 128]) {
    const body = bodyAt(3, 3);
    fly(body, ArenaButton.LEFT | ArenaButton.UP, 2, rateHz);
    expect([body.xMetres, body.yMetres]).toEqual([SHIP_RADIUS_METRES, SHIP_RADIUS_METRES]);
    expect([body.vxMetresPerSecond, body.vyMetresPerSecond]).toEqual([0, 0]);
  }
});

test("[SM6] slides around the smallest obstacle at full speed, never into it", () => {
  const obstacle: Obstacle = { xMetres: 50, yMetres: 50, radiusMetres: 1.5 };
  const ground = createGround(100, 100, [obstacle]);
  for (const rateHz of [10, 30, 128]) {
    for (let aside = -2; aside <= 2; aside += 0.25) {
      const body = bodyAt(30, 50 + aside);
      for (let step = 0; step < 3 * rateHz; step++) {
        stepShip(body, { buttons: ArenaButton.RIGHT, aimRadians: 0 }, ground, 1 / rateHz);
        const away = hypot(body.xMetres - 50, body.yMetres - 50);
        expect(away).toBeGreaterThanOrEqual(1.5 + SHIP_RADIUS_METRES - 1e-9);
      }
      if (aside !== 0) expect(body.xMetres).toBeGreaterThan(52);
      else expect(body.xMetres).toBeCloseTo(50 - 1.5 - SHIP_RADIUS_METRES, 9);
    }
  }
});

test("[SM6] leaves an obstacle even from its very centre", () => {
  const ground = createGround(100, 100, [{ xMetres: 50, yMetres: 50, radiusMetres: 3 }]);
  const body = bodyAt(50, 50);
  stepShip(body, { buttons: 0, aimRadians: 0 }, ground, 1 / 30);
  expect(hypot(body.xMetres - 50, body.yMetres - 50)).toBeCloseTo(3 + SHIP_RADIUS_METRES, 9);
});
