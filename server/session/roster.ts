import { CallRate } from "../call-rate.ts";
import { type Clock, sleep } from "../clock.ts";
import type { GameSessionReader, PlayerSession } from "../fleet/fleet.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { FleetBreaker } from "./fleet-breaker.ts";
import { SESSION_LIMITS } from "./limits.ts";
import { untilAborted } from "./until-aborted.ts";

export type RosterAnswer =
  | { readonly outcome: "found"; readonly record: PlayerSession }
  | { readonly outcome: "unknown" }
  | { readonly outcome: "unavailable" }
  | { readonly outcome: "busy" };

/**
 * Who may play: all player sessions of one game session, described together and refreshed at a bounded rate, because
 * one description per arrival would be slow for honest players and a lever for strangers.
 */
export class Roster {
  readonly #reader: GameSessionReader;
  readonly #gameSessionId: string;
  readonly #clock: Clock;
  readonly #telemetry: Telemetry;
  readonly #closed = new AbortController();
  readonly #rate: CallRate;
  readonly #breaker: FleetBreaker;
  #records = new Map<string, PlayerSession>();
  /** The fleet hinted that records have changed since they were described. */
  #isOutdated = false;
  #next: Promise<boolean> | undefined;
  /** When the next description may begin, after one that failed. */
  #restsUntilMs = Number.NEGATIVE_INFINITY;
  #begun = 0;
  #applied = 0;
  #waiters = 0;

  constructor(deps: {
    reader: GameSessionReader;
    gameSessionId: string;
    clock: Clock;
    telemetry: Telemetry;
    breaker: FleetBreaker;
  }) {
    this.#reader = deps.reader;
    this.#gameSessionId = deps.gameSessionId;
    this.#clock = deps.clock;
    this.#telemetry = deps.telemetry;
    this.#breaker = deps.breaker;
    this.#rate = new CallRate(deps.clock, {
      burst: SESSION_LIMITS.describeBurst,
      perSecond: deps.reader.descriptionsPerSecond,
    });
  }

  /** Forgets one record that turned out to be old, so that its next look-up asks again, at the bounded rate. */
  forget(playerSessionId: string): void {
    this.#records.delete(playerSessionId);
  }

  /** Records may have changed: the next look-up of an unusable id asks at once. For the fleet only. */
  invalidate(): void {
    this.#isOutdated = true;
    this.#rate.grantOne();
  }

  /**
   * Finds one player session. Asks the fleet only if there is no record of it: one that no longer waits for its player
   * never will again, unless the fleet hints at a change.
   */
  async find(playerSessionId: string): Promise<RosterAnswer> {
    const known = this.#records.get(playerSessionId);
    if (known !== undefined && (known.status === "RESERVED" || !this.#isOutdated)) {
      return { outcome: "found", record: known };
    }
    if (this.#waiters >= SESSION_LIMITS.rosterWaitersMax) return { outcome: "busy" };
    if (!this.#breaker.mayAsk()) return { outcome: "unavailable" };
    this.#waiters++;
    try {
      if (!(await this.#refreshedInTime())) return { outcome: "unavailable" };
    } finally {
      this.#waiters--;
    }
    const record = this.#records.get(playerSessionId);
    return record === undefined ? { outcome: "unknown" } : { outcome: "found", record };
  }

  close(): void {
    this.#closed.abort();
  }

  /** All who lost an answer share the next try, with whoever asks meanwhile. */
  async #refreshedInTime(): Promise<boolean> {
    const giveUpAtMs = this.#clock.nowMs() + SESSION_LIMITS.rosterWaitMs;
    if (await this.#refreshed()) return true;
    for (let tries = 1; tries < SESSION_LIMITS.describeTriesMax; tries++) {
      const leftMs = giveUpAtMs - this.#clock.nowMs();
      if (this.#closed.signal.aborted || leftMs <= 0 || !this.#breaker.mayAsk()) return false;
      const timer = new AbortController();
      const late = sleep(this.#clock, leftMs, timer.signal).then(() => false);
      const isRefreshed = await Promise.race([this.#refreshed(), late]);
      timer.abort("answered");
      if (isRefreshed) return true;
    }
    return false;
  }

  /**
   * A description that begins after this call, since one already in flight may be older than the id asked for.
   * All who ask before it begins share it.
   */
  #refreshed(): Promise<boolean> {
    this.#next ??= this.#describeNext();
    return this.#next;
  }

  async #describeNext(): Promise<boolean> {
    // Whoever asks in this turn shares the description; it must not begin before it is known as the next one.
    await null;
    const waitMs = Math.max(this.#rate.waitMs, this.#restsUntilMs - this.#clock.nowMs());
    if (waitMs > 0) await sleep(this.#clock, waitMs, this.#closed.signal);
    this.#next = undefined;
    if (this.#closed.signal.aborted) return false;
    this.#rate.take();
    const wasOutdated = this.#isOutdated;
    this.#isOutdated = false;
    const order = ++this.#begun;
    const deadline = new AbortController();
    const cancel = this.#clock.after(SESSION_LIMITS.describeTimeoutMs, () => deadline.abort());
    const signal = AbortSignal.any([deadline.signal, this.#closed.signal]);
    try {
      const records = await untilAborted(
        this.#reader.playerSessions(this.#gameSessionId, signal),
        signal,
      );
      this.#breaker.answered();
      // A slow answer must not undo a newer one.
      if (order < this.#applied) return true;
      this.#applied = order;
      this.#records = new Map(records.map((record) => [record.playerSessionId, record]));
      return true;
    } catch (cause) {
      this.#isOutdated ||= wasOutdated;
      if (!this.#closed.signal.aborted) {
        this.#restsUntilMs = this.#clock.nowMs() + SESSION_LIMITS.describeRetryMs;
        this.#breaker.failed();
        this.#telemetry.fleetCallFailed({ action: "describe_player_sessions", cause });
      }
      return false;
    } finally {
      cancel();
    }
  }
}
