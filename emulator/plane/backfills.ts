import type { PlaneContext, Writable } from "./context.ts";
import type { GameSessions } from "./game-sessions.ts";
import { PLANE_LIMITS } from "./limits.ts";
import type { UpdateReason } from "./links.ts";
import { done, isRefused, type Outcome, refused } from "./outcome.ts";
import type { Processes } from "./processes.ts";
import type { BackfillStatus, BackfillTicket, ServerProcess } from "./records.ts";

export interface BackfillRequest {
  readonly gameSessionId: string;
  /** `""`: one is made. */
  readonly ticketId: string;
  readonly matchmakingConfigurationArn: string;
  readonly players: readonly unknown[];
}

/** How each reason of an UpdateGameSession leaves the open ticket. */
const STATUS_BY_REASON = {
  MATCHMAKING_DATA_UPDATED: "COMPLETED",
  BACKFILL_FAILED: "FAILED",
  BACKFILL_TIMED_OUT: "TIMED_OUT",
  BACKFILL_CANCELLED: "CANCELLED",
} as const satisfies Record<UpdateReason, BackfillStatus>;

/** Requests of server processes for more players. A game session has one open ticket at the most. */
export class Backfills {
  readonly #context: PlaneContext;
  readonly #gameSessions: GameSessions;
  readonly #processes: Processes;
  readonly #tickets = new Map<string, Writable<BackfillTicket>>();

  constructor(context: PlaneContext, deps: { gameSessions: GameSessions; processes: Processes }) {
    this.#context = context;
    this.#gameSessions = deps.gameSessions;
    this.#processes = deps.processes;
    deps.gameSessions.onEnded = ({ gameSessionId }) => {
      const ticket = this.open(gameSessionId);
      if (ticket !== undefined) this.#end(ticket, "CANCELLED");
    };
  }

  /** A later ticket takes the place of the open one, which is cancelled. */
  start(process: ServerProcess, request: BackfillRequest): Outcome<BackfillTicket> {
    const { gameSessionId } = request;
    const session = this.#gameSessions.hosted(process, gameSessionId);
    if (isRefused(session)) return session;
    if (session.value.status !== "ACTIVE") {
      return refused("Conflict", `Game session is ${session.value.status}, not ACTIVE`);
    }
    const ticketId = request.ticketId || this.#context.uuid();
    if (this.#tickets.has(ticketId)) return refused("Conflict", "TicketId was used before");
    const earlier = this.open(gameSessionId);
    if (earlier !== undefined) this.#end(earlier, "CANCELLED");
    const ticket = {
      ...request,
      ticketId,
      status: "SEARCHING" as const,
      createdAtMs: this.#context.clock.wallMs(),
    };
    this.#tickets.set(ticketId, ticket);
    this.#forgetOldest();
    this.#context.happenings.tell("backfill-started", { gameSessionId, ticketId });
    return done(ticket);
  }

  stop(process: ServerProcess, wanted: Omit<BackfillRequest, "players">): Outcome<void> {
    const session = this.#gameSessions.hosted(process, wanted.gameSessionId);
    if (isRefused(session)) return session;
    const ticket = this.open(wanted.gameSessionId);
    const isIt =
      ticket?.ticketId === wanted.ticketId &&
      ticket.matchmakingConfigurationArn === wanted.matchmakingConfigurationArn;
    if (ticket === undefined || !isIt) return refused("NotFound", "Backfill ticket not found");
    this.#end(ticket, "CANCELLED");
    return done(undefined);
  }

  /**
   * What a matchmaker came to: the process is told, and the open ticket is over. Without one the process is told all the
   * same, as a matchmaker that fills by itself does.
   */
  end(gameSessionId: string, reason: UpdateReason, matchmakerData?: string): Outcome<void> {
    const session = this.#gameSessions.find(gameSessionId);
    if (session === undefined) {
      return refused("NotFound", `Game session ${gameSessionId} was not found`);
    }
    const process = this.#processes.find(session);
    if (session.status !== "ACTIVE" || process === undefined) {
      return refused("InvalidGameSessionStatus", `Game session is ${session.status}, not ACTIVE`);
    }
    if (matchmakerData !== undefined) {
      this.#gameSessions.setMatchmakerData(gameSessionId, matchmakerData);
    }
    const ticket = this.open(gameSessionId);
    if (ticket !== undefined) this.#end(ticket, STATUS_BY_REASON[reason]);
    this.#processes.push(process, {
      kind: "update-game-session",
      gameSession: session,
      reason,
      ticketId: ticket?.ticketId ?? "",
    });
    this.#context.happenings.tell("game-session-updated", { gameSessionId, detail: reason });
    return done(undefined);
  }

  open(gameSessionId: string): BackfillTicket | undefined {
    for (const ticket of this.#tickets.values()) {
      if (ticket.gameSessionId === gameSessionId && ticket.status === "SEARCHING") return ticket;
    }
    return undefined;
  }

  /** Oldest first: the open ones, and as many of those that are over as make 1,000 with them. */
  list(): readonly BackfillTicket[] {
    return [...this.#tickets.values()];
  }

  /** Open ones stay: there is one of each game session at the most. */
  #forgetOldest(): void {
    for (const [ticketId, { status }] of this.#tickets) {
      if (this.#tickets.size <= PLANE_LIMITS.backfillsKeptMax) return;
      if (status !== "SEARCHING") this.#tickets.delete(ticketId);
    }
  }

  #end({ ticketId, gameSessionId }: BackfillTicket, status: BackfillStatus): void {
    const ticket = this.#tickets.get(ticketId);
    if (ticket === undefined) return;
    ticket.status = status;
    this.#context.happenings.tell("backfill-ended", { gameSessionId, ticketId, detail: status });
  }
}
