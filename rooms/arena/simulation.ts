/**
 * The arena as its host sees it: ships that steer, aim and shoot among obstacles, in real time.
 * @module
 */
import type { Simulation } from "../simulation.ts";
import { ARENA_COMMAND_BYTES, type ArenaCommand, decodeArenaCommand } from "./commands.ts";
import { hashArena } from "./hash.ts";
import { type ArenaReplica, arenaReplica } from "./replica.ts";
import { advanceArena, createArena, joinArena, leaveArena } from "./rules.ts";
import { standingOf } from "./score.ts";
import { arenaSnapshots } from "./snapshots.ts";
import type { ArenaState } from "./state.ts";
import { SEATS_MAX } from "./tuning.ts";

export const arena: Simulation<ArenaState, ArenaCommand, ArenaReplica> = {
  name: "arena",
  version: 2,
  tickRateHz: 30,
  seatsMax: SEATS_MAX,
  commandBytesMax: ARENA_COMMAND_BYTES,
  commandsPerTickMax: 1,
  replica: arenaReplica,
  snapshots: arenaSnapshots,
  create: createArena,
  join: joinArena,
  leave: leaveArena,
  decode: decodeArenaCommand,
  advance: advanceArena,
  result: (state) => state.result,
  standing: standingOf,
  hash: hashArena,
};
