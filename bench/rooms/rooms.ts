import { BenchRoom } from "./bench-room.ts";
import { matchSimulation } from "./match-simulation.ts";

export const rooms = { bench: BenchRoom, match: matchSimulation };
