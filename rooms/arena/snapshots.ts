/**
 * How what moves in an arena reaches its clients: living ships and shots. What changes seldom is in the replica.
 * @module
 */
import { clamp } from "../kernel/maths.ts";
import type {
  EntityRows,
  Interest,
  SimulationSetup,
  SnapshotField,
  SnapshotKind,
  Snapshots,
} from "../simulation.ts";
import { worldSideMetres } from "./ground.ts";
import { type ArenaReplica, writeArenaRest } from "./replica.ts";
import type { ArenaState } from "./state.ts";
import {
  HEALTH_MAX,
  PROJECTILE_SPEED_METRES_PER_SECOND,
  SEATS_MAX,
  SHIP_SPEED_METRES_PER_SECOND_MAX,
} from "./tuning.ts";

/** Index of each kind in the layout. */
export const ArenaKind = { SHIP: 0, SHOT: 1 } as const;

/** Index of each field of a ship, whose id is its seat. A destroyed ship is in no snapshot until it appears again. */
export const ShipField = { X: 0, Y: 1, VX: 2, VY: 3, ANGLE: 4, HEALTH: 5, ACK: 6 } as const;

/** Index of each field of a shot, whose id is new with each shot. */
export const ShotField = { X: 0, Y: 1, VX: 2, VY: 3, OWNER_SEAT: 4, AGE: 5 } as const;

/** 8 mm. */
const PLACE_STEP_METRES = 1 / 128;
const SHIP_SPEED_STEP = 1 / 64;
/** So fine that a shot, which flies for 1.2 s, stays where its birth says and is sent once. */
const SHOT_SPEED_STEP = 1 / 256;
const ANGLE_STEP_RADIANS = (2 * Math.PI) / 4096;
/** Acknowledgements and ages come round; both count ticks. */
const ACKS = 65_536;
const AGES = 256;

const SIDE_METRES_MAX = worldSideMetres(SEATS_MAX);

/** A place along one axis, metres. */
function place(name: "x" | "y"): SnapshotField {
  return { name, step: PLACE_STEP_METRES, min: 0, max: SIDE_METRES_MAX, rate: `v${name}` };
}

function speed(name: "vx" | "vy", step: number, max: number): SnapshotField {
  return { name, step, min: -max, max };
}

const SHIP: SnapshotKind = {
  name: "ship",
  fields: [
    place("x"),
    place("y"),
    speed("vx", SHIP_SPEED_STEP, SHIP_SPEED_METRES_PER_SECOND_MAX),
    speed("vy", SHIP_SPEED_STEP, SHIP_SPEED_METRES_PER_SECOND_MAX),
    { name: "angle", step: ANGLE_STEP_RADIANS, min: -Math.PI, max: Math.PI, wraps: true },
    { name: "health", step: 1, min: 0, max: HEALTH_MAX },
    // The low bits of the number of the last command used; a client sends one for each tick.
    { name: "ack", step: 1, min: 0, max: ACKS, wraps: true, drift: 1 },
  ],
  place: ["x", "y"],
};

const SHOT: SnapshotKind = {
  name: "shot",
  fields: [
    place("x"),
    place("y"),
    speed("vx", SHOT_SPEED_STEP, PROJECTILE_SPEED_METRES_PER_SECOND),
    speed("vy", SHOT_SPEED_STEP, PROJECTILE_SPEED_METRES_PER_SECOND),
    { name: "ownerSeat", step: 1, min: 0, max: SEATS_MAX - 1 },
    // Ticks since it appeared.
    { name: "age", step: 1, min: 0, max: AGES, wraps: true, drift: 1 },
  ],
  place: ["x", "y"],
};

/**
 * Every square's players are an encoding of their own, of all that is near it: squares of 20 m cost five times the
 * processor's time of these and save a third of their bytes.
 */
const CELL_METRES_MIN = 80;
/** The page shows 28 m around a ship in a usual window, 31 in a tall one, and an eye may be some metres out of its square. */
const NEAR_METRES = 40;
const FAR_METRES = 60;
const FAR_EVERY_TICKS = 4;
/** A camera shows little of what lies beyond a wall, and so more of the other side. */
const EYE_TO_WALL_METRES = 15;

const OWN = Array.from({ length: SEATS_MAX }, (_none, seat) => ({
  kind: ArenaKind.SHIP,
  id: seat,
}));

export const arenaSnapshots: Snapshots<ArenaState, ArenaReplica> = {
  layout: [SHIP, SHOT],
  writeRest: writeArenaRest,

  interest(setup: SimulationSetup): Interest | undefined {
    const side = worldSideMetres(setup.seatsMax);
    const cells = Math.floor(side / CELL_METRES_MIN);
    // Around a single one there is nothing to leave out.
    if (cells < 2) return undefined;
    return {
      widthMetres: side,
      heightMetres: side,
      cellMetres: side / cells,
      nearMetres: NEAR_METRES,
      farMetres: FAR_METRES,
      farEveryTicks: FAR_EVERY_TICKS,
    };
  },

  collect(state, rows) {
    collectShips(state, rows[ArenaKind.SHIP] as EntityRows);
    collectShots(state, rows[ArenaKind.SHOT] as EntityRows);
  },

  eyeOf(state, seat, eye) {
    const ship = state.ships[seat];
    if (ship === undefined) return false;
    const { widthMetres, heightMetres } = state.ground;
    // A destroyed ship looks at where it was.
    eye.x = clamp(ship.xMetres, EYE_TO_WALL_METRES, widthMetres - EYE_TO_WALL_METRES);
    eye.y = clamp(ship.yMetres, EYE_TO_WALL_METRES, heightMetres - EYE_TO_WALL_METRES);
    return true;
  },

  ownOf: (state, seat) => (state.ships[seat]?.isAlive === true ? OWN[seat] : undefined),
};

function collectShips(state: ArenaState, ships: EntityRows): void {
  for (const ship of state.ships) {
    if (ship === undefined || !ship.isAlive) continue;
    const at = ships.add(ship.seat);
    const { values } = ships;
    values[at + ShipField.X] = ship.xMetres;
    values[at + ShipField.Y] = ship.yMetres;
    values[at + ShipField.VX] = ship.vxMetresPerSecond;
    values[at + ShipField.VY] = ship.vyMetresPerSecond;
    values[at + ShipField.ANGLE] = ship.angleRadians;
    values[at + ShipField.HEALTH] = ship.health;
    values[at + ShipField.ACK] = ship.lastCommandTick % ACKS;
  }
}

function collectShots(state: ArenaState, shots: EntityRows): void {
  for (const projectile of state.projectiles) {
    const at = shots.add(projectile.id);
    const { values } = shots;
    values[at + ShotField.X] = projectile.xMetres;
    values[at + ShotField.Y] = projectile.yMetres;
    values[at + ShotField.VX] = projectile.vxMetresPerSecond;
    values[at + ShotField.VY] = projectile.vyMetresPerSecond;
    values[at + ShotField.OWNER_SEAT] = projectile.ownerSeat;
    values[at + ShotField.AGE] = (state.tick - projectile.bornTick) % AGES;
  }
}
