/**
 * Where finished log lines go. A sink never throws, never waits and never keeps more than its limits say; what it
 * cannot bring out it counts.
 * @module
 */

/**
 * Why a line was lost. A closed set: it is a metric label. `full`: lines came faster than the reader took them, or he
 * stopped reading; `disk`: writing failed; `gone`: nobody was there to read.
 */
export const LossReason = { FULL: "full", DISK: "disk", GONE: "gone" } as const;
export type LossReason = (typeof LossReason)[keyof typeof LossReason];

export interface LogLosses {
  /** Lines lost so far, whatever the reason. Lines that still wait are not among them. */
  readonly lines: number;
  readonly dropped: Readonly<Record<LossReason, number>>;
}

export interface LogSink {
  /** A closed set: it is a metric label. */
  readonly name: "file" | "stdout";
  /**
   * @param line - One line without its line end.
   * @param isPrecious - It goes out at once, and part of the room for waiting lines is kept for its kind.
   */
  write(line: string, isPrecious: boolean): void;
  /**
   * For the end of the process: writes what goes at once, blocking for about 0.1 s at most, and counts the rest as lost.
   * A line that comes after it is tried once, on the spot.
   */
  close(): void;
  readonly losses: LogLosses;
}
