/**
 * The rules of four in a row: discs fall, players take turns on a clock, four in a line win.
 * @module
 */
import { createRandom, nextBelow } from "../kernel/random.ts";
import type {
  IssuedCommand,
  Seat,
  SimulationResult,
  SimulationSetup,
  Step,
} from "../simulation.ts";
import type { DuelCommand } from "./commands.ts";
import { findWinningCells, lowestFreeCell } from "./lines.ts";
import { BOARD_COLUMNS, BOARD_ROWS, type Cell, type DuelState } from "./state.ts";

/** Time for one move, from the moment it is a player's turn. */
const TURN_SECONDS = 30;

export function createDuel(setup: SimulationSetup): DuelState {
  return {
    tick: 0,
    tickRateHz: setup.tickRateHz,
    phase: "waiting",
    board: new Array<Cell>(BOARD_COLUMNS * BOARD_ROWS).fill(0),
    isSeated: [false, false],
    turnSeat: nextBelow(createRandom(setup.seed), 2),
    moveNumber: 0,
    turnEndsAtTick: 0,
    winningCells: [],
    result: undefined,
  };
}

/** Fills a seat; the second one starts the match. */
export function joinDuel(state: DuelState, seat: Seat): void {
  if (seat === 0 || seat === 1) state.isSeated[seat] = true;
  if (state.phase !== "waiting" || !state.isSeated[0] || !state.isSeated[1]) return;
  state.phase = "playing";
  startTurn(state, state.turnSeat);
}

/** Frees a seat; once the match has begun, the other player wins. */
export function leaveDuel(state: DuelState, seat: Seat): void {
  if (seat !== 0 && seat !== 1) return;
  state.isSeated[seat] = false;
  if (state.phase === "playing") settle(state, [1 - seat]);
}

export function advanceDuel(
  state: DuelState,
  commands: readonly IssuedCommand<DuelCommand>[],
  step: Step,
): void {
  state.tick = step.tick + 1;
  for (const { seat, command } of commands) drop(state, seat, command);
  if (state.phase === "playing" && state.tick >= state.turnEndsAtTick) {
    settle(state, [1 - state.turnSeat]);
  }
}

/** Drops a disc. A command out of turn, with an old move number or for a full column changes nothing. */
function drop(state: DuelState, seat: Seat, command: DuelCommand): void {
  if (state.phase !== "playing" || seat !== state.turnSeat) return;
  if (command.moveNumber !== state.moveNumber) return;
  const cell = lowestFreeCell(state.board, command.column);
  if (cell === undefined) return;
  state.board[cell] = seat === 0 ? 1 : 2;
  state.moveNumber += 1;
  state.winningCells = findWinningCells(state.board, cell);
  if (state.winningCells.length > 0) settle(state, [seat]);
  else if (state.moveNumber === state.board.length) settle(state, []);
  else startTurn(state, 1 - seat);
}

function startTurn(state: DuelState, seat: Seat): void {
  state.turnSeat = seat;
  state.turnEndsAtTick = state.tick + TURN_SECONDS * state.tickRateHz;
}

/** Ends the match; the winner scores 1, everybody else 0. */
function settle(state: DuelState, winners: readonly Seat[]): void {
  state.phase = "over";
  state.result = {
    winners,
    scores: [0, 1].map((seat) => ({ seat, score: winners.includes(seat) ? 1 : 0 })),
  };
}

/** @returns The result; before it, nobody has won and everybody seated has 0. */
export function standingOfDuel(state: DuelState): SimulationResult {
  const seated = [0, 1].filter((seat) => state.isSeated[seat] === true);
  return state.result ?? { winners: [], scores: seated.map((seat) => ({ seat, score: 0 })) };
}
