/** Every wait, retry and rate of the supervisor. Times in milliseconds. */
export const ANYWHERE_LIMITS = {
  /** One call to AWS. */
  callTimeoutMs: 10_000,
  /** Calls at start: GameLift recommends 8 to 10 tries over 3 to 5 minutes while it still validates a compute. */
  triesMax: 10,
  /** Rest before the second try; doubles with each, and up to half of it is left out by chance. */
  firstRestMs: 1_000,
  restMsMax: 60_000,
  /** Looks at what else is registered under the name, when registering meets a conflict. */
  conflictRoundsMax: 5,
  conflictRestMs: 2_000,
  /** Pages of ListCompute; an Anywhere fleet has 100 computes unless its quota was raised. */
  computePagesMax: 50,
  /** A token is asked for again after a third of its life, at least this often: as GameLift's own agent does. */
  tokenRefreshMs: 300_000,
  tokenRefreshMsMin: 1_000,
  tokenRestMsMax: 30_000,
  /** A token with less life left is not handed to a new process, which has to start before it connects. */
  tokenLeftMsMin: 1_000,
  /** A process that crashes sooner counts against its successor. */
  steadyMs: 10_000,
  crashRestMs: 500,
  crashRestMsMax: 60_000,
  /** Between two starts in one place, also when the process ended with 0. */
  startSpacingMs: 1_000,
  /** Between the places at start: many processes that load at once take each other's time. */
  staggerMs: 100,
  /** After a second signal, before what is left is killed; our server then needs a second at most. */
  hurryMs: 2_000,
  /** Until a killed process is gone. */
  killedMs: 5_000,
  /** Last lines of a process whose pipe something else keeps open. */
  lastOutputMs: 1_000,
  /** All tries of the deregistration together, and after a second signal. */
  deregisterMs: 20_000,
  deregisterHurriedMs: 3_000,
  /** Signals that come so close together are one: npm passes on a Ctrl-C that the terminal sends as well. */
  sameSignalMs: 500,
} as const;
