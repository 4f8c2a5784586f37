import { BOARD_COLUMNS, BOARD_ROWS, type Cell } from "./state.ts";

/** Discs in a line that win. */
const LINE_LENGTH = 4;

/** One of each pair of opposite directions, in columns and rows. */
const DIRECTIONS = [
  { columns: 1, rows: 0 },
  { columns: 0, rows: 1 },
  { columns: 1, rows: 1 },
  { columns: 1, rows: -1 },
] as const;

/** @returns Index of the cell where a disc comes to rest; `undefined` if the column is full or does not exist. */
export function lowestFreeCell(board: readonly Cell[], column: number): number | undefined {
  for (let row = 0; row < BOARD_ROWS; row++) {
    const cell = row * BOARD_COLUMNS + column;
    if (column < BOARD_COLUMNS && board[cell] === 0) return cell;
  }
  return undefined;
}

/** @returns Cells of all lines of four or more of one player through `cell`, ascending; empty if there is none. */
export function findWinningCells(board: readonly Cell[], cell: number): readonly number[] {
  const found = new Set<number>();
  for (const { columns, rows } of DIRECTIONS) {
    const ahead = collectAlike(board, cell, columns, rows);
    const behind = collectAlike(board, cell, -columns, -rows);
    if (ahead.length + behind.length + 1 < LINE_LENGTH) continue;
    for (const alike of [cell, ...ahead, ...behind]) found.add(alike);
  }
  return [...found].sort((a, b) => a - b);
}

/** Follows one direction from a cell, which is left out, while the discs are of its owner. */
function collectAlike(
  board: readonly Cell[],
  cell: number,
  columns: number,
  rows: number,
): number[] {
  const alike: number[] = [];
  let column = (cell % BOARD_COLUMNS) + columns;
  let row = Math.floor(cell / BOARD_COLUMNS) + rows;
  while (column >= 0 && column < BOARD_COLUMNS && row >= 0 && row < BOARD_ROWS) {
    const next = row * BOARD_COLUMNS + column;
    if (board[next] !== board[cell]) break;
    alike.push(next);
    column += columns;
    row += rows;
  }
  return alike;
}
