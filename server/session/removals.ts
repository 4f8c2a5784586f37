import { type Clock, sleep } from "../clock.ts";
import type { PlayerSessions, Removal } from "../fleet/fleet.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { fingerprint } from "./fingerprint.ts";
import { SESSION_LIMITS } from "./limits.ts";
import { untilAborted } from "./until-aborted.ts";

/**
 * Gives player sessions back to the fleet, each exactly once: a second request for the same id is ignored, and what
 * the fleet could not take is asked for again until it answers, however long that takes. A call that has no answer yet
 * is never sent a second time beside it.
 */
export class Removals {
  readonly #playerSessions: PlayerSessions;
  readonly #clock: Clock;
  readonly #telemetry: Telemetry;
  /** Every id that was ever asked for: one for each player session. */
  readonly #requested = new Set<string>();
  readonly #pending = new Set<Promise<void>>();
  readonly #abandoned = new AbortController();
  /** Ends the rest of all who wait for their next try. */
  #wake = new AbortController();
  #inFlight = 0;
  /** Who waits until a call may begin, in order. */
  readonly #turns: (() => void)[] = [];

  constructor(deps: { playerSessions: PlayerSessions; clock: Clock; telemetry: Telemetry }) {
    this.#playerSessions = deps.playerSessions;
    this.#clock = deps.clock;
    this.#telemetry = deps.telemetry;
  }

  remove(playerSessionId: string): void {
    if (this.#requested.has(playerSessionId)) return;
    this.#requested.add(playerSessionId);
    const work = this.#giveBack(playerSessionId).finally(() => this.#pending.delete(work));
    this.#pending.add(work);
  }

  /** The fleet can be spoken to again: whatever rests is tried now. */
  wake(): void {
    this.#wake.abort();
    this.#wake = new AbortController();
  }

  /**
   * Waits until all requested removals are done, at most `deadlineMs`; what is left then is given up and reported, also
   * what waits for an answer.
   */
  async settle(deadlineMs: number): Promise<void> {
    if (this.#pending.size === 0) return;
    const cancel = this.#clock.after(deadlineMs, () => this.#abandon());
    await Promise.all(this.#pending);
    cancel();
  }

  #abandon(): void {
    this.#abandoned.abort();
    this.#wake.abort();
    for (const begin of this.#turns.splice(0)) begin();
  }

  async #giveBack(playerSessionId: string): Promise<void> {
    const { removeRetryMs, removeRetryMsMax } = SESSION_LIMITS;
    let restMs: number = removeRetryMs;
    for (let tries = 1; ; tries++) {
      const removal = await this.#ask(playerSessionId);
      if (removal.outcome === "removed") return;
      if (removal.outcome === "refused") {
        // After a try without an answer this is how the fleet says that it had taken it.
        if (tries > 1) return;
        return this.#failed(playerSessionId, new Error("the fleet has nothing to remove"));
      }
      const { cause } = removal;
      if (!this.#abandoned.signal.aborted) {
        this.#telemetry.fleetCallFailed({ action: "remove_player_session", cause });
        await sleep(this.#clock, restMs, this.#wake.signal);
        restMs = Math.min(2 * restMs, removeRetryMsMax);
      }
      if (this.#abandoned.signal.aborted) return this.#failed(playerSessionId, cause);
    }
  }

  /** Asks once; the answer may take as long as the adapter likes. */
  async #ask(playerSessionId: string): Promise<Removal> {
    const { signal } = this.#abandoned;
    if (this.#inFlight < SESSION_LIMITS.removesInFlightMax) this.#inFlight++;
    else await new Promise<void>((begin) => this.#turns.push(begin));
    if (signal.aborted) return { outcome: "unavailable", cause: new Error("no time was left") };
    const answer = this.#playerSessions.remove(playerSessionId, signal).finally(() => {
      const next = this.#turns.shift();
      if (next === undefined) this.#inFlight--;
      else next();
    });
    try {
      return await untilAborted(answer, signal);
    } catch (cause) {
      return { outcome: "unavailable", cause };
    }
  }

  #failed(playerSessionId: string, cause: unknown): void {
    const playerSessionHash = fingerprint(playerSessionId);
    this.#telemetry.playerSessionRemoveFailed({ playerSessionHash, cause });
  }
}
