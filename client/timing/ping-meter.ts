/** Round trips as they are measured, one question at a time: a second would be taken for answered by the first one's answer. */
export class PingMeter {
  #askedMs: number | undefined;
  #lastMs: number | undefined;

  /** @returns Whether to ask; not while an answer is awaited. */
  mayAsk(nowMs: number): boolean {
    if (this.#askedMs !== undefined) return false;
    this.#askedMs = nowMs;
    return true;
  }

  answered(nowMs: number): void {
    if (this.#askedMs === undefined) return;
    this.#lastMs = nowMs - this.#askedMs;
    this.#askedMs = undefined;
  }

  /** The connection is gone, and the answer with it. */
  lost(): void {
    this.#askedMs = undefined;
  }

  /** The last round trip, or how long the next has taken already if that is more; `undefined` before the first answer. */
  pingMs(nowMs: number): number | undefined {
    if (this.#lastMs === undefined) return undefined;
    return Math.max(this.#lastMs, nowMs - (this.#askedMs ?? nowMs));
  }
}
