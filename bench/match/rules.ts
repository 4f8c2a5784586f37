/**
 * How things move in the reference match. Every server that is compared moves its own objects by these rules, and none
 * has others.
 * @module
 */
import { cos, sin } from "../../rooms/kernel/maths.ts";
import { nextBetween, type Random } from "../../rooms/kernel/random.ts";

/** Anything that moves: a plain object, or a schema of Colyseus that is changed in place. */
export interface Body {
  /** Metres from the left wall, and from the top one. */
  x: number;
  y: number;
  /** Metres per second. */
  vx: number;
  vy: number;
  /** Where it looks: 65536 make a turn. */
  angle: number;
}

/** What a player asks for. */
export interface Input {
  /** -1 to 1 each; the length may be more than 1, and then counts as 1. */
  readonly dx: number;
  readonly dy: number;
  /** Whole, 0 to 65535. */
  readonly angle: number;
}

export const PLAYER_METRES_PER_SECOND = 20;
export const NPC_METRES_PER_SECOND = 10;
/** Things without a player turn to another direction twice a second. */
const HEADINGS_PER_SECOND = 2;
export const ANGLES = 65_536;

export function place(body: Body, sideMetres: number, random: Random): void {
  body.x = nextBetween(random, 0, sideMetres);
  body.y = nextBetween(random, 0, sideMetres);
}

/** A player's input holds until the next one. */
export function steer(body: Body, { dx, dy, angle }: Input): void {
  const length = Math.max(1, Math.sqrt(dx * dx + dy * dy));
  body.vx = (PLAYER_METRES_PER_SECOND * dx) / length;
  body.vy = (PLAYER_METRES_PER_SECOND * dy) / length;
  body.angle = angle;
}

/** A thing without a player turns, and looks where it goes. */
export function head(body: Body, random: Random): void {
  const angle = Math.floor(nextBetween(random, 0, ANGLES));
  const radians = (2 * Math.PI * angle) / ANGLES;
  body.vx = NPC_METRES_PER_SECOND * cos(radians);
  body.vy = NPC_METRES_PER_SECOND * sin(radians);
  body.angle = angle;
}

/** Whether the `nth` thing turns in this tick: not all in the same one. */
export function turnsAt(nth: number, tick: number, tickRateHz: number): boolean {
  const everyTicks = Math.round(tickRateHz / HEADINGS_PER_SECOND);
  return (tick + nth) % everyTicks === 0;
}

/** Goes straight on, and back from a wall. */
export function move(body: Body, dtSeconds: number, sideMetres: number): void {
  let x = body.x + body.vx * dtSeconds;
  let y = body.y + body.vy * dtSeconds;
  if (x < 0 || x > sideMetres) {
    x = x < 0 ? -x : 2 * sideMetres - x;
    body.vx = -body.vx;
  }
  if (y < 0 || y > sideMetres) {
    y = y < 0 ? -y : 2 * sideMetres - y;
    body.vy = -body.vy;
  }
  body.x = x;
  body.y = y;
}
