import { type Ground, WHOLE_GROUND } from "./rules.ts";
import type { WorldPlan } from "./world.ts";

/** One match, as its server is told it: in JSON, as an argument or as game session data. */
export interface MatchPlan {
  readonly players: number;
  /** Things that move without a player. */
  readonly npcs: number;
  readonly tickRateHz: number;
  /** Everybody is told of what is within this of him; of everything where it is missing. */
  readonly nearMetres?: number;
  /** All stay in one place and shoot. */
  readonly isFight?: boolean;
  /** Where the server finds what it is to do, and answers ({@link ConductedMatch}). */
  readonly orderFile: string;
}

/** Things of a match without interest: so many, or as many as there are players. */
export const ENTITIES = 200;

const SEED = 20_261_122;

/** Within one square of {@link CELL_METRES}. */
const FIGHT_GROUND: Ground = { lowMetres: 530, highMetres: 590 };
/** Of our own interest: players in one square are sent the same. */
export const CELL_METRES = 125;

export function worldPlanOf({ tickRateHz, npcs, isFight = false }: MatchPlan): WorldPlan {
  const ground = isFight ? FIGHT_GROUND : WHOLE_GROUND;
  return { tickRateHz, npcs, ground, seed: SEED, isFight };
}
