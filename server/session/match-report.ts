import type { EndReason, MatchOutcome, MatchResult } from "../results/results.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { MatchRoom, MatchSummary } from "./match-room.ts";
import { Participants } from "./participants.ts";
import type { SeatHolder } from "./seats.ts";

/** What is known of a match whose room is not open, or whose game broke so badly that it cannot tell. */
const NOTHING_KNOWN: MatchSummary = { ticks: 0, stateHash: "", scores: [], winners: [] };

/** What a match will have to say when it ends: who played, how it stands, and whose message broke it. */
export class MatchReport {
  readonly resultId: string;
  /** Whose message led to the first fault. */
  faultSeat: number | undefined;
  readonly #gameSessionId: string;
  readonly #roomName: string;
  readonly #telemetry: Telemetry;
  readonly #room: () => MatchRoom | undefined;
  readonly #startedAtMs: number;
  readonly #participants = new Participants();

  /** @param deps - `room` gives the room of the match, once there is one; `startedAtMs` is wall-clock time. */
  constructor(deps: {
    resultId: string;
    gameSessionId: string;
    roomName: string;
    telemetry: Telemetry;
    startedAtMs: number;
    room: () => MatchRoom | undefined;
  }) {
    this.resultId = deps.resultId;
    this.#gameSessionId = deps.gameSessionId;
    this.#roomName = deps.roomName;
    this.#telemetry = deps.telemetry;
    this.#startedAtMs = deps.startedAtMs;
    this.#room = deps.room;
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

  /** @param endedAtMs - Wall-clock time. */
  result(outcome: MatchOutcome, why: EndReason, endedAtMs: number): MatchResult {
    const summary = this.#summary();
    const { faultSeat } = this;
    return {
      resultId: this.resultId,
      gameSessionId: this.#gameSessionId,
      room: this.#roomName,
      outcome,
      why,
      startedAt: new Date(this.#startedAtMs).toISOString(),
      endedAt: new Date(endedAtMs).toISOString(),
      ticks: summary.ticks,
      stateHash: summary.stateHash,
      ...(outcome === "aborted" && faultSeat !== undefined && { faultSeat }),
      players: this.#participants.result(summary),
    };
  }

  #summary(): MatchSummary {
    try {
      return this.#room()?.summary() ?? NOTHING_KNOWN;
    } catch (cause) {
      this.#telemetry.roomFault({ where: "summary", cause });
      return NOTHING_KNOWN;
    }
  }
}
