/**
 * Where scripted matches must end. A change here means that matches recorded before cannot be replayed: raise
 * the game's `version` with it.
 */
export const REPLAY_HASHES = {
  /** 600 steps of `playBots` with seed 2026 and 12 seats, by tick rate in Hz. */
  arena: { 10: "4374dd64ea82f085", 30: "278adb53dde089a4", 128: "402ceda0a562b0cd" },
  /** As above at 30 Hz with teams red and blue and 40 seats. */
  arenaTeams: "1e9edc0b9a274f57",
  /** The game `duel/determinism.test.ts` plays with seed 2026. */
  duel: "6c0a69e31c1ef428",
} as const;
