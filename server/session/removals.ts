import { type Clock, sleep } from "../clock.ts";
import type { PlayerSessions } from "../fleet/fleet.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { fingerprint } from "./fingerprint.ts";
import { SESSION_LIMITS } from "./limits.ts";

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
    const timer = new AbortController();
    await Promise.race([
      Promise.all(this.#pending),
      sleep(this.#clock, deadlineMs, timer.signal).then(() => this.#abandoned.abort()),
    ]);
    timer.abort();
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
      try {
        await this.#playerSessions.remove(
          playerSessionId,
          AbortSignal.any([deadline.signal, this.#abandoned.signal]),
        );
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
