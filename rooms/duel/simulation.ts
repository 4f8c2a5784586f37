/**
 * Four in a row as its host sees it: two players, turn by turn.
 * @module
 */
import type { Simulation } from "../simulation.ts";
import { DUEL_COMMAND_BYTES, type DuelCommand, decodeDuelCommand } from "./commands.ts";
import { hashDuel } from "./hash.ts";
import { type DuelReplica, duelReplica } from "./replica.ts";
import { advanceDuel, createDuel, joinDuel, leaveDuel, standingOfDuel } from "./rules.ts";
import type { DuelState } from "./state.ts";

export const duel: Simulation<DuelState, DuelCommand, DuelReplica> = {
  name: "duel",
  version: 1,
  tickRateHz: 10,
  seatsMax: 2,
  commandBytesMax: DUEL_COMMAND_BYTES,
  commandsPerTickMax: 1,
  replica: duelReplica,
  create: createDuel,
  join: joinDuel,
  leave: leaveDuel,
  decode: decodeDuelCommand,
  advance: advanceDuel,
  result: (state) => state.result,
  standing: standingOfDuel,
  hash: hashDuel,
};
