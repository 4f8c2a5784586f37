/**
 * The games this server can host, by the name clients join them by.
 * @module
 */
import { arena } from "./arena/simulation.ts";
import { duel } from "./duel/simulation.ts";
import type { Simulation } from "./simulation.ts";

export const SIMULATIONS: Readonly<Record<string, Simulation>> = { arena, duel };

/** Names of all games, in order. */
export const SIMULATION_NAMES: readonly string[] = Object.keys(SIMULATIONS);
