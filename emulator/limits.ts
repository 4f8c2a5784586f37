export const EMULATOR_LIMITS = {
  /** Characters of a fleet file. */
  fleetFileCharactersMax: 1_048_576,
  /** Mistakes of a file that are told; a file that is wrong from end to end has one cause. */
  mistakesMax: 20,
  /** Characters of a given value that a message repeats. */
  shownCharactersMax: 80,
  /** Values of one flag that may be given several times. */
  listMax: 64,
  /** How long a URL of logs is good, as S3 has it; not scaled, for it is people who use it. */
  logUrlMs: 15 * 60_000,
  /** URLs of logs that are good at once; the oldest are forgotten. */
  logUrlsMax: 1_000,
  /** Characters of a path; Linux's PATH_MAX is 4096 bytes. */
  pathCharactersMax: 4_096,
} as const;
