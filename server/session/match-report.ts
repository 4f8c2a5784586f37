import type { Clock } from "../clock.ts";
import type { EndReason, MatchOutcome, MatchResult } from "../results/results.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { Deadline } from "./deadline.ts";
import { SESSION_LIMITS } from "./limits.ts";
import type { MatchRoom, MatchSummary } from "./match-room.ts";
import { Participants } from "./participants.ts";
import type { SeatHolder } from "./seats.ts";

/** What is known of a match whose room is not open, or whose game broke so badly that it cannot tell. */
const NOTHING_KNOWN: MatchSummary = { ticks: 0, stateHash: "", scores: [], winners: [] };

export interface MatchReportDeps {
  readonly gameSessionId: string;
  readonly roomName: string;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Of the process. */
  readonly deadline: Deadline;
  readonly newResultId: () => string;
  /** Delivers a result within `deadlineMs`; never rejects. */
  readonly deliver: (result: MatchResult, deadlineMs: number) => Promise<void>;
  /** The room of the match, once there is one. */
  readonly room: () => MatchRoom | undefined;
}

/** What a match will have to say when it ends: who played, how it stands, and whose message broke it. */
export class MatchReport {
  readonly resultId: string;
  /** Whose message led to the first fault. */
  faultSeat: number | undefined;
  readonly #deps: MatchReportDeps;
  readonly #startedAtMs: number;
  readonly #participants = new Participants();

  constructor(deps: MatchReportDeps) {
    this.#deps = deps;
    this.resultId = deps.newResultId();
    this.#startedAtMs = deps.clock.wallMs();
  }

  /** Whether anybody ever played. */
  get hadPlayers(): boolean {
    return !this.#participants.isEmpty;
  }

  /** Steps simulated so far. */
  get ticks(): number {
    return this.#summary().ticks;
  }

  seated(holder: SeatHolder): void {
    this.#participants.seated(holder);
  }

  left(holder: SeatHolder): void {
    this.#participants.left(holder, this.#summary());
  }

  givenBack(holder: SeatHolder): void {
    this.#participants.givenBack(holder, this.#summary());
  }

  /** Delivers the result of a match that anybody ever played; a match without players has none. */
  async deliver(outcome: MatchOutcome, why: EndReason): Promise<void> {
    const { hadPlayers } = this;
    const result = this.#result(outcome, why);
    // The disk may be slow: the result does not wait for it.
    const sealed = this.#deps.room()?.seal(result.resultId, outcome);
    if (!hadPlayers) return sealed;
    const mostMs = this.#deps.deadline.leftMs(SESSION_LIMITS.settleMs);
    await Promise.all([sealed, this.#deps.deliver(result, mostMs)]);
  }

  #result(outcome: MatchOutcome, why: EndReason): MatchResult {
    const summary = this.#summary();
    const { faultSeat } = this;
    return {
      resultId: this.resultId,
      gameSessionId: this.#deps.gameSessionId,
      room: this.#deps.roomName,
      outcome,
      why,
      startedAt: new Date(this.#startedAtMs).toISOString(),
      endedAt: new Date(this.#deps.clock.wallMs()).toISOString(),
      ticks: summary.ticks,
      stateHash: summary.stateHash,
      ...(outcome === "aborted" && faultSeat !== undefined && { faultSeat }),
      players: this.#participants.result(summary),
    };
  }

  #summary(): MatchSummary {
    try {
      return this.#deps.room()?.summary() ?? NOTHING_KNOWN;
    } catch (cause) {
      this.#deps.telemetry.roomFault({ where: "summary", cause });
      return NOTHING_KNOWN;
    }
  }
}
