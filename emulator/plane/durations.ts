/** How long the service waits for what, in milliseconds; `emulator/README.md` has a row for each. */
export interface Durations {
  /** A player session is RESERVED for so long. */
  readonly reservationMs: number;
  /** From the start of a supervised process to InitSDK. */
  readonly initializationMs: number;
  /** From InitSDK to ProcessReady; supervised processes only. */
  readonly readyMs: number;
  /** From ProcessReady to the first heartbeat, and again as often as it is missing. */
  readonly firstReportMs: number;
  /** Between later heartbeats; a quarter is added for jitter. */
  readonly reportMs: number;
  /** From TerminateProcess to ProcessEnding. */
  readonly terminationMs: number;
  /** The same after a spot interruption. */
  readonly interruptionMs: number;
  /** From ProcessEnding to the exit. */
  readonly exitMs: number;
  /** How long an auth token opens connections, and how much of that a handed out one has left at least. */
  readonly tokenMs: number;
  readonly tokenLeftMs: number;
  /** Between two RefreshConnection to one process. */
  readonly refreshMs: number;
  /** Until it is said again, as long as no new connection is seen. */
  readonly refreshAgainMs: number;
  /** What others wait for, such as an activation or a queue: as documented, then scaled. */
  readonly scaled: (ms: number) => number;
}

/**
 * @param timeScale - 60 makes a minute of the service take a second. Timestamps stay true.
 * @param healthTimeScale - The same for heartbeats after the first: their pace is the server process's, which goes by real
 *   time, so that a scaled wait would end healthy processes. Tokens and refreshes are not scaled either.
 */
export function durations(timeScale = 1, healthTimeScale = 1): Durations {
  const scaled = (ms: number) => ms / timeScale;
  return {
    reservationMs: scaled(60_000),
    initializationMs: scaled(300_000),
    readyMs: scaled(300_000),
    firstReportMs: scaled(60_000),
    reportMs: 60_000 / healthTimeScale,
    terminationMs: scaled(300_000),
    interruptionMs: scaled(120_000),
    exitMs: scaled(30_000),
    tokenMs: 30 * 60_000,
    tokenLeftMs: 15 * 60_000,
    refreshMs: 60 * 60_000,
    refreshAgainMs: 60_000,
    scaled,
  };
}
