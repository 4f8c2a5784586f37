/** Every count, size and wait of the supervisor. Times in milliseconds; "scaled" ones go by the emulator's time scale. */
export const SUPERVISOR_LIMITS = {
  /** Between any two starts: fifty programs that load at once take each other's time. */
  startSpacingMs: 100,
  /** From one start to the next in the same place, however well the process ended. Scaled. */
  placeSpacingMs: 1_000,
  /** After a quick bad end; doubles with each further one in a row. Scaled. */
  restMs: 1_000,
  restMsMax: 60_000,
  /** A bad end counts as quick before this age. Not scaled: a program needs real time to load and to fail. */
  steadyMs: 10_000,

  /** While the supervisor closes: from TerminateProcess to SIGTERM, to SIGKILL, and until nobody waits any longer. */
  closeAskedMs: 2_500,
  closeMs: 5_000,
  closeKilledMs: 5_000,
  /** Last lines of a process whose pipes something else keeps open. */
  lastOutputMs: 1_000,
  /** Of the watchdog, in the life of one supervisor. */
  watchdogStartsMax: 10,

  /** A longer line of a process is cut into several. */
  lineBytesMax: 16_384,
  printedCharactersMax: 2_000,
  /** Lines shown per second: of one process, and of all together. Files have all of them. */
  printedLinesPerSecondMax: 20,
  printedLinesPerSecondOfAllMax: 200,
  /** Of one process's output kept in its file; what comes later is dropped. */
  outputBytesMax: 10 * 1024 * 1024,
  /** Output that waits for the disk; what comes meanwhile is dropped, because a process must never wait for it. */
  outputBytesWaitingMax: 1024 * 1024,
  /** The newest ones are kept. */
  outputFilesMax: 200,

  /** Of one process, as it named them in ProcessReady. */
  logPathsMax: 100,
  logPathCharactersMax: 4_096,
  /** Of one game session, before they are packed: the service's own quota. */
  logBytesMax: 200_000_000,
  logFilesMax: 10_000,
  logFolderDepthMax: 32,
  /** The newest zips are kept, so many and so large together. */
  archivesMax: 100,
  archiveBytesMax: 2_000_000_000,
  /** Game sessions whose logs wait to be packed; one is packed at a time. */
  archivesWaitingMax: 1_000,
  /** How long the supervisor's end waits for them. */
  archivesCloseMs: 5_000,
} as const;
