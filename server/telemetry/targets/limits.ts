/**
 * Every limit of the targets file.
 * @module
 */
export const TARGETS_LIMITS = {
  /** Time from one look at the directory to the next, drawn anew each time so that processes spread. */
  sweepMsMin: 15_000,
  sweepMsMax: 30_000,
  /** Where processes do not see one another, a file that was not written for so long is a dead one's: four looks. */
  ageMsMax: 120_000,
  /** Names looked at in one sweep; an instance has at most 50 processes. */
  namesMax: 1_024,
  /** The directory may be entered by the server's user and its group: the agent's user is put into that group. */
  directoryMode: 0o750,
  fileMode: 0o640,
} as const;
