/**
 * Where scripted matches must end. A change here means that matches recorded before cannot be replayed: raise
 * the game's `version` with it.
 */
export const REPLAY_HASHES = {
  /** 600 steps of `playBots` with seed 2026 and 12 seats, by tick rate in Hz. */
  arena: { 10: "0b35a7b9474f4961", 30: "ee2ef6968b2ecc11", 128: "ce4ebde710582a07" },
  /** As above at 30 Hz with teams red and blue and 40 seats. */
  arenaTeams: "3fae4700c15b92f7",
  /** The game `duel/determinism.test.ts` plays with seed 2026. */
  duel: "6c0a69e31c1ef428",
} as const;
