import { type Clock, sleep } from "../../clock.ts";
import { ErrorCode, GameServerError } from "../../errors.ts";
import type { Faults } from "./session-file.ts";

/** The imagined line between the process and its fleet, as slow and broken as the session file says. */
export class FaultyLine {
  /** Replaced when the file is edited; a call in flight keeps what it started with. */
  faults: Faults;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #closed = new AbortController();

  constructor(deps: { clock: Clock; faults: Faults; random: () => number }) {
    this.#clock = deps.clock;
    this.faults = deps.faults;
    this.#random = deps.random;
  }

  /** Lets calls in flight end at once. */
  close(): void {
    this.#closed.abort();
  }

  /**
   * Carries one call to the fleet.
   * @param delayMs - Spent before; an abort ends it.
   * @throws GameServerError FLEET_UNREACHABLE when the call does not arrive, and so had no effect.
   */
  async carry(action: string, delayMs: number, signal?: AbortSignal): Promise<void> {
    const { down, errorRate } = this.faults;
    if (delayMs > 0) {
      const ended = this.#closed.signal;
      await sleep(this.#clock, delayMs, signal ? AbortSignal.any([signal, ended]) : ended);
    }
    if (signal?.aborted) throw unreachable(`${action}: the caller gave up waiting`, signal.reason);
    if (down) throw unreachable(`${action}: the local fleet is down, as its session file says`);
    if (errorRate > 0 && this.#random() < errorRate) {
      throw unreachable(`${action}: failed by the session file's errorRate`);
    }
  }

  /** Holds an answer back, however long ago the caller gave up. */
  async hold(delayMs: number): Promise<void> {
    if (delayMs > 0) await sleep(this.#clock, delayMs, this.#closed.signal);
  }
}

function unreachable(message: string, cause?: unknown): GameServerError {
  return new GameServerError(ErrorCode.FLEET_UNREACHABLE, message, { cause });
}

/** The fleet was asked, and said no. */
export function refused(message: string): GameServerError {
  return new GameServerError(ErrorCode.FLEET_REFUSED, message);
}

/** The same numbers in every run, 0 <= x < 1 (a linear congruential generator, Numerical Recipes' constants). */
export function fixedSequence(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
