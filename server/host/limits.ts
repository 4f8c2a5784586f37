/**
 * Every limit of the room host. Times are milliseconds.
 * @module
 */
export const HOST_LIMITS = {
  /** Steps run at one wake-up to catch up; what is further behind is dropped and counted. */
  catchUpTicksMax: 5,
  /**
   * Longest rest of the thread: whatever is no command waits so long for its turn. A step at 60 Hz is one rest away, one at
   * 20 or 30 Hz two.
   */
  restMsMax: 26,
  /** Commands of one seat that wait for their step. Enough for a quarter of a second of jitter at 30 Hz. */
  commandsQueuedMax: 8,
  /** Steps over which the command queue of a seat is watched for delay that serves nothing. */
  commandDelayWindowSteps: 32,
  /**
   * Steps in a row before which no command of a seat comes that are still taken for unevenness. After more of them the
   * commands were held back, and those whose steps were made without them are dropped once they come.
   */
  commandJitterStepsMax: 4,
  /** Steps after which commands that did not come are not expected any more; much longer than packets are held back. */
  commandLateWindowSteps: 64,
  /** Longest wait for a hosted room's `onAuth` and `onJoin`. */
  joinTimeoutMs: 10_000,
  /** Messages kept for a player who was lost before he acknowledged his join: the first ones, which `onJoin` sent. */
  unheardMessagesMax: 64,
  /** A client that asks for its welcome again gets it so far apart: a keyframe for one costs those who see the same some bytes. */
  welcomesApartMs: 2_000,
  /** State hashes in the journal are this many steps apart. */
  journalHashEveryTicks: 64,
  /** Largest journal file, its last record included; after that the match goes on unrecorded. */
  journalBytesMax: 64 * 1024 * 1024,
  /** Journal bytes that wait for the disk; when it does not keep up, recording stops. */
  journalQueuedBytesMax: 4 * 1024 * 1024,
  /** Journal bytes that are written at once; fewer wait for the next hash, and are what a killed process loses. */
  journalBatchBytes: 16 * 1024,
  /** Pieces of one patch that are kept apart for those who join in between: more come of a room that never sends one. */
  patchPiecesMax: 64,
  /** Characters of a player's shown name. */
  nameCharsMax: 24,
} as const;
