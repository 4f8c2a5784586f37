/**
 * What arena clients see of the state, and how it is copied. The library sends only what changed, and skips an
 * assignment of an equal value; floats are therefore rounded to 32 bits here, before it compares.
 * @module
 */
import { type SchemaType, schema, t } from "@colyseus/schema";
import type { Replica } from "../simulation.ts";
import type { ArenaState, Projectile, Ship } from "./state.ts";

const ObstacleReplica = schema(
  {
    /** Centre, metres from the left wall. */
    x: t.float32().default(0),
    /** Centre, metres from the top wall. */
    y: t.float32().default(0),
    /** Metres. */
    radius: t.float32().default(0),
  },
  "ArenaObstacle",
);

const ShipReplica = schema(
  {
    seat: t.uint16().default(0),
    /** Untrusted text. */
    name: t.string().default(""),
    /** A team of the match, or `""`. */
    team: t.string().default(""),
    // Without a value until the first write, and for good beside snapshots: what has one is sent at each join.
    /** Centre, metres. */
    x: t.float32(),
    y: t.float32(),
    /** Metres per second. */
    vx: t.float32(),
    vy: t.float32(),
    /** Facing, radians, -pi to pi. */
    angle: t.float32(),
    /** 0 to 100. */
    health: t.uint8(),
    isAlive: t.boolean().default(false),
    score: t.int16().default(0),
    /** Tick at which it appears again; 0 while it is alive. */
    respawnAtTick: t.uint32().default(0),
    /** As those above; `tick` of the last command used: predictions up to it are settled. */
    ack: t.uint32(),
  },
  "ArenaShip",
);
type ShipReplica = SchemaType<typeof ShipReplica>;

/**
 * Projectiles fly straight, so only their birth is sent: at tick `T` one is at
 * `x + vx * (T - bornTick) / tickRateHz`, the same for y, until it is removed.
 */
const ProjectileReplica = schema(
  {
    /** Where it was at `bornTick`, metres. */
    x: t.float32().default(0),
    y: t.float32().default(0),
    /** Metres per second, constant. */
    vx: t.float32().default(0),
    vy: t.float32().default(0),
    ownerSeat: t.uint16().default(0),
    bornTick: t.uint32().default(0),
  },
  "ArenaProjectile",
);
type ProjectileReplica = SchemaType<typeof ProjectileReplica>;

export const ArenaReplica = schema(
  {
    /** Steps taken so far; beside snapshots, when what is left here last changed. */
    tick: t.uint32().default(0),
    tickRateHz: t.uint8().default(0),
    /** `"playing"` or `"over"`. */
    phase: t.string().default("playing"),
    /** The match ends when `tick` reaches this; 0 until the first player has joined. */
    endsAtTick: t.uint32().default(0),
    widthMetres: t.float32().default(0),
    heightMetres: t.float32().default(0),
    obstacles: t.array(ObstacleReplica),
    /** Keyed by seat in decimal. */
    ships: t.map(ShipReplica),
    /** Keyed by projectile id in decimal. */
    projectiles: t.map(ProjectileReplica),
    /** Seats that won; empty until over, and after a draw. */
    winners: t.array("uint16"),
  },
  "Arena",
);
export type ArenaReplica = SchemaType<typeof ArenaReplica>;

export const arenaReplica: Replica<ArenaState, ArenaReplica> = {
  create(setup) {
    const replica = new ArenaReplica();
    replica.tickRateHz = setup.tickRateHz;
    return replica;
  },

  join(replica, seat, profile) {
    const key = String(seat);
    const known = replica.ships.get(key);
    const ship = known ?? new ShipReplica();
    ship.seat = seat;
    ship.name = profile.name;
    ship.team = profile.team;
    if (known === undefined) replica.ships.set(key, ship);
  },

  leave(replica, seat) {
    replica.ships.delete(String(seat));
  },

  write(state, replica) {
    replica.tick = state.tick;
    replica.phase = state.phase;
    replica.endsAtTick = state.endsAtTick;
    if (replica.obstacles.length !== state.ground.obstacles.length) writeGround(state, replica);
    // A seat outside the roster is one the host has not introduced yet, or has already taken away.
    for (const copy of replica.ships.values()) {
      const ship = state.ships[copy.seat];
      if (ship !== undefined) writeShip(ship, copy);
    }
    writeProjectiles(state, replica);
    writeWinners(state, replica);
  },
};

/** What snapshots do not carry. */
export function writeArenaRest(state: ArenaState, replica: ArenaReplica): void {
  let hasChanged = replica.phase !== state.phase || replica.endsAtTick !== state.endsAtTick;
  replica.phase = state.phase;
  replica.endsAtTick = state.endsAtTick;
  if (replica.obstacles.length !== state.ground.obstacles.length) writeGround(state, replica);
  for (const copy of replica.ships.values()) {
    const ship = state.ships[copy.seat];
    if (ship !== undefined && writeShipRest(ship, copy)) hasChanged = true;
  }
  writeWinners(state, replica);
  if (hasChanged) replica.tick = state.tick;
}

/** @returns Whether anything changed. */
function writeShipRest(ship: Ship, copy: ShipReplica): boolean {
  const respawnAtTick = ship.isAlive ? 0 : ship.respawnAtTick;
  if (
    copy.isAlive === ship.isAlive &&
    copy.score === ship.score &&
    copy.respawnAtTick === respawnAtTick
  )
    return false;
  copy.isAlive = ship.isAlive;
  copy.score = ship.score;
  copy.respawnAtTick = respawnAtTick;
  return true;
}

function writeWinners(state: ArenaState, replica: ArenaReplica): void {
  if (state.result !== undefined && replica.winners.length !== state.result.winners.length) {
    replica.winners.push(...state.result.winners);
  }
}

function writeGround(state: ArenaState, replica: ArenaReplica): void {
  replica.widthMetres = state.ground.widthMetres;
  replica.heightMetres = state.ground.heightMetres;
  for (const { xMetres, yMetres, radiusMetres } of state.ground.obstacles) {
    const obstacle = new ObstacleReplica();
    obstacle.x = xMetres;
    obstacle.y = yMetres;
    obstacle.radius = radiusMetres;
    replica.obstacles.push(obstacle);
  }
}

function writeShip(ship: Ship, copy: ShipReplica): void {
  copy.x = Math.fround(ship.xMetres);
  copy.y = Math.fround(ship.yMetres);
  copy.vx = Math.fround(ship.vxMetresPerSecond);
  copy.vy = Math.fround(ship.vyMetresPerSecond);
  copy.angle = Math.fround(ship.angleRadians);
  copy.health = ship.health;
  copy.isAlive = ship.isAlive;
  copy.score = ship.score;
  copy.respawnAtTick = ship.isAlive ? 0 : ship.respawnAtTick;
  copy.ack = ship.lastCommandTick;
}

/** Both hold them in the order of their births, so that what is no longer there is what comes between. */
function writeProjectiles(state: ArenaState, replica: ArenaReplica): void {
  const { projectiles } = state;
  let living = 0;
  for (const key of replica.projectiles.keys()) {
    if (projectiles[living]?.id === Number(key)) living++;
    else replica.projectiles.delete(key);
  }
  for (const projectile of projectiles.slice(living)) {
    replica.projectiles.set(String(projectile.id), copyAtBirth(projectile, state));
  }
}

function copyAtBirth(projectile: Projectile, state: ArenaState): ProjectileReplica {
  const ageSeconds = (state.tick - projectile.bornTick) / state.tickRateHz;
  const copy = new ProjectileReplica();
  copy.x = projectile.xMetres - projectile.vxMetresPerSecond * ageSeconds;
  copy.y = projectile.yMetres - projectile.vyMetresPerSecond * ageSeconds;
  copy.vx = projectile.vxMetresPerSecond;
  copy.vy = projectile.vyMetresPerSecond;
  copy.ownerSeat = projectile.ownerSeat;
  copy.bornTick = projectile.bornTick;
  return copy;
}
