import { createWriteStream, mkdirSync, type WriteStream } from "node:fs";
import path from "node:path";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { JournalEncoder, type JournalHeader, type JournalRecord } from "./journal-format.ts";
import { HOST_LIMITS } from "./limits.ts";

/** Where a match is recorded. Never throws and never waits: a broken disk ends the recording, not the match. */
export interface Journal {
  write(record: JournalRecord): void;
  /** Flushes and closes; later records are dropped. Never rejects. */
  close(): Promise<void>;
}

export const noJournal: Journal = { write: () => {}, close: () => Promise.resolve() };

export class FileJournal implements Journal {
  readonly #file: string;
  readonly #header: JournalHeader;
  readonly #telemetry: Telemetry;
  readonly #encoder = new JournalEncoder();
  #stream: WriteStream | undefined;
  #finished: Promise<void> = Promise.resolve();
  #bytes = 0;
  #isOpen = true;

  /**
   * Makes no file before the first record: a match that nobody played leaves none.
   * @param directory - Made if it is missing.
   * @param name - Without directory or suffix, and without ids; characters outside `[A-Za-z0-9._-]` become `-`.
   */
  constructor(directory: string, name: string, header: JournalHeader, telemetry: Telemetry) {
    this.#file = path.join(directory, `${name.replaceAll(/[^A-Za-z0-9._-]/g, "-")}.journal`);
    this.#header = header;
    this.#telemetry = telemetry;
  }

  write(record: JournalRecord): void {
    if (!this.#isOpen) return;
    const stream = this.#opened();
    if (stream === undefined) return;
    if (stream.writableLength > HOST_LIMITS.journalQueuedBytesMax) {
      this.#fail(new Error("the disk does not keep up with the journal"));
      return;
    }
    if (this.#bytes + HOST_LIMITS.journalRecordBytesMax > HOST_LIMITS.journalBytesMax) {
      this.#telemetry.journalTruncated({ bytes: this.#bytes });
      this.#put(this.#encoder.record({ type: "cut", tick: record.tick }));
      this.#isOpen = false;
      stream.end();
      return;
    }
    this.#put(this.#encoder.record(record));
  }

  async close(): Promise<void> {
    if (this.#isOpen) {
      this.#isOpen = false;
      this.#stream?.end();
    }
    await this.#finished;
  }

  #opened(): WriteStream | undefined {
    if (this.#stream !== undefined) return this.#stream;
    try {
      mkdirSync(path.dirname(this.#file), { recursive: true });
    } catch (cause) {
      this.#fail(cause);
      return undefined;
    }
    // "wx": a file of that name is another match and is never overwritten.
    const stream = createWriteStream(this.#file, { flags: "wx" });
    this.#stream = stream;
    this.#finished = new Promise((resolve) => {
      stream.once("close", () => resolve());
    });
    stream.on("error", (cause) => this.#fail(cause));
    this.#put(this.#encoder.header(this.#header));
    return stream;
  }

  #put(bytes: Buffer): void {
    this.#bytes += bytes.length;
    this.#stream?.write(bytes);
  }

  #fail(cause: unknown): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#telemetry.journalFailed({ cause });
    this.#stream?.destroy();
  }
}
