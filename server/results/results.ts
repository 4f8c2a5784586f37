/**
 * PORT: where a match reports how it ended. Adapters: `file/`, `http/`.
 * @module
 */

export type MatchOutcome =
  /** The game reached its end, or its room closed itself. */
  | "completed"
  /** A fault in the game ended it, or it took longer than it may. */
  | "aborted"
  /** The server was told to stop before the game ended. */
  | "drained";

/** Why a game session ended. A closed set: it is a metric label. */
export type EndReason =
  /** The game had a result. */
  | "over"
  /** The room closed itself. */
  | "disposed"
  | "nobody_came"
  | "everybody_left"
  /** It was played for longer than it may be. */
  | "too_long"
  | "fault"
  /** Players never could come. */
  | "not_activated"
  /** The server was told to stop. */
  | "drained";

export interface MatchResult {
  /** Same for every try to deliver this result; receivers use it to count a match once. */
  readonly resultId: string;
  readonly gameSessionId: string;
  readonly room: string;
  readonly outcome: MatchOutcome;
  readonly why: EndReason;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly endedAt: string;
  /** Steps simulated; 0 for a hosted Colyseus room. */
  readonly ticks: number;
  /** 16 hex digits of the last state; `""` for a hosted Colyseus room. */
  readonly stateHash: string;
  /** Of an aborted match: the seat whose message led to the fault, if one did. */
  readonly faultSeat?: number;
  readonly players: readonly {
    readonly playerId: string;
    readonly seat: number;
    readonly score: number;
    readonly isWinner: boolean;
  }[];
}

export interface ResultSink {
  /**
   * Delivers one result. Trying the same `resultId` again is safe.
   * @throws when the result did not arrive; the caller decides whether to try again.
   */
  deliver(result: MatchResult, signal: AbortSignal): Promise<void>;
}
