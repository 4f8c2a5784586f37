import type { DuelCommand } from "../../../rooms/duel/commands.ts";
import type { DuelReplica } from "../../../rooms/duel/replica.ts";
import { duel } from "../../../rooms/duel/simulation.ts";
import type { DuelState } from "../../../rooms/duel/state.ts";
import type { Seat, SimulationSetup } from "../../../rooms/simulation.ts";
import { Match } from "../match.ts";

export class DuelMatch extends Match<DuelState, DuelCommand, DuelReplica> {
  constructor(overrides: Partial<SimulationSetup> = {}) {
    super(duel, overrides);
  }

  /** Drops discs into these columns, by whoever's turn it is. */
  drop(...columns: number[]): this {
    for (const column of columns) this.dropAs(this.state.turnSeat, column);
    return this;
  }

  dropAs(seat: Seat, column: number, moveNumber = this.state.moveNumber): void {
    this.step([{ seat, command: { moveNumber, column } }]);
  }
}
