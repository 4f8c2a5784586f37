import { StateHash } from "../kernel/state-hash.ts";
import type { DuelState } from "./state.ts";

/** @returns 16 hex digits over every field of the state. */
export function hashDuel(state: DuelState): string {
  const hash = new StateHash();
  hash.addUint32(state.tick);
  hash.addUint32(state.tickRateHz);
  hash.addText(state.phase);
  for (const cell of state.board) hash.addUint32(cell);
  for (const isSeated of state.isSeated) hash.addBoolean(isSeated);
  hash.addUint32(state.turnSeat);
  hash.addUint32(state.moveNumber);
  hash.addUint32(state.turnEndsAtTick);
  hash.addUint32(state.winningCells.length);
  for (const cell of state.winningCells) hash.addUint32(cell);
  hash.addBoolean(state.result !== undefined);
  for (const seat of state.result?.winners ?? []) hash.addUint32(seat);
  for (const { seat, score } of state.result?.scores ?? []) {
    hash.addUint32(seat);
    hash.addUint32(score);
  }
  return hash.digest();
}
