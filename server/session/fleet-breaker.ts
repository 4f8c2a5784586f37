import type { Clock } from "../clock.ts";
import type { RosterSource, Telemetry } from "../telemetry/telemetry.ts";
import { SESSION_LIMITS } from "./limits.ts";

/**
 * Spares a fleet that does not answer, and the players who would wait for it: after several failures in a row nobody is
 * asked about any more, but for one try now and then.
 *
 *   closed --failures in a row--> open --a try succeeds--> closed
 *
 * While the fleet itself says that it cannot be reached, there is not even that try.
 */
export class FleetBreaker {
  readonly #clock: Clock;
  readonly #telemetry: Telemetry;
  readonly #source: RosterSource;
  #failures = 0;
  #isOpen = false;
  #isReachable = true;
  #nextTryAtMs = 0;

  constructor(deps: { clock: Clock; telemetry: Telemetry; source: RosterSource }) {
    this.#clock = deps.clock;
    this.#telemetry = deps.telemetry;
    this.#source = deps.source;
  }

  /** False while the fleet is known to be out of reach; a guess from failures does not count. */
  get isReachable(): boolean {
    return this.#isReachable;
  }

  /** @param isReachable - When it is so again, what failed before says nothing any more. */
  setReachable(isReachable: boolean): void {
    this.#isReachable = isReachable;
    if (isReachable) this.answered();
  }

  /** Whether the fleet may be asked now. While it is open that is yes once in a while: whoever got it makes the try. */
  mayAsk(): boolean {
    if (!this.#isReachable) return false;
    if (!this.#isOpen) return true;
    const nowMs = this.#clock.nowMs();
    if (nowMs < this.#nextTryAtMs) return false;
    this.#nextTryAtMs = nowMs + SESSION_LIMITS.breakerTryMs;
    return true;
  }

  /** The fleet answered, whatever it said. */
  answered(): void {
    this.#failures = 0;
    if (this.#isOpen) this.#turn(false);
  }

  /** There was no answer, or none in time. */
  failed(): void {
    this.#failures++;
    if (this.#isOpen || this.#failures < SESSION_LIMITS.breakerFailuresMax) return;
    this.#nextTryAtMs = this.#clock.nowMs() + SESSION_LIMITS.breakerTryMs;
    this.#turn(true);
  }

  #turn(isOpen: boolean): void {
    this.#isOpen = isOpen;
    this.#telemetry.fleetBreakerTurned({ isOpen, source: this.#source });
  }
}
