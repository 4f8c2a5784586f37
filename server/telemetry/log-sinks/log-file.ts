import { fstatSync } from "node:fs";
import { type FileHandle, stat } from "node:fs/promises";
import type { Clock } from "../../clock.ts";
import { LOG_SINK_LIMITS } from "./limits.ts";
import { type LogFiles, unlessMissing } from "./log-files.ts";
import { codeOf, rest } from "./outlet.ts";

const LINE_END = 10;

export interface LogFileOptions {
  readonly files: LogFiles;
  readonly clock: Clock;
  /** A file that has reached one of these is rotated before more is written. */
  readonly fileBytes: number;
  readonly fileMs: number;
}

/** `seen`: everything written so far lies where it can be found; `removed`: what came since the last `seen` does not. */
export type Readiness = "same" | "seen" | "removed";

export interface Appended {
  /** That are out, up to the end of a line. */
  readonly bytes: number;
  /** A piece of a line is behind them and could not be cut off. */
  readonly isTorn: boolean;
  /** Why these were not all. */
  readonly code?: string;
}

/** What Node's threads are at; the end of the process waits for it. */
interface UnderWay {
  readonly handle: FileHandle;
  readonly lines: Buffer;
  readonly sizeBefore: number;
  /** Of the file, when it is done. */
  readonly sizeAfter: number;
}

/** The file that is written to: rotated, made again when somebody removes it, and cut back to whole lines. */
export class LogFile {
  readonly #files: LogFiles;
  readonly #clock: Clock;
  readonly #fileBytes: number;
  readonly #fileMs: number;
  #handle: FileHandle | undefined;
  #hasTakenOver = false;
  #size = 0;
  #openedMs = 0;
  #lookedMs = 0;
  /** The file was removed, and nobody has been told. */
  #wasRemoved = false;
  #underWay: UnderWay | undefined;
  #isClosed = false;

  constructor(options: LogFileOptions) {
    this.#files = options.files;
    this.#clock = options.clock;
    this.#fileBytes = options.fileBytes;
    this.#fileMs = options.fileMs;
  }

  /** Blocks for as long as a look at an open file takes. */
  get isRemoved(): boolean {
    try {
      return this.#handle !== undefined && fstatSync(this.#handle.fd).nlink === 0;
    } catch {
      return false;
    }
  }

  /** Sees to it that there is a file with room for so many bytes. Throws what the disk says. */
  async ready(bytes: number): Promise<Readiness> {
    const nowMs = this.#clock.nowMs();
    const isTooMuch = () =>
      this.#size > 0 &&
      (this.#size + bytes > this.#fileBytes || nowMs - this.#openedMs >= this.#fileMs);
    const isDue = nowMs - this.#lookedMs >= LOG_SINK_LIMITS.lookMs;
    if (this.#handle !== undefined && !isDue && !isTooMuch()) return "same";
    if (this.#handle !== undefined) await this.#look(this.#handle);
    if (this.#handle !== undefined && isTooMuch()) {
      await this.#files.rotate();
      await this.#leave();
    }
    if (this.#handle === undefined) await this.#open();
    const wasRemoved = this.#wasRemoved;
    this.#wasRemoved = false;
    return wasRemoved ? "removed" : "seen";
  }

  /** Never throws. */
  async append(lines: Buffer): Promise<Appended> {
    const handle = this.#handle;
    if (handle === undefined || this.#isClosed) return { bytes: 0, isTorn: false };
    const sizeBefore = this.#size;
    this.#underWay = { handle, lines, sizeBefore, sizeAfter: sizeBefore + lines.length };
    let bytes = 0;
    try {
      while (bytes < lines.length) bytes += (await handle.write(lines, bytes)).bytesWritten;
      this.#size = sizeBefore + bytes;
      return { bytes, isTorn: false };
    } catch (error) {
      const whole = wholeLines(lines, bytes);
      const isTorn = bytes > whole && !(await this.#cutOff(this.#underWay, bytes - whole));
      this.#size = sizeBefore + (isTorn ? bytes : whole);
      return { bytes: whole, isTorn, code: codeOf(error) };
    } finally {
      this.#underWay = undefined;
    }
  }

  /** Waits, blocking, for what is under way, and ends all that would follow. @returns As `bytes` of `append`. */
  settle(): number {
    this.#isClosed = true;
    if (this.#underWay === undefined) return 0;
    const { handle, lines, sizeBefore, sizeAfter } = this.#underWay;
    const written = () => fstatSync(handle.fd).size - sizeBefore;
    try {
      for (let rests = LOG_SINK_LIMITS.closeRests; rests > 0; rests--) {
        if (written() === sizeAfter - sizeBefore) break;
        rest(LOG_SINK_LIMITS.closeRestMs);
      }
      return wholeLines(lines, Math.min(Math.max(written(), 0), lines.length));
    } catch {
      return 0;
    }
  }

  close(): void {
    this.#isClosed = true;
    void this.#leave().catch(() => {});
  }

  /** Leaves the file if the path does not name it any more. */
  async #look(handle: FileHandle): Promise<void> {
    this.#lookedMs = this.#clock.nowMs();
    const [own, named] = await Promise.all([
      handle.stat(),
      stat(this.#files.path).catch(unlessMissing),
    ]);
    // Somebody may have emptied it.
    this.#size = own.size;
    if (named?.ino === own.ino && named.dev === own.dev) return;
    this.#wasRemoved = own.nlink === 0;
    await this.#leave();
  }

  async #open(): Promise<void> {
    if (!this.#hasTakenOver) await this.#files.takeOver();
    this.#hasTakenOver = true;
    const handle = await this.#files.open();
    this.#handle = handle;
    this.#size = (await handle.stat()).size;
    this.#openedMs = this.#clock.nowMs();
    this.#lookedMs = this.#openedMs;
    // The end of the process came first, and writes through a descriptor of its own.
    if (this.#isClosed) await this.#leave();
  }

  async #leave(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  /** @returns Whether the last bytes of the file, a piece of a line, are gone. */
  async #cutOff({ handle, lines, sizeBefore }: UnderWay, bytes: number): Promise<boolean> {
    if (this.#isClosed) return false;
    try {
      const sizeAfter = (await handle.stat()).size - bytes;
      this.#underWay = { handle, lines, sizeBefore, sizeAfter };
      await handle.truncate(sizeAfter);
      return true;
    } catch {
      return false;
    }
  }
}

/** @returns How many of the first `bytes` bytes are whole lines. */
export function wholeLines(lines: Buffer, bytes: number): number {
  return bytes === 0 ? 0 : lines.lastIndexOf(LINE_END, bytes - 1) + 1;
}
