import { createWriteStream, type WriteStream } from "node:fs";
import path from "node:path";
import { makeDirectoryAtOnce } from "../make-directory.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import {
  encodeHeader,
  encodeRecord,
  JOURNAL_CHECK_BYTES,
  JOURNAL_CUT_BYTES,
  type JournalHeader,
  type JournalRecord,
  JournalSeal,
} from "./journal-format.ts";
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
  readonly #seal = new JournalSeal();
  #stream: WriteStream | undefined;
  #finished: Promise<void> = Promise.resolve();
  /** Sealed, and not given to the stream yet. */
  #batch: Buffer[] = [];
  #batchBytes = 0;
  #bytes = 0;
  #isOpen = true;
  #hasFailed = false;

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
    const bytes = this.#encoded(record);
    if (bytes === undefined) return;
    const reserved = bytes.length + JOURNAL_CUT_BYTES + 2 * JOURNAL_CHECK_BYTES;
    if (this.#bytes + reserved <= HOST_LIMITS.journalBytesMax) {
      this.#put(bytes);
      // A write wakes a thread of its own, which costs more than the step it records; hashes come by the second.
      if (record.type === "hash" || this.#batchBytes >= HOST_LIMITS.journalBatchBytes) {
        this.#writeBatch();
      }
      return;
    }
    this.#telemetry.journalTruncated({ bytes: this.#bytes });
    this.#put(encodeRecord({ type: "cut", tick: record.tick }));
    this.#end();
  }

  async close(): Promise<void> {
    if (this.#isOpen) this.#end();
    await this.#finished;
  }

  #end(): void {
    this.#isOpen = false;
    this.#writeBatch();
    this.#stream?.end();
  }

  #writeBatch(): void {
    if (this.#batchBytes === 0) return;
    this.#stream?.write(Buffer.concat(this.#batch, this.#batchBytes));
    this.#batch = [];
    this.#batchBytes = 0;
  }

  #opened(): WriteStream | undefined {
    if (this.#stream !== undefined) return this.#stream;
    try {
      makeDirectoryAtOnce(path.dirname(this.#file));
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
    this.#put(encodeHeader(this.#header));
    return stream;
  }

  /** A game that breaks the limits of its interface loses its journal, not its match. */
  #encoded(record: JournalRecord): Buffer | undefined {
    try {
      return encodeRecord(record);
    } catch (cause) {
      this.#fail(cause);
      return undefined;
    }
  }

  #put(bytes: Buffer): void {
    const sealed = this.#seal.seal(bytes);
    this.#bytes += sealed.length;
    this.#batch.push(sealed);
    this.#batchBytes += sealed.length;
  }

  /** May come after the last record, while the file is flushed. */
  #fail(cause: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#isOpen = false;
    this.#batch = [];
    this.#batchBytes = 0;
    this.#telemetry.journalFailed({ cause });
    this.#stream?.destroy();
  }
}
