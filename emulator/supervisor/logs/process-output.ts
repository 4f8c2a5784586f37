import { createWriteStream, rmSync, type WriteStream } from "node:fs";
import path from "node:path";
import type { Clock } from "../../clock.ts";
import { SUPERVISOR_LIMITS } from "../limits.ts";
import { openKeptFolder } from "./kept-folder.ts";
import { LineRate, LineReader, printable } from "./lines.ts";

export interface ProcessOutputsDeps {
  readonly clock: Clock;
  readonly print: (line: string) => void;
  /** One file per process. */
  readonly folder: string;
}

/** What server processes write: all of it into a file for each, some lines a second to whoever watches. */
export class ProcessOutputs {
  readonly #deps: ProcessOutputsDeps;
  readonly #rate: LineRate;
  /** By file, oldest first. */
  readonly #outputs = new Map<string, ProcessOutput>();

  constructor(deps: ProcessOutputsDeps) {
    this.#deps = deps;
    this.#rate = new LineRate(deps.clock, SUPERVISOR_LIMITS.printedLinesPerSecondOfAllMax);
  }

  /** Files of earlier runs count as well. */
  open(): void {
    openKeptFolder(this.#deps.folder, ".log", SUPERVISOR_LIMITS.outputFilesMax);
  }

  /**
   * @param prefix - Stands before each printed line.
   * @param secret - Never printed or kept, though the process may write it.
   */
  of(processId: string, prefix: string, secret: string): ProcessOutput {
    this.#makeRoom();
    const { clock, print, folder } = this.#deps;
    const file = path.join(folder, `${processId}.log`);
    const rate = new LineRate(clock, SUPERVISOR_LIMITS.printedLinesPerSecondMax);
    // Only a line that its own process may print counts against all of them.
    const mayPrint = () => rate.take() && this.#rate.take();
    const output = new ProcessOutput({ file, secret, mayPrint, print: (x) => print(prefix + x) });
    this.#outputs.set(file, output);
    return output;
  }

  /** Waits until what the processes wrote is in their files, within bounds. */
  async close(): Promise<void> {
    const late = Promise.withResolvers<void>();
    // The last output of a process comes so much after its end.
    const cancel = this.#deps.clock.after(2 * SUPERVISOR_LIMITS.lastOutputMs, late.resolve);
    const ended = [...this.#outputs.values()].map((output) => output.ended);
    await Promise.race([Promise.all(ended), late.promise]);
    cancel();
  }

  #makeRoom(): void {
    for (const [file, output] of this.#outputs) {
      if (this.#outputs.size < SUPERVISOR_LIMITS.outputFilesMax) return;
      if (!output.isEnded) continue;
      rmSync(file, { force: true });
      this.#outputs.delete(file);
    }
  }
}

interface ProcessOutputDeps {
  readonly file: string;
  readonly secret: string;
  readonly mayPrint: () => boolean;
  readonly print: (line: string) => void;
}

/** What one process writes. */
export class ProcessOutput {
  readonly #deps: ProcessOutputDeps;
  readonly #out = new LineReader((line) => this.#line(line));
  readonly #error = new LineReader((line) => this.#line(line));
  readonly #stream: WriteStream;
  #fileBytes = 0;
  #isFileOver = false;
  #unprinted = 0;
  #unkept = 0;
  #isEnded = false;
  readonly #ended = Promise.withResolvers<void>();

  constructor(deps: ProcessOutputDeps) {
    this.#deps = deps;
    this.#stream = createWriteStream(deps.file, { flags: "w", mode: 0o600 });
    this.#stream.on("error", (error) => {
      this.#isFileOver = true;
      deps.print(`its output cannot be kept: ${error.message}`);
    });
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** When everything is in the file. Never rejects. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  readonly out = (bytes: Buffer): void => {
    this.#out.take(bytes);
  };

  readonly errorOut = (bytes: Buffer): void => {
    this.#error.take(bytes);
  };

  /** Nothing more comes from the process. */
  end(): void {
    this.#out.end();
    this.#error.end();
    this.#tellUnprinted();
    if (!this.#isFileOver) this.#noteUnkept();
    this.#isEnded = true;
    if (this.#stream.closed) this.#ended.resolve();
    this.#stream.once("close", this.#ended.resolve);
    this.#stream.end();
  }

  #line(line: string): void {
    const { secret, mayPrint, print } = this.#deps;
    const text = secret === "" ? line : line.replaceAll(secret, "[token]");
    this.#keep(`${text}\n`);
    if (!mayPrint()) {
      this.#unprinted++;
      return;
    }
    this.#tellUnprinted();
    print(printable(text));
  }

  #tellUnprinted(): void {
    const { file, print } = this.#deps;
    if (this.#unprinted > 0) print(`… ${this.#unprinted} lines more, see ${file}`);
    this.#unprinted = 0;
  }

  #keep(text: string): void {
    if (this.#isFileOver) return;
    const { outputBytesMax, outputBytesWaitingMax } = SUPERVISOR_LIMITS;
    const bytes = Buffer.byteLength(text);
    if (this.#fileBytes + bytes > outputBytesMax) {
      this.#isFileOver = true;
      this.#stream.write(`… cut here: only ${outputBytesMax} bytes are kept\n`);
      return;
    }
    // A process that writes faster than the disk loses lines; it must not be held up.
    if (this.#stream.writableLength > outputBytesWaitingMax) {
      this.#unkept++;
      return;
    }
    this.#noteUnkept();
    this.#fileBytes += bytes;
    this.#stream.write(text);
  }

  #noteUnkept(): void {
    if (this.#unkept > 0) this.#stream.write(`… ${this.#unkept} lines came too fast to be kept\n`);
    this.#unkept = 0;
  }
}
