import { type Clock, sleep } from "../clock.ts";
import type { PlayerSessions } from "../fleet/fleet.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { fingerprint } from "./fingerprint.ts";
import { SESSION_LIMITS } from "./limits.ts";
import { untilAborted } from "./until-aborted.ts";

/**
 * Gives player sessions back to the fleet, each exactly once: a second request for the same id is ignored,
 * a failed call is tried again a bounded number of times.
 */
export class Removals {
  readonly #playerSessions: PlayerSessions;
  readonly #clock: Clock;
  readonly #telemetry: Telemetry;
  readonly #requested = new Set<string>();
  readonly #pending = new Set<Promise<void>>();
  readonly #abandoned = new AbortController();

  constructor(deps: { playerSessions: PlayerSessions; clock: Clock; telemetry: Telemetry }) {
    this.#playerSessions = deps.playerSessions;
    this.#clock = deps.clock;
    this.#telemetry = deps.telemetry;
  }

  remove(playerSessionId: string): void {
    if (this.#requested.has(playerSessionId)) return;
    this.#requested.add(playerSessionId);
    const work = this.#removeWithRetry(playerSessionId).finally(() => this.#pending.delete(work));
    this.#pending.add(work);
  }

  /** Waits until all requested removals are done, at most `deadlineMs`; what is left then is given up and reported. */
  async settle(deadlineMs: number): Promise<void> {
    if (this.#pending.size === 0) return;
    const cancel = this.#clock.after(deadlineMs, () => this.#abandoned.abort());
    await Promise.all(this.#pending);
    cancel();
  }

  async #removeWithRetry(playerSessionId: string): Promise<void> {
    let cause: unknown;
    let restMs: number = SESSION_LIMITS.removeRetryMs;
    for (let tries = 0; tries < SESSION_LIMITS.removeTriesMax; tries++) {
      if (tries > 0) {
        await sleep(this.#clock, restMs, this.#abandoned.signal);
        restMs *= 2;
      }
      if (this.#abandoned.signal.aborted) break;
      const deadline = new AbortController();
      const cancel = this.#clock.after(SESSION_LIMITS.removeTimeoutMs, () => deadline.abort());
      const signal = AbortSignal.any([deadline.signal, this.#abandoned.signal]);
      try {
        await untilAborted(this.#playerSessions.remove(playerSessionId, signal), signal);
        return;
      } catch (error) {
        cause = error;
      } finally {
        cancel();
      }
    }
    this.#telemetry.playerSessionRemoveFailed({
      playerSessionHash: fingerprint(playerSessionId),
      cause,
    });
  }
}
