/** `stalled`: the reader does not read; the others as in `LossReason`. */
export type OutletFault = "stalled" | "disk" | "gone";

export interface Outcome {
  /** Bytes of the batch that are out for good, from its first one on. */
  readonly bytes: number;
  /** Why it was not all of them. */
  readonly fault?: OutletFault;
  /** What the system calls it, such as `EACCES`, where it said. */
  readonly code?: string;
  /** Lines of earlier batches that turned out to be lost. */
  readonly linesLost?: number;
}

/** Takes whole lines in batches, one batch at a time. No method throws. */
export interface Outlet {
  /** @param done - Called once, in this turn or a later one. */
  write(batch: Buffer, done: (outcome: Outcome) => void): void;
  /** For the end of the process: tries once, blocking for as long as a disk takes and for no reader. */
  writeAtOnce(batch: Buffer): Outcome;
  /**
   * Gives up the write under way, whose `done` no longer counts.
   * @returns How many of its bytes are out.
   */
  settle(): number;
  close(): void;
}

const cell = new Int32Array(new SharedArrayBuffer(4));

/** Of an error of the system's. */
export function codeOf(error: unknown): string {
  return String((error as NodeJS.ErrnoException).code);
}

/** Blocks the whole process; for its end alone. */
export function rest(forMs: number): void {
  Atomics.wait(cell, 0, 0, forMs);
}
