/**
 * Where scripted matches must end. A change here means that matches recorded before cannot be replayed: raise
 * the game's `version` with it.
 */
export const REPLAY_HASHES = {
  /** 600 steps of `playBots` with seed 2026, by tick rate in Hz. */
  arena: { 10: "", 30: "", 128: "" },
  /** As above at 30 Hz with teams red and blue and 40 seats. */
  arenaTeams: "",
  /** The game of `duel/replay.test.ts`. */
  duel: "",
} as const;
