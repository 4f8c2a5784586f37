import { LOG_SINK_LIMITS } from "./limits.ts";

interface Entry {
  readonly line: string;
  /** With the line end. */
  readonly bytes: number;
  /** For a report: called when it is out. */
  readonly onOut?: () => void;
}

/** A line about losses; losing it loses nothing. */
export interface Report {
  readonly line: string;
  readonly onOut: () => void;
}

/** Lines that wait, oldest first, within a number of bytes. */
export class LineQueue {
  #entries: Entry[] = [];
  #waitingBytes = 0;
  /** Bytes of the first line that are out already. */
  #startedBytes = 0;

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  /** @returns Whether there was room for it. */
  push(line: string, isPrecious: boolean): boolean {
    const { waitingBytesMax, reservedBytes } = LOG_SINK_LIMITS;
    const bytes = Buffer.byteLength(line) + 1;
    const bytesMax = isPrecious ? waitingBytesMax : waitingBytesMax - reservedBytes;
    if (this.#waitingBytes + bytes > bytesMax) return false;
    this.#entries.push({ line, bytes });
    this.#waitingBytes += bytes;
    return true;
  }

  /** These come before all that wait, in place of those that still wait; there is always room for the few there are. */
  replaceReports(reports: readonly Report[]): void {
    const [first] = this.#entries;
    const isStarted = this.#startedBytes > 0;
    // Half of one is out: what it says stands.
    if (isStarted && first !== undefined && !isLine(first)) return;
    const lines = this.#entries.filter(isLine);
    const entries = reports.map((report) => ({
      ...report,
      bytes: Buffer.byteLength(report.line) + 1,
    }));
    lines.splice(isStarted ? 1 : 0, 0, ...entries);
    this.#entries = lines;
    this.#waitingBytes = lines.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** The next lines, from the byte on where the last write stopped. They stay until they are confirmed. */
  batch(): Buffer {
    let bytes = 0;
    let count = 0;
    for (const entry of this.#entries) {
      if (count > 0 && bytes + entry.bytes > LOG_SINK_LIMITS.batchBytesMax) break;
      bytes += entry.bytes;
      count++;
    }
    const lines = this.#entries.slice(0, count).map(({ line }) => line);
    return Buffer.from(`${lines.join("\n")}\n`).subarray(this.#startedBytes);
  }

  /**
   * @param bytes - How many of the last batch are out.
   * @returns How many lines are out by it.
   */
  confirm(bytes: number): number {
    let out = this.#startedBytes + bytes;
    let count = 0;
    for (const entry of this.#entries) {
      if (entry.bytes > out) break;
      out -= entry.bytes;
      this.#waitingBytes -= entry.bytes;
      count++;
    }
    const gone = this.#entries.splice(0, count);
    this.#startedBytes = out;
    for (const { onOut } of gone) onOut?.();
    return gone.filter(isLine).length;
  }

  /** Whoever had the beginning of the first line is gone: the next one gets it whole, behind a line end. */
  startLineAnew(): void {
    const [first] = this.#entries;
    if (this.#startedBytes === 0 || first === undefined) return;
    this.#startedBytes = 0;
    this.#entries[0] = { ...first, line: `\n${first.line}`, bytes: first.bytes + 1 };
    this.#waitingBytes++;
  }

  /** @returns How many lines are lost by it. */
  clear(): number {
    const lost = this.#entries.filter(isLine).length;
    this.#entries = [];
    this.#waitingBytes = 0;
    this.#startedBytes = 0;
    return lost;
  }
}

function isLine(entry: Entry): boolean {
  return entry.onOut === undefined;
}
