/**
 * How a ship moves. The server steps every ship with it, a client its own, ahead of the server's answer.
 * @module
 */
import { clamp, hypot, wrapAngle } from "../kernel/maths.ts";
import { ArenaButton } from "./commands.ts";
import { visitObstaclesNear } from "./ground.ts";
import type { ArenaControls, Ground, Obstacle, ShipBody } from "./state.ts";
import {
  MOVE_SECONDS_MAX,
  SHIP_ACCELERATION_METRES_PER_SECOND_SQUARED,
  SHIP_DRAG_PER_SECOND,
  SHIP_RADIUS_METRES,
  SHIP_SPEED_METRES_PER_SECOND_MAX,
  SHIP_TURN_RADIANS_PER_SECOND,
} from "./tuning.ts";

/**
 * Moves a ship by one step, in place; touches nothing else.
 * @param controls - Held during the whole step.
 * @param dtSeconds - Above 0, at most 0.1.
 */
export function stepShip(
  body: ShipBody,
  controls: ArenaControls,
  ground: Ground,
  dtSeconds: number,
): void {
  turn(body, controls.aimRadians, SHIP_TURN_RADIANS_PER_SECOND * dtSeconds);
  const pieces = Math.ceil(dtSeconds / MOVE_SECONDS_MAX - 1e-9);
  for (let piece = 0; piece < pieces; piece++) {
    accelerate(body, controls.buttons, dtSeconds / pieces);
    move(body, ground, dtSeconds / pieces);
  }
}

function turn(body: ShipBody, aimRadians: number, turnRadiansMax: number): void {
  const missing = wrapAngle(aimRadians - body.angleRadians);
  body.angleRadians = wrapAngle(
    body.angleRadians + clamp(missing, -turnRadiansMax, turnRadiansMax),
  );
}

function accelerate(body: ShipBody, buttons: number, dtSeconds: number): void {
  const right = isDown(buttons, ArenaButton.RIGHT) - isDown(buttons, ArenaButton.LEFT);
  const down = isDown(buttons, ArenaButton.DOWN) - isDown(buttons, ArenaButton.UP);
  const length = right !== 0 && down !== 0 ? Math.SQRT2 : 1;
  const gain = (SHIP_ACCELERATION_METRES_PER_SECOND_SQUARED * dtSeconds) / length;
  // Dividing, instead of multiplying with 1 - drag, cannot turn the velocity round however long the step is.
  const kept = 1 / (1 + SHIP_DRAG_PER_SECOND * dtSeconds);
  const vx = (body.vxMetresPerSecond + right * gain) * kept;
  const vy = (body.vyMetresPerSecond + down * gain) * kept;
  const speed = hypot(vx, vy);
  const scale =
    speed > SHIP_SPEED_METRES_PER_SECOND_MAX ? SHIP_SPEED_METRES_PER_SECOND_MAX / speed : 1;
  body.vxMetresPerSecond = vx * scale;
  body.vyMetresPerSecond = vy * scale;
}

function isDown(buttons: number, button: number): 0 | 1 {
  return (buttons & button) === 0 ? 0 : 1;
}

function move(body: ShipBody, ground: Ground, dtSeconds: number): void {
  body.xMetres += body.vxMetresPerSecond * dtSeconds;
  body.yMetres += body.vyMetresPerSecond * dtSeconds;
  stopAtWalls(body, ground);
  visitObstaclesNear(ground, body.xMetres, body.yMetres, SHIP_RADIUS_METRES, (obstacle) => {
    stopAtObstacle(body, obstacle);
  });
}

function stopAtWalls(body: ShipBody, ground: Ground): void {
  const x = clamp(body.xMetres, SHIP_RADIUS_METRES, ground.widthMetres - SHIP_RADIUS_METRES);
  const y = clamp(body.yMetres, SHIP_RADIUS_METRES, ground.heightMetres - SHIP_RADIUS_METRES);
  if (x !== body.xMetres) body.vxMetresPerSecond = 0;
  if (y !== body.yMetres) body.vyMetresPerSecond = 0;
  body.xMetres = x;
  body.yMetres = y;
}

/** Puts the ship back on the obstacle's edge and takes away the part of its velocity that goes inwards. */
function stopAtObstacle(body: ShipBody, obstacle: Obstacle): void {
  const fromX = body.xMetres - obstacle.xMetres;
  const fromY = body.yMetres - obstacle.yMetres;
  const apart = obstacle.radiusMetres + SHIP_RADIUS_METRES;
  const distance = hypot(fromX, fromY);
  if (distance >= apart) return;
  // Exactly on the centre no way out is nearest; to the right is as good as any.
  const outX = distance > 0 ? fromX / distance : 1;
  const outY = distance > 0 ? fromY / distance : 0;
  body.xMetres = obstacle.xMetres + outX * apart;
  body.yMetres = obstacle.yMetres + outY * apart;
  const outwards = body.vxMetresPerSecond * outX + body.vyMetresPerSecond * outY;
  if (outwards < 0) {
    body.vxMetresPerSecond -= outwards * outX;
    body.vyMetresPerSecond -= outwards * outY;
  }
}
