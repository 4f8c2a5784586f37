import { stripVTControlCharacters } from "node:util";
import type { Clock } from "../../clock.ts";
import { SUPERVISOR_LIMITS } from "../limits.ts";

const LINE_END = 10;

/** Cuts bytes into lines of text of bounded length. */
export class LineReader {
  readonly #line: (text: string) => void;
  #rest: Buffer[] = [];
  #restBytes = 0;

  constructor(line: (text: string) => void) {
    this.#line = line;
  }

  take(bytes: Buffer): void {
    let from = 0;
    for (let end = bytes.indexOf(LINE_END); end >= 0; end = bytes.indexOf(LINE_END, from)) {
      this.#keep(bytes.subarray(from, end));
      this.#flush();
      from = end + 1;
    }
    if (from < bytes.length) this.#keep(bytes.subarray(from));
  }

  /** What has no line end is a line as well. */
  end(): void {
    if (this.#restBytes > 0) this.#flush();
  }

  #keep(bytes: Buffer): void {
    let left = bytes;
    while (this.#restBytes + left.length > SUPERVISOR_LIMITS.lineBytesMax) {
      const piece = left.subarray(0, SUPERVISOR_LIMITS.lineBytesMax - this.#restBytes);
      this.#rest.push(piece);
      this.#flush();
      left = left.subarray(piece.length);
    }
    this.#rest.push(left);
    this.#restBytes += left.length;
  }

  #flush(): void {
    const text = Buffer.concat(this.#rest).toString("utf8");
    this.#rest = [];
    this.#restBytes = 0;
    this.#line(text.endsWith("\r") ? text.slice(0, -1) : text);
  }
}

/** So many lines in a second; the rest is counted. */
export class LineRate {
  readonly #clock: Clock;
  readonly #perSecondMax: number;
  #secondFromMs = Number.NEGATIVE_INFINITY;
  #count = 0;

  constructor(clock: Clock, perSecondMax: number) {
    this.#clock = clock;
    this.#perSecondMax = perSecondMax;
  }

  /** @returns Whether one more may pass. */
  take(): boolean {
    const nowMs = this.#clock.nowMs();
    if (nowMs - this.#secondFromMs >= 1_000) {
      this.#secondFromMs = nowMs;
      this.#count = 0;
    }
    if (this.#count >= this.#perSecondMax) return false;
    this.#count++;
    return true;
  }
}

/** For a terminal: without colours and whatever else moves its cursor, and not endless. */
export function printable(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll(/\p{Cc}/gu, " ")
    .slice(0, SUPERVISOR_LIMITS.printedCharactersMax);
}
