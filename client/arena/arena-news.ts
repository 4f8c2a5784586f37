/**
 * What a client is told of ships and shots, whichever way it came.
 * @module
 */
import type { ArenaReplica } from "../../rooms/arena/replica.ts";

/** A ship at the tick of the news it is part of. */
export interface ShipNews {
  readonly seat: number;
  /** Centre, metres. */
  readonly x: number;
  readonly y: number;
  /** Metres per second. */
  readonly vx: number;
  readonly vy: number;
  /** Facing, radians. */
  readonly angle: number;
  /** 0 to 100. */
  readonly health: number;
  /** The low 16 bits of the number of the last command used, at least. */
  readonly ack: number;
}

export interface ShotNews {
  readonly id: number;
  /** Where it was at `tick`, metres. */
  readonly x: number;
  readonly y: number;
  /** Metres per second, constant. */
  readonly vx: number;
  readonly vy: number;
  readonly ownerSeat: number;
  readonly tick: number;
  /** When it left the gun. */
  readonly bornTick: number;
}

export interface ArenaNews {
  readonly tick: number;
  /** Whether it names everything there is: what it leaves out is gone. */
  readonly isWhole: boolean;
  /** Living ships; where the news is not whole, those that do not move as they did. */
  readonly ships: readonly ShipNews[];
  readonly shipsGone: readonly number[];
  readonly shots: readonly ShotNews[];
  readonly shotsGone: readonly number[];
}

/** The news of a server that puts everything into `room.state`. */
export function newsOfState(state: ArenaReplica): ArenaNews {
  const ships: ShipNews[] = [];
  for (const ship of state.ships.values()) {
    // The state's own objects change with the next patch.
    const { seat, x, y, vx, vy, angle, health, ack } = ship;
    if (ship.isAlive) ships.push({ seat, x, y, vx, vy, angle, health, ack });
  }
  const shots: ShotNews[] = [];
  for (const [id, { x, y, vx, vy, ownerSeat, bornTick }] of state.projectiles) {
    shots.push({ id: Number(id), x, y, vx, vy, ownerSeat, tick: bornTick, bornTick });
  }
  return { tick: state.tick, isWhole: true, ships, shipsGone: [], shots, shotsGone: [] };
}
