/**
 * What a duel player may ask for, and its bytes.
 * @module
 */
import { BOARD_COLUMNS, BOARD_ROWS } from "./state.ts";

export interface DuelCommand {
  /** `DuelState.moveNumber` the player saw, 0 to 41. */
  readonly moveNumber: number;
  /** Column to drop a disc into, 0 to 6 from the left. */
  readonly column: number;
}

/** Exactly this many bytes make a command. */
export const DUEL_COMMAND_BYTES = 2;

//   offset 0  u8  moveNumber  0 to 41
//   offset 1  u8  column      0 to 6

/** @returns 2 bytes, the caller's to keep. */
export function encodeDuelCommand(command: DuelCommand): Uint8Array {
  return Uint8Array.of(command.moveNumber, command.column);
}

/**
 * Reads a command.
 * @param bytes - Untrusted; borrowed.
 * @returns `undefined` unless there are 2 bytes, a move number below 42 and a column below 7.
 */
export function decodeDuelCommand(bytes: Uint8Array): DuelCommand | undefined {
  const [moveNumber, column] = bytes;
  if (bytes.length !== DUEL_COMMAND_BYTES) return undefined;
  if (moveNumber === undefined || moveNumber >= BOARD_COLUMNS * BOARD_ROWS) return undefined;
  if (column === undefined || column >= BOARD_COLUMNS) return undefined;
  return { moveNumber, column };
}
