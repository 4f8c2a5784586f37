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

/** A square, the same for x and y. */
export interface Ground {
  readonly lowMetres: number;
  readonly highMetres: number;
}

export const SIDE_METRES = 1_000;
export const WHOLE_GROUND: Ground = { lowMetres: 0, highMetres: SIDE_METRES };

export const PLAYER_METRES_PER_SECOND = 20;
export const NPC_METRES_PER_SECOND = 10;
export const SHOT_METRES_PER_SECOND = 60;
export const SHOT_SECONDS = 1;
/** In a fight every so-manieth input of a player is a shot: four a second. */
export const INPUTS_PER_SHOT = 5;
/** Things without a player turn to another direction twice a second. */
const HEADINGS_PER_SECOND = 2;
/** Make a turn. */
export const ANGLES = 65_536;

export const newBody = (): Body => ({ x: 0, y: 0, vx: 0, vy: 0, angle: 0 });

export function place(body: Body, { lowMetres, highMetres }: Ground, random: Random): void {
  body.x = nextBetween(random, lowMetres, highMetres);
  body.y = nextBetween(random, lowMetres, highMetres);
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
  goTowards(body, angle, NPC_METRES_PER_SECOND);
}

/** A shot flies where its owner looks. */
export function shoot(shot: Body, owner: Body): void {
  shot.x = owner.x;
  shot.y = owner.y;
  goTowards(shot, owner.angle, SHOT_METRES_PER_SECOND);
}

function goTowards(body: Body, angle: number, metresPerSecond: number): void {
  const radians = (2 * Math.PI * angle) / ANGLES;
  body.vx = metresPerSecond * cos(radians);
  body.vy = metresPerSecond * sin(radians);
  body.angle = angle;
}

/** Whether the `nth` thing turns in this tick: not all in the same one. */
export function turnsAt(nth: number, tick: number, tickRateHz: number): boolean {
  const everyTicks = Math.round(tickRateHz / HEADINGS_PER_SECOND);
  return (tick + nth) % everyTicks === 0;
}

/** Goes straight on, and back from a wall. */
export function move(body: Body, dtSeconds: number, { lowMetres, highMetres }: Ground): void {
  let x = body.x + body.vx * dtSeconds;
  let y = body.y + body.vy * dtSeconds;
  if (x < lowMetres || x > highMetres) {
    x = 2 * (x < lowMetres ? lowMetres : highMetres) - x;
    body.vx = -body.vx;
  }
  if (y < lowMetres || y > highMetres) {
    y = 2 * (y < lowMetres ? lowMetres : highMetres) - y;
    body.vy = -body.vy;
  }
  body.x = x;
  body.y = y;
}
