import { CallRate } from "../call-rate.ts";
import { type Clock, sleep } from "../clock.ts";
import type { GameSessionReader, PlayerSession } from "../fleet/fleet.ts";
import type { RosterSource, Telemetry } from "../telemetry/telemetry.ts";
import type { FleetBreaker } from "./fleet-breaker.ts";
import { SESSION_LIMITS } from "./limits.ts";
import { untilAborted } from "./until-aborted.ts";

export type RosterAnswer =
  /** `isFresh` is false for a record that could not be looked up again in time. */
  | { readonly outcome: "found"; readonly record: PlayerSession; readonly isFresh: boolean }
  | { readonly outcome: "unknown" }
  | { readonly outcome: "unavailable" }
  | { readonly outcome: "busy" };

/**
 * Who may play: the player sessions of one game session that wait for their players, and perhaps others, described
 * together and refreshed at a bounded rate, because one description per arrival would be slow for honest players and a
 * lever for strangers. A description answers for `SESSION_LIMITS.rosterFreshMs`; after that whoever asks waits for the
 * next one, which all share.
 */
export class Roster {
  readonly #reader: GameSessionReader;
  readonly #gameSessionId: string;
  readonly #clock: Clock;
  readonly #telemetry: Telemetry;
  readonly #closed = new AbortController();
  readonly #rate: CallRate;
  readonly #breaker: FleetBreaker;
  readonly #source: RosterSource;
  #records = new Map<string, PlayerSession>();
  /** When the description that `#records` came with began. */
  #describedAtMs = Number.NEGATIVE_INFINITY;
  /** The fleet hinted that records have changed since they were described. */
  #isOutdated = false;
  /** The description that has not begun yet. */
  #next: Promise<boolean> | undefined;
  /** The description that began last, while it has no answer. */
  #underWay: Promise<boolean> | undefined;
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
    source: RosterSource;
  }) {
    this.#reader = deps.reader;
    this.#gameSessionId = deps.gameSessionId;
    this.#clock = deps.clock;
    this.#telemetry = deps.telemetry;
    this.#breaker = deps.breaker;
    this.#source = deps.source;
    this.#rate = new CallRate(deps.clock, {
      burst: SESSION_LIMITS.describeBurst,
      perSecond: deps.reader.descriptionsPerSecond,
    });
  }

  /** Forgets one record that turned out to be old, so that its next look-up asks again, at the bounded rate. */
  forget(playerSessionId: string): void {
    this.#records.delete(playerSessionId);
  }

  /** Records may have changed: the next description need not wait for its turn. For the fleet only. */
  invalidate(): void {
    this.#isOutdated = true;
    this.#rate.grantOne();
  }

  /**
   * Finds one player session. Asks the fleet if there is no record of it, or an old one; a record that no longer waits
   * for its player never will again, unless the fleet hints at a change, and so does not age.
   * @param giveUpAtMs - By the clock; what has no answer then is "unavailable".
   * @returns What a description says that began after the question, or one that already names the player session. When
   *   there is none, a record that was good until it grew old: whoever accepts the player session knows better.
   */
  async find(
    playerSessionId: string,
    giveUpAtMs = this.#clock.nowMs() + SESSION_LIMITS.rosterWaitMs,
  ): Promise<RosterAnswer> {
    const { describeTriesMax } = SESSION_LIMITS;
    const known = this.#records.get(playerSessionId);
    if (known !== undefined && this.#stillHolds(known)) return found(known, true);
    const old = known?.status === "RESERVED" ? found(known, false) : undefined;
    if (this.#waiters >= SESSION_LIMITS.rosterWaitersMax) return old ?? { outcome: "busy" };
    if (!this.#breaker.mayAsk()) return old ?? { outcome: "unavailable" };
    this.#waiters++;
    try {
      const isRefreshed =
        known === undefined
          ? await this.#lookedUpInTime(playerSessionId, giveUpAtMs)
          : // One try is enough for who gets in without it.
            await this.#refreshedInTime(giveUpAtMs, old === undefined ? describeTriesMax : 1);
      if (!isRefreshed) return old ?? { outcome: "unavailable" };
    } finally {
      this.#waiters--;
    }
    const record = this.#records.get(playerSessionId);
    return record === undefined ? { outcome: "unknown" } : found(record, true);
  }

  /** Describes all player sessions by a description that begins after the call. @returns `undefined` without an answer. */
  async describe(): Promise<readonly PlayerSession[] | undefined> {
    if (!this.#breaker.mayAsk() || !(await this.#refreshed())) return undefined;
    return [...this.#records.values()];
  }

  close(): void {
    this.#closed.abort();
  }

  #stillHolds({ status }: PlayerSession): boolean {
    if (status !== "RESERVED") return !this.#isOutdated;
    return this.#clock.nowMs() - this.#describedAtMs <= SESSION_LIMITS.rosterFreshMs;
  }

  /** A description under way may be older than the id; but if it names the id, that is answer enough. */
  async #lookedUpInTime(playerSessionId: string, giveUpAtMs: number): Promise<boolean> {
    const underWay = this.#underWay;
    const refreshed = this.#refreshedInTime(giveUpAtMs, SESSION_LIMITS.describeTriesMax);
    if (underWay !== undefined) await Promise.race([underWay, refreshed]);
    return this.#records.has(playerSessionId) || refreshed;
  }

  /** All who lost an answer share the next try, with whoever asks meanwhile. */
  async #refreshedInTime(giveUpAtMs: number, triesMax: number): Promise<boolean> {
    for (let tries = 1; ; tries++) {
      const leftMs = giveUpAtMs - this.#clock.nowMs();
      if (this.#closed.signal.aborted || leftMs <= 0) return false;
      const timer = new AbortController();
      const late = sleep(this.#clock, leftMs, timer.signal).then(() => false);
      const isRefreshed = await Promise.race([
        // What is only to be younger than it was may come with a description under way.
        (triesMax === 1 && this.#underWay) || this.#refreshed(),
        late,
      ]);
      timer.abort("answered");
      if (isRefreshed) return true;
      if (tries >= triesMax || !this.#breaker.mayAsk()) return false;
    }
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
    const underWay = this.#describe();
    this.#underWay = underWay;
    try {
      return await underWay;
    } finally {
      if (this.#underWay === underWay) this.#underWay = undefined;
    }
  }

  async #describe(): Promise<boolean> {
    const wasOutdated = this.#isOutdated;
    this.#isOutdated = false;
    const order = ++this.#begun;
    const begunAtMs = this.#clock.nowMs();
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
      this.#describedAtMs = begunAtMs;
      this.#records = new Map(records.map((record) => [record.playerSessionId, record]));
      return true;
    } catch (cause) {
      this.#isOutdated ||= wasOutdated;
      if (!this.#closed.signal.aborted) {
        this.#restsUntilMs = this.#clock.nowMs() + SESSION_LIMITS.describeRetryMs;
        this.#breaker.failed();
        const isFleet = this.#source === "fleet";
        const action = isFleet ? "describe_player_sessions" : "ask_second_opinion";
        this.#telemetry.fleetCallFailed({ action, cause });
      }
      return false;
    } finally {
      cancel();
    }
  }
}

function found(record: PlayerSession, isFresh: boolean): RosterAnswer {
  return { outcome: "found", record, isFresh };
}
