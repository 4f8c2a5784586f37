/**
 * PORT: what the life of a game session needs of the room that hosts it. Implemented by `server/host`.
 * @module
 */
import type { CloseCode } from "../../protocol/close-codes.ts";
import type { GameSession } from "../fleet/fleet.ts";
import type { MatchReading } from "../telemetry/readings.ts";
import type { Seats } from "./seats.ts";

/** What a room knows of its match when it ends. */
export interface MatchSummary {
  /** Steps simulated; 0 for a hosted Colyseus room. */
  readonly ticks: number;
  /** 16 hex digits, `""` for a hosted Colyseus room. */
  readonly stateHash: string;
  readonly scores: readonly { readonly seat: number; readonly score: number }[];
  readonly winners: readonly number[];
}

/** How a room's tick loop gets on. */
export interface TickProgress {
  /** `idle` before the first player came, `stopped` for good. */
  readonly state: "idle" | "running" | "stopped";
  /** Steps run since the start. */
  readonly ranTicks: number;
  /** Steps that were due and not run, because the loop had fallen too far behind. */
  readonly droppedTicks: number;
}

export interface MatchRoom {
  /** Seats the room offers now, Infinity if it sets no limit of its own. */
  seatsMax(): number;
  /** Whether an empty room may be ended by the host; a hosted Colyseus room disposes itself by its own rule. */
  readonly endsWhenEmpty: boolean;
  summary(): MatchSummary;
  /** `undefined` for a room that has no tick loop of ours. */
  tickProgress(): TickProgress | undefined;
  /** For telemetry; `undefined` as above. */
  reading(): MatchReading | undefined;
  /**
   * The matchmaker brought others into the match: teams and attributes of players who join from now on are in these data.
   * @param matchmakerData - As the fleet gives it; data that cannot be read change nothing.
   */
  matchmakerDataChanged(matchmakerData: string): void;
  /** Tells all players how long the server still waits for the game to end. */
  announceDrain(deadlineMs: number): void;
  /** Ends all connections with `code` and disposes the room. Resolves when that is done; safe to call twice. */
  close(code: CloseCode): Promise<void>;
  /** Writes the result's id where the match is recorded, and closes the record. Never rejects. */
  seal(resultId: string, outcome: string): Promise<void>;
}

export interface MatchRoomEvents {
  /** The game has a result; called once. */
  onOver(): void;
  /** The room disposed itself. */
  onDisposed(): void;
  /** The game broke; the match cannot go on. May be called more than once. */
  onFault(where: string, cause: unknown): void;
  /** A seat is gone for good: the player left or did not return in time. */
  onSeatGone(sessionId: string): void;
  /** The room opened or closed itself to new players. */
  onOpenChanged(isOpen: boolean): void;
}

/** Opens the room of a game session. Rejects when the game's own code fails while it is made. */
export type OpenMatchRoom<Room extends MatchRoom> = (
  session: GameSession,
  seats: Seats,
  events: MatchRoomEvents,
) => Promise<Room>;
