import { TIMING_LIMITS } from "../limits.ts";
import { RecentNumbers } from "./recent-numbers.ts";

/** What a player feels of the network, of the last ten seconds. */
export interface Feel {
  /** Half of all corrections of the own ship were no larger, metres; `undefined` before the first answer. */
  readonly correctionMetresP50: number | undefined;
  /** 99 of a hundred were no larger. */
  readonly correctionMetresP99: number | undefined;
  /** How far in the past others are shown, behind what has the quickest way. */
  readonly interpolationDelayMs: number | undefined;
  /** By how much nearly all arrivals are later than those with the quickest way. */
  readonly jitterMs: number;
}

/** Collects how far the own ship was moved by the server's answers. */
export class CorrectionMeter {
  readonly #metres = new RecentNumbers(TIMING_LIMITS.measuredMs, TIMING_LIMITS.measuredMax);

  /** @param metres - 0 for an answer that confirmed the prediction. */
  add(metres: number, nowMs: number): void {
    this.#metres.add(metres, nowMs);
  }

  /** @returns As `RecentNumbers.quantile`. */
  quantile(share: number, nowMs: number): number | undefined {
    this.#metres.forgetBefore(nowMs - TIMING_LIMITS.measuredMs);
    return this.#metres.quantile(share);
  }
}
