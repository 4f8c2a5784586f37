export const EMULATOR_LIMITS = {
  /** Characters of a fleet file. */
  fleetFileCharactersMax: 1_048_576,
  /** Mistakes of a file that are told; a file that is wrong from end to end has one cause. */
  mistakesMax: 20,
  /** Characters of a given value that a message repeats. */
  shownCharactersMax: 80,
  /** Values of one flag that may be given several times. */
  listMax: 64,
  /** Characters of a path; Linux's PATH_MAX is 4096 bytes. */
  pathCharactersMax: 4_096,
} as const;
