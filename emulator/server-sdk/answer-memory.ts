import { SERVICE_LIMITS } from "./limits.ts";

interface Kept {
  readonly text: string;
  readonly atMs: number;
  readonly statusCode: number;
}

/** What the requests of one process were answered, for those that come again: one SDK sends a request up to five times. */
export class AnswerMemory {
  readonly #answers = new Map<string, Kept>();
  #chars = 0;

  get size(): number {
    return this.#answers.size;
  }

  /** Characters of all answers that are kept. */
  get chars(): number {
    return this.#chars;
  }

  find(requestId: string): Pick<Kept, "text" | "statusCode"> | undefined {
    return this.#answers.get(requestId);
  }

  /** Drops what is too old, and the oldest where there is too much. An answer that is too large alone is not kept. */
  keep(requestId: string, text: string, statusCode: number, nowMs: number): void {
    this.#answers.set(requestId, { text, statusCode, atMs: nowMs });
    this.#chars += text.length;
    const { answersKeptMax, answersKeptMs, answersKeptCharsMax } = SERVICE_LIMITS;
    for (const [id, { text: old, atMs }] of this.#answers) {
      const isTooMuch = this.#answers.size > answersKeptMax || this.#chars > answersKeptCharsMax;
      if (!isTooMuch && nowMs - atMs < answersKeptMs) return;
      this.#answers.delete(id);
      this.#chars -= old.length;
    }
  }
}
