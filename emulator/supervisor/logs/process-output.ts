import { createWriteStream, rmSync, type WriteStream } from "node:fs";
import path from "node:path";
import type { Clock } from "../../clock.ts";
import { SUPERVISOR_LIMITS } from "../limits.ts";
import { openKeptFolder } from "./kept-folder.ts";
import { LINE_END, LineRate, LineReader, printable } from "./lines.ts";

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
   * @param secrets - Never printed or kept, though the process may write them; asked anew, for tokens are renewed.
   */
  of(processId: string, prefix: string, secrets: () => readonly string[]): ProcessOutput {
    this.#makeRoom();
    const { clock, print, folder } = this.#deps;
    const file = path.join(folder, `${processId}.log`);
    const rate = new LineRate(clock, SUPERVISOR_LIMITS.printedLinesPerSecondMax);
    // Only a line that its own process may print counts against all of them.
    const mayPrint = () => rate.take() && this.#rate.take();
    const output = new ProcessOutput({ file, secrets, mayPrint, print: (x) => print(prefix + x) });
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
  readonly secrets: () => readonly string[];
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
  /** For the file, since the last write: a write for each short line would cost a hundred times its bytes. */
  #batch: string[] = [];
  #batchBytes = 0;
  /** The next line may be printed: somebody asked before there was one. */
  #isPrintGranted = false;
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

  readonly out = (bytes: Buffer): void => this.#take(this.#out, bytes);

  readonly errorOut = (bytes: Buffer): void => this.#take(this.#error, bytes);

  /** Nothing more comes from the process. */
  end(): void {
    this.#out.end();
    this.#error.end();
    this.#tellUnprinted();
    if (!this.#isFileOver) this.#noteUnkept();
    this.#writeBatch();
    this.#isEnded = true;
    if (this.#stream.closed) this.#ended.resolve();
    this.#stream.once("close", this.#ended.resolve);
    this.#stream.end();
  }

  /** Line by line as long as lines are printed, and all that is left at once: short lines are many. */
  #take(reader: LineReader, bytes: Buffer): void {
    let left = bytes;
    while (left.length > 0 && this.#isNextPrinted()) {
      const end = left.indexOf(LINE_END) + 1 || left.length;
      reader.take(left.subarray(0, end));
      left = left.subarray(end);
    }
    if (left.length > 0) this.#takeUnprinted(reader.block(left));
    this.#writeBatch();
  }

  #isNextPrinted(): boolean {
    this.#isPrintGranted ||= this.#deps.mayPrint();
    return this.#isPrintGranted;
  }

  #takeUnprinted({ text, lines }: ReturnType<LineReader["block"]>): void {
    this.#unprinted += lines;
    const { outputBytesMax } = SUPERVISOR_LIMITS;
    const isLast = this.#fileBytes + Buffer.byteLength(text) > outputBytesMax;
    const pieces = isLast ? text.split(/(?<=\n)/) : [text];
    for (const piece of pieces) this.#keep(this.#withoutSecret(piece), isLast ? 1 : lines);
  }

  #line(line: string): void {
    const text = this.#withoutSecret(line);
    this.#keep(`${text}\n`, 1);
    const isPrinted = this.#isNextPrinted();
    this.#isPrintGranted = false;
    if (!isPrinted) {
      this.#unprinted++;
      return;
    }
    this.#tellUnprinted();
    this.#deps.print(printable(text));
  }

  #withoutSecret(text: string): string {
    return this.#deps.secrets().reduce((rest, each) => rest.replaceAll(each, "[token]"), text);
  }

  #tellUnprinted(): void {
    const { file, print } = this.#deps;
    if (this.#unprinted > 0) print(`… ${this.#unprinted} lines more, see ${file}`);
    this.#unprinted = 0;
  }

  /** @param lines - How many there are in `text`. */
  #keep(text: string, lines: number): void {
    if (this.#isFileOver || lines === 0) return;
    const { outputBytesMax } = SUPERVISOR_LIMITS;
    const bytes = Buffer.byteLength(text);
    if (this.#fileBytes + bytes > outputBytesMax) {
      this.#isFileOver = true;
      this.#batch.push(`… cut here: only ${outputBytesMax} bytes are kept\n`);
      return;
    }
    // A process that writes faster than the disk loses lines; it must not be held up.
    if (this.#isDiskBehind()) {
      this.#unkept += lines;
      return;
    }
    this.#noteUnkept();
    this.#fileBytes += bytes;
    this.#batchBytes += bytes;
    this.#batch.push(text);
  }

  #isDiskBehind(): boolean {
    const waiting = this.#stream.writableLength + this.#batchBytes;
    return waiting > SUPERVISOR_LIMITS.outputBytesWaitingMax;
  }

  #writeBatch(): void {
    if (this.#batch.length > 0) this.#stream.write(this.#batch.join(""));
    this.#batch = [];
    this.#batchBytes = 0;
  }

  #noteUnkept(): void {
    if (this.#unkept > 0) this.#batch.push(`… ${this.#unkept} lines came too fast to be kept\n`);
    this.#unkept = 0;
  }
}
