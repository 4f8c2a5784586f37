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
  readonly #telemetry: Telemetry;
  readonly #encoder = new JournalEncoder();
  readonly #stream: WriteStream;
  readonly #finished: Promise<void>;
  #bytes = 0;
  #isOpen = true;

  private constructor(stream: WriteStream, telemetry: Telemetry) {
    this.#stream = stream;
    this.#telemetry = telemetry;
    this.#finished = new Promise((resolve) => {
      stream.once("close", resolve);
    });
    stream.on("error", (cause) => this.#fail(cause));
  }

  /**
   * Starts a new file. Its name sorts by time and holds no id.
   * @param directory - Made if it is missing.
   * @param name - Without directory or suffix; characters outside `[A-Za-z0-9._-]` become `-`.
   */
  static start(
    directory: string,
    name: string,
    header: JournalHeader,
    telemetry: Telemetry,
  ): Journal {
    try {
      mkdirSync(directory, { recursive: true });
      const file = path.join(directory, `${name.replaceAll(/[^A-Za-z0-9._-]/g, "-")}.journal`);
      // "wx": a file of that name is another match and is never overwritten.
      const journal = new FileJournal(createWriteStream(file, { flags: "wx" }), telemetry);
      journal.#put(journal.#encoder.header(header));
      return journal;
    } catch (cause) {
      telemetry.journalFailed({ cause });
      return noJournal;
    }
  }

  write(record: JournalRecord): void {
    if (!this.#isOpen) return;
    if (this.#stream.writableLength > HOST_LIMITS.journalQueuedBytesMax) {
      this.#fail(new Error("the disk does not keep up with the journal"));
      return;
    }
    if (this.#bytes + HOST_LIMITS.journalRecordBytesMax > HOST_LIMITS.journalBytesMax) {
      this.#telemetry.journalTruncated({ bytes: this.#bytes });
      this.#put(this.#encoder.record({ type: "cut", tick: record.tick }));
      this.#isOpen = false;
      this.#stream.end();
      return;
    }
    this.#put(this.#encoder.record(record));
  }

  async close(): Promise<void> {
    if (this.#isOpen) {
      this.#isOpen = false;
      this.#stream.end();
    }
    await this.#finished;
  }

  #put(bytes: Buffer): void {
    this.#bytes += bytes.length;
    this.#stream.write(bytes);
  }

  #fail(cause: unknown): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#telemetry.journalFailed({ cause });
    this.#stream.destroy();
  }
}
