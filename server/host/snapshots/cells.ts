import type { Interest } from "../../../rooms/simulation.ts";
import { SNAPSHOT_LIMITS } from "./limits.ts";

/** A square of the world; everybody whose eye is in it is sent the same. */
export interface Cell {
  /** Row by row, from 0. */
  readonly index: number;
  readonly lowX: number;
  readonly lowY: number;
  readonly highX: number;
  readonly highY: number;
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
    if (present !== undefined && distanceToCell(present, x, y) <= border) return present;
    const column = Math.min(Math.floor(x / cellMetres), this.#columns - 1);
    const row = Math.min(Math.floor(y / cellMetres), this.#rows - 1);
    const [lowX, lowY] = [column * cellMetres, row * cellMetres];
    const index = row * this.#columns + column;
    return { index, lowX, lowY, highX: lowX + cellMetres, highY: lowY + cellMetres };
  }

  isBeside(cell: Cell, other: Cell): boolean {
    const { cellMetres } = this.#interest;
    // Half a cell for rounding.
    return (
      Math.abs(cell.lowX - other.lowX) < cellMetres * 1.5 &&
      Math.abs(cell.lowY - other.lowY) < cellMetres * 1.5
    );
  }
}

/** Metres from a point to the nearest point of a cell; 0 inside it. */
export function distanceToCell(cell: Cell, x: number, y: number): number {
  return Math.sqrt(squaredDistanceToCell(cell, x, y));
}

export function squaredDistanceToCell(cell: Cell, x: number, y: number): number {
  const dx = x < cell.lowX ? cell.lowX - x : x > cell.highX ? x - cell.highX : 0;
  const dy = y < cell.lowY ? cell.lowY - y : y > cell.highY ? y - cell.highY : 0;
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
