import type { Interest } from "../../../rooms/simulation.ts";
import { SNAPSHOT_LIMITS } from "./limits.ts";

/** A square of the world; everybody whose eye is in it is sent the same. */
export interface Cell {
  /** Row by row, from 0. */
  readonly index: number;
  /** Its middle. */
  readonly xMetres: number;
  readonly yMetres: number;
  /** From the middle to a side. */
  readonly halfMetres: number;
}

/** How a world is cut into cells. What is outside of the world counts as at its border. */
export class Cells {
  readonly #interest: Interest;
  readonly #columns: number;
  readonly #rows: number;

  /** @throws RangeError for lengths that are not above 0, or a rate that is not whole and 1 to 64. */
  constructor(interest: Interest) {
    checkInterest(interest);
    this.#interest = interest;
    this.#columns = Math.ceil(interest.widthMetres / interest.cellMetres);
    this.#rows = Math.ceil(interest.heightMetres / interest.cellMetres);
    if (this.#columns * this.#rows <= SNAPSHOT_LIMITS.cellsMax) return;
    throw new RangeError(
      `interest.cellMetres is ${interest.cellMetres}; give a length that makes at most 2^40 cells`,
    );
  }

  /**
   * Which cell an eye is in. One that goes to and fro over a border stays where it was.
   * @param present - The cell that it was in.
   */
  at(xMetres: number, yMetres: number, present: Cell | undefined): Cell {
    const { widthMetres, heightMetres, cellMetres } = this.#interest;
    const x = Math.min(Math.max(xMetres, 0), widthMetres);
    const y = Math.min(Math.max(yMetres, 0), heightMetres);
    const border = cellMetres * SNAPSHOT_LIMITS.cellBorderShare;
    if (present !== undefined && squaredMetresTo(present, x, y) <= border ** 2) return present;
    const column = Math.min(Math.floor(x / cellMetres), this.#columns - 1);
    const row = Math.min(Math.floor(y / cellMetres), this.#rows - 1);
    return {
      index: row * this.#columns + column,
      xMetres: (column + 0.5) * cellMetres,
      yMetres: (row + 0.5) * cellMetres,
      halfMetres: cellMetres / 2,
    };
  }

  isBeside(cell: Cell, other: Cell): boolean {
    // One and a half, for rounding.
    const most = this.#interest.cellMetres * 1.5;
    const dx = Math.abs(cell.xMetres - other.xMetres);
    return dx < most && Math.abs(cell.yMetres - other.yMetres) < most;
  }
}

/** The square of how far a point is from the nearest point of a cell; 0 inside it. */
export function squaredMetresTo(cell: Cell, xMetres: number, yMetres: number): number {
  // Without branches: which side of a cell things are on cannot be predicted.
  const dx = Math.max(0, Math.abs(xMetres - cell.xMetres) - cell.halfMetres);
  const dy = Math.max(0, Math.abs(yMetres - cell.yMetres) - cell.halfMetres);
  return dx * dx + dy * dy;
}

function checkInterest(interest: Interest): void {
  const { widthMetres, heightMetres, cellMetres, nearMetres, farMetres, farEveryTicks } = interest;
  const lengths = { widthMetres, heightMetres, cellMetres, nearMetres, farMetres };
  for (const [name, metres] of Object.entries(lengths)) {
    if (Number.isFinite(metres) && metres > 0) continue;
    throw new RangeError(`interest.${name} is ${metres}; give a length above 0 m`);
  }
  if (Number.isInteger(farEveryTicks) && farEveryTicks >= 1 && farEveryTicks <= 64) return;
  throw new RangeError(
    `interest.farEveryTicks is ${farEveryTicks}; give a whole number from 1 to 64`,
  );
}
