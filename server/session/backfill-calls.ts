import { CallRate } from "../call-rate.ts";
import { type Clock, sleep } from "../clock.ts";
import type { BackfillPlayer, Backfills } from "../fleet/fleet.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { SESSION_LIMITS } from "./limits.ts";
import { untilAborted } from "./until-aborted.ts";

export interface BackfillCallsDeps {
  readonly backfills: Backfills;
  readonly gameSessionId: string;
  readonly matchmakingConfigurationArn: string;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

/** The two calls of a backfill, time-boxed and at the fleet's rate. They never reject: what fails is told. */
export class BackfillCalls {
  readonly #deps: BackfillCallsDeps;
  readonly #of: { readonly gameSessionId: string; readonly matchmakingConfigurationArn: string };
  readonly #rate: CallRate;
  readonly #strays = new Set<Promise<unknown>>();

  constructor(deps: BackfillCallsDeps) {
    const { gameSessionId, matchmakingConfigurationArn } = deps;
    this.#deps = deps;
    this.#of = { gameSessionId, matchmakingConfigurationArn };
    this.#rate = new CallRate(deps.clock, {
      burst: SESSION_LIMITS.backfillBurst,
      perSecond: SESSION_LIMITS.backfillsPerSecond,
    });
  }

  /** Milliseconds until the next call may be made. */
  get waitMs(): number {
    return this.#rate.waitMs;
  }

  /**
   * Starts a ticket at once: the caller has waited for the rate.
   * @returns Its id; `undefined` if the fleet took none in time. A ticket that the fleet tells of later is stopped.
   */
  async start(players: readonly BackfillPlayer[]): Promise<string | undefined> {
    const { backfills } = this.#deps;
    let answer: Promise<string> | undefined;
    this.#rate.take();
    const result = await this.#call(
      "start_match_backfill",
      SESSION_LIMITS.backfillStartTimeoutMs,
      (signal) => {
        answer = backfills.start({ ...this.#of, players }, signal);
        return answer;
      },
    );
    if (result.isDone) return result.value;
    answer?.then(
      (lateId) => this.#stopStray(lateId),
      () => {},
    );
    return undefined;
  }

  /**
   * Stops a ticket, trying again a few times.
   * @param over - Aborts when the ticket is known to be over without that.
   * @returns Whether the fleet took it, or `over` aborted.
   */
  async stop(ticketId: string, over: AbortSignal): Promise<boolean> {
    const { backfills, clock } = this.#deps;
    let notBeforeMs = clock.nowMs();
    for (let tries = 0; tries < SESSION_LIMITS.backfillStopTriesMax; tries++) {
      await this.#turn(notBeforeMs, over);
      if (over.aborted) return true;
      const result = await this.#call(
        "stop_match_backfill",
        SESSION_LIMITS.backfillStopTimeoutMs,
        (signal) => backfills.stop({ ...this.#of, ticketId }, signal),
        over,
      );
      if (result.isDone) return true;
      notBeforeMs = clock.nowMs() + SESSION_LIMITS.backfillStopRetryMs * 2 ** tries;
    }
    return false;
  }

  /** Resolves when no ticket that was told of too late is still being stopped. */
  async settled(): Promise<void> {
    while (this.#strays.size > 0) await Promise.all(this.#strays);
  }

  /** Takes the next turn at the rate, not before a moment; others may have waited for the same one. */
  async #turn(notBeforeMs: number, over: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    const leftMs = (): number => Math.max(notBeforeMs - clock.nowMs(), this.waitMs);
    for (let waitMs = leftMs(); waitMs > 0 && !over.aborted; waitMs = leftMs()) {
      await sleep(clock, waitMs, over);
    }
    if (!over.aborted) this.#rate.take();
  }

  /** Nobody waits for this ticket any more, and the next one may have taken its place. */
  #stopStray(ticketId: string): void {
    const work = this.stop(ticketId, new AbortController().signal).finally(() =>
      this.#strays.delete(work),
    );
    this.#strays.add(work);
  }

  /** @param over - Makes the answer of no interest. */
  async #call<T>(
    action: "start_match_backfill" | "stop_match_backfill",
    timeoutMs: number,
    call: (signal: AbortSignal) => Promise<T>,
    over?: AbortSignal,
  ): Promise<{ isDone: true; value: T } | { isDone: false }> {
    const deadline = new AbortController();
    const cancel = this.#deps.clock.after(timeoutMs, () => deadline.abort());
    const signal = over === undefined ? deadline.signal : AbortSignal.any([deadline.signal, over]);
    try {
      return { isDone: true, value: await untilAborted(call(signal), signal) };
    } catch (cause) {
      if (over?.aborted !== true) this.#deps.telemetry.fleetCallFailed({ action, cause });
      return { isDone: false };
    } finally {
      cancel();
    }
  }
}
