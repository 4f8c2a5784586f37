import { type ArenaCommand, toTickEighths } from "../../../rooms/arena/commands.ts";
import type { ArenaReplica } from "../../../rooms/arena/replica.ts";
import { arena } from "../../../rooms/arena/simulation.ts";
import type { ArenaState, Ship } from "../../../rooms/arena/state.ts";
import type { Seat, SimulationSetup } from "../../../rooms/simulation.ts";
import { Match } from "../match.ts";

export class ArenaMatch extends Match<ArenaState, ArenaCommand, ArenaReplica> {
  constructor(overrides: Partial<SimulationSetup> = {}) {
    super(arena, overrides);
  }

  ship(seat: Seat): Ship {
    const ship = this.state.ships[seat];
    if (ship === undefined) throw new Error(`nobody sits in seat ${seat}`);
    return ship;
  }

  /** Stands a ship still somewhere, facing `angleRadians`, as if it had been there all its life. */
  place(seat: Seat, xMetres: number, yMetres: number, angleRadians = 0): Ship {
    const still = { vxMetresPerSecond: 0, vyMetresPerSecond: 0, angleRadians };
    const ship = Object.assign(this.ship(seat), { xMetres, yMetres, ...still });
    ship.controls = { buttons: 0, aimRadians: angleRadians };
    ship.trail.forEach((_, at) => {
      ship.trail[at] = at % 2 === 0 ? xMetres : yMetres;
    });
    return ship;
  }

  /** Issues one good command of a player who sees the others where they are, and steps. */
  command(seat: Seat, buttons: number, aimRadians = 0): void {
    const tick = this.ship(seat).lastCommandTick + 1;
    const seenTickEighths = toTickEighths(this.state.tick + 1);
    this.step([{ seat, command: { tick, buttons, aimRadians, seenTickEighths } }]);
  }

  /** Takes every obstacle away, for tests about something else. */
  clearGround(): this {
    const { ground } = this.state;
    (ground.obstacles as unknown[]).length = 0;
    ground.obstacleGrid.cellStarts.fill(0);
    return this;
  }
}
