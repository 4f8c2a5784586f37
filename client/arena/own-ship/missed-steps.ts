/** So many steps without a command the server takes for unevenness: it uses late commands nevertheless, each later. */
const UNEVEN_TICKS_MAX = 4;

/** A command that is used later than that is a straggler; so many in a row are the way it is from now on. */
const STRAGGLERS_MAX = 4;

/**
 * Counts the steps that the server made without the commands that were meant for them, while the network held those back.
 * The server will not use them when they come, and so the own ship is not ahead by them.
 */
export class MissedSteps {
  /** Command `n` is used by the step that ends with tick `n + lag`; `undefined` until one was used. */
  #lag: number | undefined;
  #stragglers = 0;

  /**
   * The server has told of a tick.
   * @param ack - Number of the last command used.
   * @param isUsed - Whether it was used since the last word.
   * @returns How many of the next commands have missed their steps by now.
   */
  told(tick: number, ack: number, isUsed: boolean): number {
    const missed = this.#lag === undefined ? 0 : (tick - ack - this.#lag) | 0;
    if (!isUsed) return Math.max(0, missed);
    this.#stragglers = missed > UNEVEN_TICKS_MAX ? this.#stragglers + 1 : 0;
    if (this.#stragglers > 0 && this.#stragglers <= STRAGGLERS_MAX) return missed;
    this.#lag = (tick - ack) | 0;
    this.#stragglers = 0;
    return 0;
  }

  /** The tab slept for so many ticks. What it issues from now on is used as of now. */
  slept(ticks: number): void {
    if (this.#lag !== undefined) this.#lag += ticks;
  }

  /** Nothing is known of a new connection. */
  forget(): void {
    this.#lag = undefined;
    this.#stragglers = 0;
  }
}
