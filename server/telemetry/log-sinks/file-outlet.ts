import { closeSync, fstatSync, ftruncateSync, writeSync } from "node:fs";
import { LOG_SINK_LIMITS } from "./limits.ts";
import { LogFile, type LogFileOptions, wholeLines } from "./log-file.ts";
import type { LogFiles } from "./log-files.ts";
import { codeOf, type Outcome, type Outlet } from "./outlet.ts";

const LINE_END = 10;
const NOTHING = Buffer.alloc(0);

/** Files of our own. A line is in them whole, whatever the disk does and whoever removes them. */
export class FileOutlet implements Outlet {
  readonly #files: LogFiles;
  readonly #file: LogFile;
  readonly #fileBytes: number;
  /** Comes before the next batch: lines of a file that was removed, or the end of a torn line. */
  #owed: Buffer = NOTHING;
  /** Written where they may never have been seen; `undefined` if that is too much to keep. */
  #unseen: Buffer[] | undefined = [];
  #unseenBytes = 0;
  #unseenLines = 0;

  constructor(options: LogFileOptions) {
    this.#files = options.files;
    this.#file = new LogFile(options);
    this.#fileBytes = options.fileBytes;
  }

  write(batch: Buffer, done: (outcome: Outcome) => void): void {
    void this.#deliver(batch).then(done);
  }

  writeAtOnce(batch: Buffer): Outcome {
    const linesLost = this.#file.isRemoved ? this.#oweUnseen() : 0;
    const lines = Buffer.concat([this.#owed, batch]);
    let bytes = 0;
    let fd: number | undefined;
    try {
      fd = this.#files.openAtOnce(this.#fileBytes);
      while (bytes < lines.length) bytes += writeSync(fd, lines, bytes);
    } catch {
      if (fd !== undefined) cutOff(fd, bytes - wholeLines(lines, bytes));
    }
    if (fd !== undefined) closeSync(fd);
    return this.#outcome(wholeLines(lines, bytes), batch, linesLost);
  }

  settle(): number {
    const bytes = this.#file.settle();
    const owedBytes = this.#owed.length;
    this.#owed = this.#owed.subarray(bytes);
    return Math.max(0, bytes - owedBytes);
  }

  close(): void {
    this.#file.close();
  }

  async #deliver(batch: Buffer): Promise<Outcome> {
    let linesLost = 0;
    try {
      const readiness = await this.#file.ready(this.#owed.length + batch.length);
      if (readiness === "removed") linesLost = this.#oweUnseen();
      if (readiness !== "same") this.#forgetUnseen();
    } catch (error) {
      return { bytes: 0, fault: "disk", code: codeOf(error) };
    }
    const lines = Buffer.concat([this.#owed, batch]);
    const { bytes, isTorn, code } = await this.#file.append(lines);
    this.#remember(lines.subarray(0, bytes));
    const outcome = { ...this.#outcome(bytes, batch, linesLost), ...(code && { code }) };
    if (isTorn) this.#owed = Buffer.concat([Buffer.from([LINE_END]), this.#owed]);
    return outcome;
  }

  /** @param bytes - That are out, of what was owed and the batch together. */
  #outcome(bytes: number, batch: Buffer, linesLost: number): Outcome {
    const ofBatch = Math.max(0, bytes - this.#owed.length);
    this.#owed = this.#owed.subarray(bytes);
    return { bytes: ofBatch, linesLost, ...(ofBatch < batch.length && { fault: "disk" as const }) };
  }

  /** @returns Lines that were too many to keep. */
  #oweUnseen(): number {
    const linesLost = this.#unseen === undefined ? this.#unseenLines : 0;
    this.#owed = Buffer.concat([...(this.#unseen ?? []), this.#owed]);
    this.#forgetUnseen();
    return linesLost;
  }

  #remember(lines: Buffer): void {
    this.#unseenBytes += lines.length;
    for (let at = lines.indexOf(LINE_END); at >= 0; at = lines.indexOf(LINE_END, at + 1)) {
      this.#unseenLines++;
    }
    if (this.#unseenBytes > LOG_SINK_LIMITS.unseenBytesMax) this.#unseen = undefined;
    this.#unseen?.push(lines);
  }

  #forgetUnseen(): void {
    this.#unseen = [];
    this.#unseenBytes = 0;
    this.#unseenLines = 0;
  }
}

/** Takes the last bytes off a file, if the disk lets it. */
function cutOff(fd: number, bytes: number): void {
  if (bytes === 0) return;
  try {
    ftruncateSync(fd, fstatSync(fd).size - bytes);
  } catch {
    // The next process puts the file away, torn line and all.
  }
}
