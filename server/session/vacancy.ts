import { type CancelTimer, type Clock, sleep } from "../clock.ts";
import type { CreationPolicy } from "./creation-policy.ts";
import type { Entrance } from "./entrance.ts";
import type { GameSessionStates } from "./game-session-states.ts";
import { SESSION_LIMITS, type SessionTimeouts } from "./limits.ts";
import { untilAborted } from "./until-aborted.ts";

interface VacancyDeps {
  readonly states: GameSessionStates;
  readonly policy: CreationPolicy;
  readonly entrance: Entrance;
  readonly clock: Clock;
  readonly timeouts: SessionTimeouts;
  /** Whether anybody ever played. */
  hadPlayers(): boolean;
  /** Whether the host may end a room that its players have left. */
  endsWhenEmpty(): boolean;
  /** Nobody sits, and nobody is expected any more. */
  onVacant(why: "nobody_came" | "everybody_left"): void;
}

/**
 * Watches for a match in which nobody sits for too long. A game session that ended between the fleet's promise of a seat
 * and its player would turn him away, so it is closed to new players first, and ends if nobody is still to come.
 */
export class Vacancy {
  readonly #deps: VacancyDeps;
  #cancelTimer: CancelTimer = () => {};
  /** Of the question who is still to come, while it is asked. */
  #asking = new AbortController();

  constructor(deps: VacancyDeps) {
    this.#deps = deps;
  }

  /** The match is active, and perhaps nobody sits. */
  watch(): void {
    const { entrance, clock, timeouts, hadPlayers, endsWhenEmpty } = this.#deps;
    this.#cancelTimer();
    if (entrance.admission.seats.heldCount > 0) return;
    const why = hadPlayers() ? "everybody_left" : "nobody_came";
    if (why === "everybody_left" && !endsWhenEmpty()) return;
    const delayMs = why === "everybody_left" ? timeouts.emptyMs : timeouts.nobodyCameMs;
    if (delayMs > 0) this.#cancelTimer = clock.after(delayMs, () => void this.#ask(why));
  }

  somebodyCame(): void {
    this.#cancelTimer();
    this.#goOn();
  }

  /** The match ends, or drains. */
  stop(): void {
    this.#cancelTimer();
    this.#asking.abort();
  }

  async #ask(why: "nobody_came" | "everybody_left"): Promise<void> {
    if (!this.#deps.states.turn("emptied")) return;
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    const isExpected = await this.#isAnybodyExpected(signal);
    if (signal.aborted) return;
    if (isExpected) this.#goOn();
    else this.#deps.onVacant(why);
  }

  #goOn(): void {
    if (!this.#deps.states.turn("expected")) return;
    this.#asking.abort();
    this.#deps.policy.release();
    this.watch();
  }

  async #isAnybodyExpected(signal: AbortSignal): Promise<boolean> {
    const { entrance, clock } = this.#deps;
    for (let tries = 1; ; tries++) {
      const isClosed = await this.#closesInTime(signal);
      const isExpected = isClosed ? await entrance.expectsAnybody() : undefined;
      if (isExpected !== undefined) return isExpected;
      // Whoever is still to come could not be let in either while the fleet cannot be asked, and a process that nobody
      // plays in must not wait for its fleet without end.
      if (tries >= SESSION_LIMITS.vacancyTriesMax) return false;
      await sleep(clock, SESSION_LIMITS.vacancyRetryMs, signal);
      if (signal.aborted) return true;
    }
  }

  async #closesInTime(signal: AbortSignal): Promise<boolean> {
    const { policy, clock } = this.#deps;
    const overdue = new AbortController();
    const cancel = clock.after(SESSION_LIMITS.tellMsMax, () => overdue.abort());
    try {
      return await untilAborted(policy.hold(), AbortSignal.any([overdue.signal, signal]));
    } catch {
      return false; // Overdue, or no longer wanted. A call that fails is told by the policy itself.
    } finally {
      cancel();
    }
  }
}
