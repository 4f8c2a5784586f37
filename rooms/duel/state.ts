/**
 * Four in a row: the whole state of a duel.
 * @module
 */
import type { Seat, SimulationResult } from "../simulation.ts";

export const BOARD_COLUMNS = 7;
export const BOARD_ROWS = 6;

/**
 * ```
 * waiting --(both seats filled)--> playing --(four in a row, board full, clock ran out, player left)--> over
 * ```
 */
type DuelPhase = "waiting" | "playing" | "over";

/** 0 for an empty cell, 1 for a disc of seat 0, 2 for one of seat 1. */
export type Cell = 0 | 1 | 2;

export interface DuelState {
  /** Steps taken so far, unsigned 32-bit. */
  tick: number;
  /** Steps per second, 10 to 128. */
  readonly tickRateHz: number;
  phase: DuelPhase;
  /** 42 cells, row by row; row 0 is the bottom one. The cell at `row`, `column` is `row * 7 + column`. */
  readonly board: Cell[];
  /** Whether somebody sits in seat 0 and in seat 1. */
  readonly isSeated: [boolean, boolean];
  /** Seat that may move: 0 or 1. Before the match it is the one that will start, drawn from the seed. */
  turnSeat: Seat;
  /** Discs dropped so far, 0 to 42; a command must carry it, so that no move can count twice. */
  moveNumber: number;
  /** Whoever is to move loses when `tick` reaches this; 0 while waiting. */
  turnEndsAtTick: number;
  /** Cells of every line of four or more that the last disc completed, ascending; empty otherwise. */
  winningCells: readonly number[];
  /** Set once, when the phase becomes `over`. */
  result: SimulationResult | undefined;
}
