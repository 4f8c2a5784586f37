/** One match, as its server is told it: in JSON, as an argument or as game session data. */
export interface MatchPlan {
  readonly players: number;
  /** Things that move without a player. */
  readonly npcs: number;
  readonly tickRateHz: number;
  readonly sideMetres: number;
  readonly seed: number;
  /** Everybody is told of what is within this of him; of everything where it is missing. */
  readonly nearMetres?: number;
  /** Every input is a shot, and nobody leaves the square of this side in the middle. */
  readonly fightMetres?: number;
  /** Where the server finds what it is to do, and answers ({@link ConductedMatch}). */
  readonly orderFile: string;
}

/** Things of one match without interest: so many, or as many as there are players. */
export const ENTITIES = 200;
