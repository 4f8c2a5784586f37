import type { Clock } from "../clock.ts";
import type { RosterSource, Telemetry } from "../telemetry/telemetry.ts";
import { SESSION_LIMITS } from "./limits.ts";

/**
 * Spares a fleet that does not answer, and the players who would wait for it: after several failures in a row nobody is
 * asked about any more, but for one try now and then.
 *
 *   closed --failures in a row--> open --a try succeeds--> closed
 */
export class FleetBreaker {
  readonly #clock: Clock;
  readonly #telemetry: Telemetry;
  readonly #source: RosterSource;
  #failures = 0;
  #isOpen = false;
  #nextTryAtMs = 0;

  constructor(deps: { clock: Clock; telemetry: Telemetry; source: RosterSource }) {
    this.#clock = deps.clock;
    this.#telemetry = deps.telemetry;
    this.#source = deps.source;
  }

  /** Whether the fleet may be asked now. While it is open that is yes once in a while: whoever got it makes the try. */
  mayAsk(): boolean {
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
