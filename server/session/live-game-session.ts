import { CloseCode } from "../../protocol/close-codes.ts";
import type { CancelTimer, Clock } from "../clock.ts";
import type { Fleet, GameSession, GameSessionReader, GameSessionUpdate } from "../fleet/fleet.ts";
import type { MatchOutcome, MatchResult } from "../results/results.ts";
import type { RosterSource, Telemetry } from "../telemetry/telemetry.ts";
import { Admission } from "./admission.ts";
import { type Backfill, manualBackfill } from "./backfill.ts";
import type { Deadline } from "./deadline.ts";
import { FleetBreaker } from "./fleet-breaker.ts";
import { inputSeat } from "./input-seat.ts";
import { SESSION_LIMITS } from "./limits.ts";
import type {
  MatchRoom,
  MatchRoomEvents,
  MatchSummary,
  OpenMatchRoom,
  TickProgress,
} from "./match-room.ts";
import { Participants } from "./participants.ts";
import { Removals } from "./removals.ts";
import { Roster } from "./roster.ts";
import type { SeatHolder } from "./seats.ts";

/** What is known of a match whose room is not open, or whose game broke so badly that it cannot tell. */
const NOTHING_KNOWN: MatchSummary = { ticks: 0, stateHash: "", scores: [], winners: [] };

export interface LiveGameSessionDeps<Room extends MatchRoom> {
  readonly fleet: Fleet;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly room: string;
  readonly openRoom: OpenMatchRoom<Room>;
  /** Delivers a result within `deadlineMs`; never rejects. */
  readonly deliver: (result: MatchResult, deadlineMs: number) => Promise<void>;
  readonly acceptTimeoutMs: number;
  /** Whether others are asked for in place of players who left, where that is ours to do; `auto` unless given. */
  readonly backfill?: "auto" | "off";
  /** How long results show before connections are closed. */
  readonly resultsMs: number;
  readonly newSessionId: () => string;
  readonly newResultId: () => string;
}

/**
 * One game session from the fleet's request to its end:
 *
 *   opening -> active -> over -> closing -> (done)
 *       \________\_________________^
 *   `over` shows the results; a fault, a drain or an empty match leads straight to `closing`.
 */
export class LiveGameSession<Room extends MatchRoom> {
  readonly gameSessionId: string;
  readonly #deps: LiveGameSessionDeps<Room>;
  readonly #session: GameSession;
  readonly #deadline: Deadline;
  readonly #onEnded: (outcome: MatchOutcome) => void;
  readonly #resultId: string;
  readonly #startedAtMs: number;
  readonly #roster: Roster;
  readonly #secondOpinion: Roster | undefined;
  readonly #removals: Removals;
  readonly #admission: Admission;
  readonly #backfill: Backfill | undefined;
  readonly #participants = new Participants();
  #state: "opening" | "active" | "over" | "closing" = "opening";
  #room: Room | undefined;
  /** What happens to this game session if nothing else does. */
  #cancelTimer: CancelTimer = () => {};
  #result: Promise<void> | undefined;
  /** Whose message led to the first fault. */
  #faultSeat: number | undefined;

  /**
   * @param deadline - Of the process; while it is set this game session takes no joins and shows no results.
   * @param onEnded - Called once, when nothing of this game session is left.
   */
  constructor(
    deps: LiveGameSessionDeps<Room>,
    session: GameSession,
    deadline: Deadline,
    onEnded: (outcome: MatchOutcome) => void,
  ) {
    const { clock, telemetry, fleet, acceptTimeoutMs, newSessionId } = deps;
    const { playerSessions } = fleet;
    const { gameSessionId } = session;
    this.gameSessionId = gameSessionId;
    this.#deps = deps;
    this.#session = session;
    this.#deadline = deadline;
    this.#onEnded = onEnded;
    this.#resultId = deps.newResultId();
    this.#startedAtMs = clock.wallMs();
    this.#removals = new Removals({ playerSessions, clock, telemetry });
    const rosterOf = (reader: GameSessionReader, source: RosterSource, breaker: FleetBreaker) =>
      new Roster({ reader, gameSessionId, clock, telemetry, breaker, source });
    const breaker = new FleetBreaker({ clock, telemetry, source: "fleet" });
    this.#roster = rosterOf(fleet.gameSessions, "fleet", breaker);
    const second = "second_opinion";
    this.#secondOpinion =
      fleet.secondOpinion &&
      rosterOf(fleet.secondOpinion, second, new FleetBreaker({ clock, telemetry, source: second }));
    this.#admission = new Admission({
      gameSession: session,
      playerSessions,
      roster: this.#roster,
      secondOpinion: this.#secondOpinion,
      breaker,
      removals: this.#removals,
      clock,
      telemetry,
      acceptTimeoutMs,
      seatsMax: () => this.#room?.seatsMax() ?? 0,
      newSessionId,
      onOccupied: (holder) => this.#occupied(holder),
      onGivenBack: (holder) => this.#givenBack(holder),
    });
    this.#backfill = manualBackfill({
      backfills: fleet.backfills,
      mode: deps.backfill ?? "auto",
      gameSession: session,
      clock,
      telemetry,
      seatsMax: () => this.#room?.seatsMax() ?? 0,
    });
  }

  get state(): "opening" | "active" | "over" | "closing" {
    return this.#state;
  }

  get seatsHeld(): number {
    return this.#admission.seats.heldCount;
  }

  /** The door's way in; there is none before the room is made and once it closes. */
  get door(): { admission: Admission; room: Room } | undefined {
    return this.#room === undefined || this.#state === "closing"
      ? undefined
      : { admission: this.#admission, room: this.#room };
  }

  tickProgress(): TickProgress | undefined {
    return this.#room?.tickProgress();
  }

  /** The fleet says who is expected now, or what became of a backfill ticket. */
  updated(update: GameSessionUpdate): void {
    this.playerSessionsChanged();
    if (update.reason === "matchmaking_data") {
      this.#room?.matchmakerDataChanged(update.session.matchmakerData);
    }
    this.#backfill?.updated(update);
  }

  /** The fleet hints that player sessions were added or changed. */
  playerSessionsChanged(): void {
    this.#roster.invalidate();
  }

  /**
   * Makes the room and tells the fleet that players may come. A room that fails to open ends the game session.
   * @param onNeverOpened - Called instead of any of that when it takes longer than it may.
   */
  async open(onNeverOpened: () => void): Promise<void> {
    const { openRoom, fleet, clock, telemetry, room: name } = this.#deps;
    this.#cancelTimer = clock.after(SESSION_LIMITS.openMsMax, onNeverOpened);
    try {
      const room = await openRoom(this.#session, this.#admission.seats, this.#roomEvents());
      this.#room = room;
      // A fault while the room was being made has already ended this session.
      if (this.#isClosing()) return await room.close(CloseCode.MATCH_ABORTED);
      await fleet.process.activateGameSession(this.gameSessionId);
    } catch (cause) {
      return this.fault("open", cause);
    }
    if (this.#state !== "opening") return;
    if (this.#deadline.isSet) return void this.#end("drained");
    this.#state = "active";
    this.#backfill?.activated();
    if (this.#participants.isEmpty) this.#cancelTimer();
    telemetry.gameSessionStarted({
      gameSessionId: this.gameSessionId,
      room: name,
      seatsMax: this.#session.maximumPlayerSessionCount,
    });
  }

  /** The game broke; the match cannot go on. */
  fault(where: string, cause: unknown): void {
    const seat = inputSeat();
    this.#deps.telemetry.roomFault({ where, cause, ...(seat !== undefined && { seat }) });
    if (this.#state !== "closing") this.#faultSeat = seat;
    void this.#end("aborted");
  }

  /** The process has `grantedMs` left. @param isHurried - It is to end at once. */
  drain(grantedMs: number, isHurried: boolean): void {
    this.#admission.close();
    void this.#backfill?.close();
    if (this.#state === "closing") {
      return void this.#removals.settle(this.#deadline.leftMs(grantedMs));
    }
    if (this.#state === "over") return void this.#end("completed");
    const isSeated = this.seatsHeld > 0;
    // A room that is still being made is waited for, so that it is closed in good order.
    if (this.#state === "active" && (isHurried || !isSeated)) return void this.#end("drained");
    if (isSeated) this.#room?.announceDrain(grantedMs);
    this.#cancelTimer();
    const playMs = grantedMs - Math.min(grantedMs / 4, SESSION_LIMITS.drainClosingMs);
    this.#cancelTimer = this.#deps.clock.after(playMs, () => void this.#end("drained"));
  }

  #roomEvents(): MatchRoomEvents {
    return {
      onOver: () => this.#over(),
      onDisposed: () => void this.#end("completed"),
      onFault: (where, cause) => this.fault(where, cause),
      onSeatGone: (sessionId) => this.#seatGone(sessionId),
      onOpenChanged: (isOpen) => void this.#openChanged(isOpen),
    };
  }

  #over(): void {
    if (!this.#isPlaying()) return;
    this.#state = "over";
    this.#admission.close();
    void this.#backfill?.close();
    this.#cancelTimer();
    this.#result = this.#deliver("completed");
    const showMs = this.#deadline.isSet ? 0 : this.#deps.resultsMs;
    this.#cancelTimer = this.#deps.clock.after(showMs, () => void this.#end("completed"));
  }

  #occupied(holder: SeatHolder): void {
    this.#participants.seated(holder);
    this.#backfill?.seated(holder.playerId);
    if (this.#isPlaying() && !this.#deadline.isSet) this.#cancelTimer();
  }

  #seatGone(sessionId: string): void {
    const holder = this.#admission.vacate(sessionId);
    if (holder === undefined) return;
    this.#participants.left(holder, this.#summary());
    this.#seatFreed(holder);
  }

  #givenBack(holder: SeatHolder): void {
    this.#participants.givenBack(holder, this.#summary());
    this.#seatFreed(holder);
  }

  #seatFreed({ playerId }: SeatHolder): void {
    this.#backfill?.left(playerId);
    if (this.seatsHeld > 0 || !this.#isPlaying()) return;
    if (this.#deadline.isSet) {
      if (this.#state === "active") void this.#end("drained");
      return;
    }
    if (this.#participants.isEmpty || this.#room?.endsWhenEmpty !== true) return;
    this.#cancelTimer();
    this.#cancelTimer = this.#deps.clock.after(SESSION_LIMITS.emptyMatchMs, () => {
      void this.#end("completed");
    });
  }

  async #openChanged(isOpen: boolean): Promise<void> {
    if (this.#state === "closing") return;
    this.#admission.setOpen(isOpen);
    this.#backfill?.setOpen(isOpen);
    try {
      await this.#deps.fleet.process.setOpenToPlayers(this.gameSessionId, isOpen);
    } catch (cause) {
      this.#deps.telemetry.fleetCallFailed({ action: "set_open_to_players", cause });
    }
  }

  /** Ends a game session once, whoever asks first: result, connections, player sessions, then the fleet. */
  async #end(outcome: MatchOutcome): Promise<void> {
    if (this.#state === "closing") return;
    const wasOver = this.#state === "over";
    this.#state = "closing";
    this.#cancelTimer();
    this.#admission.close();
    const ticketStopped = this.#backfill?.close();
    this.#result ??= this.#deliver(outcome);
    await Promise.all([
      this.#bounded(this.#room?.close(closeCodeOf(outcome)), SESSION_LIMITS.roomCloseMs),
      this.#bounded(this.#admission.settled(), this.#deps.acceptTimeoutMs),
    ]);
    for (const holder of this.#admission.seats.holders()) this.#admission.vacate(holder.sessionId);
    this.#roster.close();
    this.#secondOpinion?.close();
    await Promise.all([
      this.#bounded(this.#result, SESSION_LIMITS.settleMs),
      this.#bounded(ticketStopped, SESSION_LIMITS.settleMs),
      this.#removals.settle(this.#deadline.leftMs(SESSION_LIMITS.settleMs)),
    ]);
    this.#deps.telemetry.gameSessionEnded({
      gameSessionId: this.gameSessionId,
      outcome: wasOver ? "completed" : outcome,
      resultId: this.#resultId,
      ticks: this.#summary().ticks,
    });
    this.#onEnded(outcome);
  }

  /** Delivers the result of a match that anybody ever played; a match without players has none. */
  async #deliver(outcome: MatchOutcome): Promise<void> {
    const summary = this.#summary();
    const hadPlayers = !this.#participants.isEmpty;
    const result: MatchResult = {
      resultId: this.#resultId,
      gameSessionId: this.gameSessionId,
      room: this.#deps.room,
      outcome,
      startedAt: new Date(this.#startedAtMs).toISOString(),
      endedAt: new Date(this.#deps.clock.wallMs()).toISOString(),
      ticks: summary.ticks,
      stateHash: summary.stateHash,
      ...(outcome === "aborted" && this.#faultSeat !== undefined && { faultSeat: this.#faultSeat }),
      players: this.#participants.result(summary),
    };
    // The disk may be slow: the result does not wait for it.
    const sealed = this.#room?.seal(this.#resultId, outcome);
    if (!hadPlayers) return sealed;
    await Promise.all([
      sealed,
      this.#deps.deliver(result, this.#deadline.leftMs(SESSION_LIMITS.settleMs)),
    ]);
  }

  #summary(): MatchSummary {
    try {
      return this.#room?.summary() ?? NOTHING_KNOWN;
    } catch (cause) {
      this.#deps.telemetry.roomFault({ where: "summary", cause });
      return NOTHING_KNOWN;
    }
  }

  async #bounded(work: Promise<void> | undefined, mostMs: number): Promise<void> {
    try {
      if (work !== undefined) await this.#deadline.wait(work, mostMs);
    } catch (cause) {
      this.#deps.telemetry.roomFault({ where: "close", cause });
    }
  }

  /** Players may be seated as soon as the room is there, also while the fleet is still being told. */
  #isPlaying(): boolean {
    return this.#state === "opening" || this.#state === "active";
  }

  #isClosing(): boolean {
    return this.#state === "closing";
  }
}

function closeCodeOf(outcome: MatchOutcome): CloseCode {
  if (outcome === "completed") return CloseCode.MATCH_OVER;
  return outcome === "aborted" ? CloseCode.MATCH_ABORTED : CloseCode.SERVER_DRAINED;
}
