/**
 * Where finished log lines go. A sink never throws, never waits and never keeps more than its limits say; what it
 * cannot bring out it counts.
 * @module
 */
import type { LogReading } from "../readings.ts";

/**
 * Why a line was lost. `full`: lines came faster than the reader took them, or he stopped reading; `disk`: writing
 * failed; `gone`: nobody was there to read.
 */
export type LossReason = keyof LogReading["dropped"];

export interface LogSink {
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
  /** Lines that wait are neither written nor lost; lines of the sink's own are not counted. */
  readonly losses: LogReading;
}
