/**
 * What duel clients see of the state, and how it is copied.
 * @module
 */
import { type SchemaType, schema, t } from "@colyseus/schema";
import type { Replica } from "../simulation.ts";
import type { DuelState } from "./state.ts";

const DuelPlayerReplica = schema(
  {
    seat: t.uint8().default(0),
    /** Untrusted text. */
    name: t.string().default(""),
  },
  "DuelPlayer",
);

export const DuelReplica = schema(
  {
    /** Steps taken so far. */
    tick: t.uint32().default(0),
    tickRateHz: t.uint8().default(0),
    /** `"waiting"`, `"playing"` or `"over"`. */
    phase: t.string().default("waiting"),
    /** 42 cells, row by row from the bottom: 0 empty, 1 seat 0, 2 seat 1. */
    board: t.array("uint8"),
    /** Seat that may move, 0 or 1. */
    turnSeat: t.uint8().default(0),
    /** Discs dropped so far; the next command must carry it. */
    moveNumber: t.uint8().default(0),
    /** Whoever is to move loses when `tick` reaches this; 0 while waiting. */
    turnEndsAtTick: t.uint32().default(0),
    /** Keyed by seat in decimal. */
    players: t.map(DuelPlayerReplica),
    /** Seats that won; empty until over, and after a draw. */
    winners: t.array("uint8"),
    /** Cells of the winning line or lines, ascending. */
    winningCells: t.array("uint8"),
  },
  "Duel",
);
export type DuelReplica = SchemaType<typeof DuelReplica>;

export const duelReplica: Replica<DuelState, DuelReplica> = {
  create(setup) {
    const replica = new DuelReplica();
    replica.tickRateHz = setup.tickRateHz;
    return replica;
  },

  join(replica, seat, profile) {
    const key = String(seat);
    const known = replica.players.get(key);
    const player = known ?? new DuelPlayerReplica();
    player.seat = seat;
    player.name = profile.name;
    if (known === undefined) replica.players.set(key, player);
  },

  leave(replica, seat) {
    replica.players.delete(String(seat));
  },

  write(state, replica) {
    replica.tick = state.tick;
    replica.phase = state.phase;
    replica.turnSeat = state.turnSeat;
    replica.moveNumber = state.moveNumber;
    replica.turnEndsAtTick = state.turnEndsAtTick;
    if (replica.board.length === 0) replica.board.push(...state.board);
    state.board.forEach((cell, index) => {
      replica.board[index] = cell;
    });
    const winners = state.result?.winners ?? [];
    if (replica.winners.length !== winners.length) replica.winners.push(...winners);
    if (replica.winningCells.length !== state.winningCells.length) {
      replica.winningCells.push(...state.winningCells);
    }
  },
};
