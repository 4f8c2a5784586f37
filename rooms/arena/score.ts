import type { SimulationResult } from "../simulation.ts";
import type { ArenaState, Ship } from "./state.ts";

/** Kills of the ship's side: its team, or itself alone. */
function sideScore(state: ArenaState, ship: Ship): number {
  return state.teamScores[ship.teamIndex] ?? ship.score;
}

/** @returns Whether a side with a player in the match has so many kills. */
export function hasSideReached(state: ArenaState, score: number): boolean {
  return state.ships.some((ship) => ship !== undefined && sideScore(state, ship) >= score);
}

/**
 * Ends the match: the best side that still has players wins, several if they are equal. Nobody wins if no side
 * has a kill, or if all sides are equal.
 */
export function settle(state: ArenaState): void {
  const present = state.ships.filter((ship) => ship !== undefined);
  const best = present.reduce((most, ship) => Math.max(most, sideScore(state, ship)), 0);
  const leaders = present.filter((ship) => sideScore(state, ship) === best);
  const sides = new Set(leaders.map((ship) => (ship.teamIndex === -1 ? ship : ship.teamIndex)));
  const isDraw = best === 0 || (leaders.length === present.length && sides.size > 1);
  state.phase = "over";
  const winners = isDraw ? [] : leaders.map((ship) => ship.seat);
  state.result = { winners, scores: scoresNow(state) };
}

/** @returns The result; while the match runs the scores so far, and no winners. */
export function standingOf(state: ArenaState): SimulationResult {
  return state.result ?? { winners: [], scores: scoresNow(state) };
}

/** In seat order; a seat that was given away again counts for its last player only. */
function scoresNow(state: ArenaState): SimulationResult["scores"] {
  return state.ships.flatMap((ship, seat) => {
    const score = ship?.score ?? state.departedScores[seat];
    return score === undefined ? [] : [{ seat, score }];
  });
}
