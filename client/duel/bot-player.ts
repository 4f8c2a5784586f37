/**
 * How a bot plays four in a row: takes what wins, stops what loses, else prefers the middle.
 * @module
 */
import { encodeDuelCommand } from "../../rooms/duel/commands.ts";
import { findWinningCells, lowestFreeCell } from "../../rooms/duel/lines.ts";
import type { DuelReplica } from "../../rooms/duel/replica.ts";
import { BOARD_COLUMNS, type Cell } from "../../rooms/duel/state.ts";
import { createRandom, nextBelow, type Random } from "../../rooms/kernel/random.ts";
import type { MatchConnection } from "../connection.ts";
import type { SeatPlayer } from "../seat-player.ts";

/** It seems to think this long, so that a person sees whose turn it is. */
const THINK_MS_MIN = 500;
const THINK_MS_SPREAD = 900;
/** A move that shows no effect is made again after this long. */
const RETRY_MS = 2_000;

const COLUMNS = Array.from({ length: BOARD_COLUMNS }, (_, column) => column);

/**
 * Chooses a column for the owner of `mark`.
 * @param board - 42 cells, row by row from the bottom; 0 is empty.
 * @returns A column with a free cell, or `undefined` when the board is full.
 */
export function chooseColumn(
  board: readonly Cell[],
  mark: Cell,
  random: Random,
): number | undefined {
  const free = COLUMNS.filter((column) => lowestFreeCell(board, column) !== undefined);
  const winning = free.find((column) => wins(board, column, mark));
  if (winning !== undefined) return winning;
  const opponent = mark === 1 ? 2 : 1;
  const threatened = free.find((column) => wins(board, column, opponent));
  if (threatened !== undefined) return threatened;
  const safe = free.filter((column) => !wins(dropped(board, column, mark), column, opponent));
  return nearTheMiddle(safe.length > 0 ? safe : free, random);
}

function wins(board: readonly Cell[], column: number, mark: Cell): boolean {
  const cell = lowestFreeCell(board, column);
  return cell !== undefined && findWinningCells(board.with(cell, mark), cell).length > 0;
}

function dropped(board: readonly Cell[], column: number, mark: Cell): readonly Cell[] {
  const cell = lowestFreeCell(board, column);
  return cell === undefined ? board : board.with(cell, mark);
}

/** Each column weighs more the nearer to the middle it is: 1 at the edges, 4 in the middle. */
function nearTheMiddle(columns: readonly number[], random: Random): number | undefined {
  const middle = (BOARD_COLUMNS - 1) / 2;
  const tickets = columns.flatMap((column) =>
    new Array<number>(middle + 1 - Math.abs(column - middle)).fill(column),
  );
  return tickets[nextBelow(random, Math.max(1, tickets.length))];
}

/** Plays one seat of a duel: a move after each state that makes it its turn. */
export function playDuel(connection: MatchConnection<DuelReplica>, seed: number): SeatPlayer {
  const random = createRandom(seed);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let answeredMove = -1;
  const move = (): void => {
    const { board, turnSeat, moveNumber, phase } = connection.state;
    const { seat } = connection.welcome;
    if (phase !== "playing" || turnSeat !== seat) return;
    // The replica's cells are bare bytes; the game itself puts nothing else there.
    const column = chooseColumn([...board] as Cell[], seat === 0 ? 1 : 2, random);
    if (column !== undefined) connection.sendCommand(encodeDuelCommand({ moveNumber, column }));
    timer = setTimeout(move, RETRY_MS);
  };
  const stateChanged = (): void => {
    const { phase, turnSeat, moveNumber } = connection.state;
    const isOurTurn = phase === "playing" && turnSeat === connection.welcome.seat;
    if (!isOurTurn || moveNumber === answeredMove) return;
    answeredMove = moveNumber;
    clearTimeout(timer);
    timer = setTimeout(move, THINK_MS_MIN + nextBelow(random, THINK_MS_SPREAD));
  };
  return { stateChanged, stop: () => clearTimeout(timer) };
}
