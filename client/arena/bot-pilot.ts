/**
 * How a bot flies: nearest enemy, some distance, some lead, and hands that are not quite steady.
 * @module
 */
import {
  ArenaButton,
  type ArenaCommand,
  type ArenaControls,
  encodeArenaCommand,
  PROJECTILE_SPEED_METRES_PER_SECOND,
  toTickEighths,
} from "../../rooms/arena/prediction.ts";
import type { ArenaReplica } from "../../rooms/arena/replica.ts";
import { createRandom, nextBelow, nextBetween, type Random } from "../../rooms/kernel/random.ts";
import type { MatchConnection } from "../connection.ts";
import type { SeatPlayer } from "../seat-player.ts";
import { ArenaReceiver } from "./arena-receiver.ts";
import type { ArenaView, ShipView } from "./arena-view.ts";
import { numberAfter } from "./own-ship/command-numbers.ts";

/** It tries to stay between these; nearer it backs off, farther it closes in. */
const DISTANCE_METRES_MIN = 9;
const DISTANCE_METRES_MAX = 20;
/** It shoots at what is nearer than this. */
const FIRE_METRES = 32;
/** It keeps this far from walls and from the edge of obstacles. */
const CLEARANCE_METRES = 3;
/** Largest error of its aim. A person should win against it. */
const AIM_ERROR_RADIANS = 0.22;
/** How long it keeps to one whim (side to circle to, error of aim, pause of fire). */
const WHIM_TICKS_MIN = 12;
const WHIM_TICKS_MAX = 45;

/** The part of the world a pilot looks at. */
export type PilotView = Pick<
  ArenaView,
  "tick" | "phase" | "widthMetres" | "heightMetres" | "obstacles" | "ships"
>;

interface Whim {
  readonly untilTick: number;
  /** -1 circles to the left, 1 to the right. */
  readonly side: number;
  readonly aimErrorRadians: number;
  readonly holdsFire: boolean;
}

/** Decides controls; the same seed and views give the same decisions. */
export class BotPilot {
  readonly #random: Random;
  #whim: Whim = { untilTick: 0, side: 1, aimErrorRadians: 0, holdsFire: false };

  constructor(seed: number) {
    this.#random = createRandom(seed);
  }

  decide(view: PilotView, seat: number): ArenaControls {
    const ship = view.ships.get(seat);
    const own = ship?.body;
    if (ship === undefined || own === undefined || view.phase !== "playing") return IDLE;
    if (view.tick >= this.#whim.untilTick) this.#whim = this.#nextWhim(view.tick);
    const enemy = nearestEnemy(view, ship, own);
    const way = enemy === undefined ? this.#wander(view, own) : this.#approach(own, enemy);
    const aimRadians = enemy === undefined ? Math.atan2(way.y, way.x) : this.#aim(own, enemy);
    const push = keepClear(view, own);
    const steer = { x: way.x + push.x, y: way.y + push.y };
    const mayFire = enemy !== undefined && !this.#whim.holdsFire;
    const fire = mayFire && distance(own, enemy) < FIRE_METRES ? ArenaButton.FIRE : 0;
    return { buttons: buttonsTowards(steer) | fire, aimRadians };
  }

  #nextWhim(tick: number): Whim {
    const length = WHIM_TICKS_MIN + nextBelow(this.#random, WHIM_TICKS_MAX - WHIM_TICKS_MIN);
    return {
      untilTick: tick + length,
      side: nextBelow(this.#random, 2) === 0 ? -1 : 1,
      aimErrorRadians: nextBetween(this.#random, -AIM_ERROR_RADIANS, AIM_ERROR_RADIANS),
      holdsFire: nextBelow(this.#random, 3) === 0,
    };
  }

  /** Towards or away, and round the enemy all the time. */
  #approach(own: Body, enemy: Body): Direction {
    const apart = distance(own, enemy) || 1;
    const x = (enemy.x - own.x) / apart;
    const y = (enemy.y - own.y) / apart;
    const closing = apart > DISTANCE_METRES_MAX ? 1 : apart < DISTANCE_METRES_MIN ? -1 : 0;
    const { side } = this.#whim;
    return { x: x * closing - y * side * 0.8, y: y * closing + x * side * 0.8 };
  }

  /** Nobody to fight: around the middle. */
  #wander(view: PilotView, own: Body): Direction {
    const x = view.widthMetres / 2 - own.x;
    const y = view.heightMetres / 2 - own.y;
    const apart = Math.hypot(x, y) || 1;
    const { side } = this.#whim;
    return { x: x / apart - (y / apart) * side, y: y / apart + (x / apart) * side };
  }

  /** Where the enemy will be when a shot arrives, give or take. */
  #aim(own: Body, enemy: Body): number {
    const seconds = distance(own, enemy) / PROJECTILE_SPEED_METRES_PER_SECOND;
    const x = enemy.x + enemy.vx * seconds - own.x;
    const y = enemy.y + enemy.vy * seconds - own.y;
    const aim = Math.atan2(y, x) + this.#whim.aimErrorRadians;
    if (aim > Math.PI) return aim - 2 * Math.PI;
    return aim < -Math.PI ? aim + 2 * Math.PI : aim;
  }
}

/** Where a ship is, and where it goes. */
type Body = NonNullable<ShipView["body"]>;

interface Direction {
  readonly x: number;
  readonly y: number;
}

const IDLE: ArenaControls = { buttons: 0, aimRadians: 0 };

function nearestEnemy({ ships }: PilotView, ownShip: ShipView, own: Body): Body | undefined {
  let nearest: Body | undefined;
  for (const { seat, team, body } of ships.values()) {
    const isFriend = seat === ownShip.seat || (ownShip.team !== "" && team === ownShip.team);
    if (isFriend || body === undefined) continue;
    if (nearest === undefined || distance(own, body) < distance(own, nearest)) nearest = body;
  }
  return nearest;
}

/** Away from walls and obstacles that are too near; stronger than any wish to go there. */
function keepClear(view: PilotView, own: Body): Direction {
  let x = nearness(own.x) - nearness(view.widthMetres - own.x);
  let y = nearness(own.y) - nearness(view.heightMetres - own.y);
  for (const obstacle of view.obstacles) {
    const apart = distance(own, obstacle) || 1;
    const push = nearness(apart - obstacle.radius);
    x += ((own.x - obstacle.x) / apart) * push;
    y += ((own.y - obstacle.y) / apart) * push;
  }
  return { x, y };
}

/** 0 when clear, 3 when touching. */
function nearness(clearMetres: number): number {
  return Math.max(0, 1 - clearMetres / CLEARANCE_METRES) * 3;
}

function buttonsTowards({ x, y }: Direction): number {
  // A little of everything is nothing: without a threshold it would always fly diagonally.
  const threshold = 0.35;
  const across = x > threshold ? ArenaButton.RIGHT : x < -threshold ? ArenaButton.LEFT : 0;
  const along = y > threshold ? ArenaButton.DOWN : y < -threshold ? ArenaButton.UP : 0;
  return across | along;
}

function distance(a: Direction, b: Direction): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

/** Flies one seat of an arena: one command per tick of the match, by the clock, as a person's client does. */
export function flyArena(connection: MatchConnection<ArenaReplica>, seed: number): SeatPlayer {
  const { welcome } = connection;
  const pilot = new BotPilot(seed);
  const receiver = new ArenaReceiver(welcome, () => connection.state);
  receiver.stateChanged();
  connection.takeSnapshots((payload) => receiver.snapshot(payload) !== undefined);
  let tick = numberAfter(welcome.tick);
  const timer = setInterval(() => {
    const { view } = receiver;
    const controls = pilot.decide(view, welcome.seat);
    // It sees what is newest, without a thought for how even that is.
    const command: ArenaCommand = { ...controls, tick, seenTickEighths: toTickEighths(view.tick) };
    if (connection.sendCommand(encodeArenaCommand(command))) tick = numberAfter(tick);
  }, 1000 / welcome.tickRateHz);
  return { stateChanged: () => receiver.stateChanged(), stop: () => clearInterval(timer) };
}
