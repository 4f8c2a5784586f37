/**
 * Every number that shapes the arena's play. Changing one changes recorded matches: raise the game's version.
 * @module
 */

/** Most seats of a match. Tests run with 200 and more; a usual match has 32. */
export const SEATS_MAX = 256;
/** Up to this many seats the world has its smallest size; above, its area grows in proportion. */
export const SEATS_PER_SMALLEST_WORLD = 32;
/** Side of the smallest world. */
export const WORLD_SIDE_METRES = 100;

/** Ground per obstacle: 20 obstacles in the smallest world. */
export const OBSTACLE_AREA_SQUARE_METRES = 500;
export const OBSTACLE_RADIUS_METRES_MIN = 1.5;
export const OBSTACLE_RADIUS_METRES_MAX = 4;
/**
 * Free way between two obstacles, and between one and a wall. Wider than a ship, so that a ship can touch only
 * one thing at a time and is never squeezed.
 */
export const OBSTACLE_GAP_METRES = 2.5;
/** Ground per spawn point: 40 in the smallest world, more than its seats. */
export const SPAWN_AREA_SQUARE_METRES = 250;
/** Free way around a spawn point. */
export const SPAWN_GAP_METRES = 1;
/** Draws for the place of one thing before it is left out: bounds the cost of a crowded layout. */
export const PLACEMENT_ATTEMPTS_MAX = 40;

export const SHIP_RADIUS_METRES = 0.8;
/** Thrust along the pressed direction; the same diagonally. */
export const SHIP_ACCELERATION_METRES_PER_SECOND_SQUARED = 45;
/** Share of its velocity a ship loses per second, as a rate: it rolls out within about a second. */
export const SHIP_DRAG_PER_SECOND = 2;
export const SHIP_SPEED_METRES_PER_SECOND_MAX = 14;
/** A half turn takes a quarter of a second. */
export const SHIP_TURN_RADIANS_PER_SECOND = 4 * Math.PI;
/**
 * Longest piece of time moved at once, a sixtieth of a second: slower tick rates take several pieces per step, so
 * that no ship passes through an obstacle and motion differs little between rates.
 */
export const MOVE_SECONDS_MAX = 1 / 60;

export const HEALTH_MAX = 100;
/** Five hits destroy a ship. */
export const PROJECTILE_DAMAGE = 20;
export const PROJECTILE_RADIUS_METRES = 0.15;
export const PROJECTILE_SPEED_METRES_PER_SECOND = 40;
/** Range 48 m. With the cooldown it bounds a ship's projectiles in flight to 5. */
export const PROJECTILE_LIFE_SECONDS = 1.2;
/** Least time between two shots of a ship; rounded up to whole ticks. */
export const FIRE_COOLDOWN_SECONDS = 0.25;

/** From destruction to appearing again. */
export const RESPAWN_SECONDS = 2;
/** A silent player's last controls stay in force this long: covers lost packets, ends runaways. */
export const CONTROLS_HELD_SECONDS = 0.5;
/** How far ahead of the last used command's number the next may be: 8 s at the highest tick rate. */
export const COMMAND_TICKS_AHEAD_MAX = 1024;

/**
 * A shot is judged by what its player saw at most so long ago. A ship goes 3.5 m in it, which is what somebody who has
 * just taken cover may be hit by.
 */
export const REWIND_SECONDS_MAX = 0.25;
/**
 * How much later than its round trip makes it a client may show the others. Three ticks at 20 Hz: two snapshots, so
 * that there is always one to move towards, and one more for uneven arrival. Clients that show them later aim ahead.
 */
export const INTERPOLATION_MS_MAX = 150;
/** A command comes between two steps and waits for the next. */
export const COMMAND_WAIT_TICKS = 1;

/** Used unless the game property `matchSeconds` (10 to 3600) says otherwise. */
export const MATCH_SECONDS = 180;
export const MATCH_SECONDS_MIN = 10;
export const MATCH_SECONDS_MAX = 3600;
/** Kills of one side that end the match, unless the game property `scoreLimit` (1 to 1000) says otherwise. */
export const SCORE_LIMIT = 20;
export const SCORE_LIMIT_MIN = 1;
export const SCORE_LIMIT_MAX = 1000;

/** @returns Whole ticks that last at least `seconds`; from 1. */
export function ticksLasting(seconds: number, tickRateHz: number): number {
  // The tolerance keeps a product such as 0.7 * 10 = 7.000000000000001 from becoming one tick more.
  return Math.max(1, Math.ceil(seconds * tickRateHz - 1e-9));
}
