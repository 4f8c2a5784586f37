import { CloseCode } from "../../protocol/close-codes.ts";
import type { CancelTimer, Clock } from "../clock.ts";
import type { Fleet, GameSession, GameSessionUpdate } from "../fleet/fleet.ts";
import type { EndReason, MatchOutcome, MatchResult } from "../results/results.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { Admission } from "./admission.ts";
import { type Backfill, manualBackfill } from "./backfill.ts";
import { CreationPolicy } from "./creation-policy.ts";
import type { Deadline } from "./deadline.ts";
import { Entrance } from "./entrance.ts";
import { type GameSessionState, GameSessionStates } from "./game-session-states.ts";
import { inputSeat } from "./input-seat.ts";
import { SESSION_LIMITS, type SessionTimeouts } from "./limits.ts";
import { MatchReport } from "./match-report.ts";
import type { MatchRoom, MatchRoomEvents, OpenMatchRoom, TickProgress } from "./match-room.ts";
import type { SeatHolder } from "./seats.ts";
import { isAnybodyExpected } from "./vacancy.ts";

export interface LiveGameSessionDeps<Room extends MatchRoom> {
  readonly fleet: Fleet;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly room: string;
  readonly openRoom: OpenMatchRoom<Room>;
  /** Delivers a result within `deadlineMs`; never rejects. */
  readonly deliver: (result: MatchResult, deadlineMs: number) => Promise<void>;
  readonly acceptTimeoutMs: number;
  readonly timeouts: SessionTimeouts;
  /** Whether others are asked for in place of players who left, where that is ours to do. */
  readonly backfill: "auto" | "off";
  /** How long results show before connections are closed. */
  readonly resultsMs: number;
  readonly newSessionId: () => string;
  readonly newResultId: () => string;
}

/** One game session from the fleet's request to its end, by the states of `game-session-states.ts`. */
export class LiveGameSession<Room extends MatchRoom> {
  readonly gameSessionId: string;
  readonly #deps: LiveGameSessionDeps<Room>;
  readonly #session: GameSession;
  readonly #deadline: Deadline;
  readonly #onEnded: (outcome: MatchOutcome) => void;
  readonly #states = new GameSessionStates();
  readonly #entrance: Entrance;
  readonly #report: MatchReport;
  readonly #policy: CreationPolicy;
  readonly #backfill: Backfill | undefined;
  #room: Room | undefined;
  /** What happens to this game session if nothing else does. */
  #cancelTimer: CancelTimer = () => {};
  #cancelTooLong: CancelTimer = () => {};
  /** Of the question who is still to come, while it is asked. */
  #vacancy = new AbortController();
  #result: Promise<void> | undefined;

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
    this.gameSessionId = session.gameSessionId;
    this.#deps = deps;
    this.#session = session;
    this.#deadline = deadline;
    this.#onEnded = onEnded;
    this.#report = new MatchReport({
      resultId: deps.newResultId(),
      gameSessionId: session.gameSessionId,
      roomName: deps.room,
      telemetry: deps.telemetry,
      startedAtMs: deps.clock.wallMs(),
      room: () => this.#room,
    });
    const { telemetry } = deps;
    const { process } = deps.fleet;
    this.#policy = new CreationPolicy({ process, gameSessionId: this.gameSessionId, telemetry });
    this.#entrance = new Entrance({
      ...deps,
      gameSession: session,
      seatsMax: () => this.#room?.seatsMax() ?? 0,
      onOccupied: (holder) => this.#occupied(holder),
      onGivenBack: (holder) => this.#givenBack(holder),
    });
    this.#backfill = manualBackfill({
      backfills: deps.fleet.backfills,
      mode: deps.backfill,
      gameSession: session,
      clock: deps.clock,
      telemetry,
      seatsMax: () => this.#room?.seatsMax() ?? 0,
    });
  }

  get state(): GameSessionState {
    return this.#states.current;
  }

  get seatsHeld(): number {
    return this.#admission.seats.heldCount;
  }

  get #admission(): Admission {
    return this.#entrance.admission;
  }

  /** The door's way in; there is none before the room is made and once it closes. */
  get door(): { admission: Admission; room: Room } | undefined {
    return this.#room === undefined || this.#isClosing
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
    this.#entrance.playerSessionsChanged();
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
      if (this.#isClosing) return await room.close(CloseCode.MATCH_ABORTED);
      await fleet.process.activateGameSession(this.gameSessionId);
    } catch (cause) {
      return this.fault("open", cause);
    }
    if (this.state !== "opening") return;
    if (this.#deadline.isSet) return void this.#end("drained", "drained");
    this.#states.turn("opened");
    this.#policy.begin();
    this.#backfill?.activated();
    this.#watchSeats();
    this.#cancelTooLong = this.#after(this.#deps.timeouts.matchMsMax, () => {
      void this.#end("aborted", "too_long");
    });
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
    if (!this.#isClosing) this.#report.faultSeat = seat;
    void this.#end("aborted", "fault");
  }

  /** The process has `grantedMs` left. @param isHurried - It is to end at once. */
  drain(grantedMs: number, isHurried: boolean): void {
    this.#closeToPlayers();
    if (this.#isClosing) {
      return void this.#entrance.removals.settle(this.#deadline.leftMs(grantedMs));
    }
    if (this.state === "over") return void this.#end("completed", "over");
    const isSeated = this.seatsHeld > 0;
    // A room that is still being made is waited for, so that it is closed in good order.
    if (this.state !== "opening" && (isHurried || !isSeated))
      return void this.#end("drained", "drained");
    if (isSeated) this.#room?.announceDrain(grantedMs);
    this.#cancelTimer();
    this.#cancelTooLong();
    const playMs = grantedMs - Math.min(grantedMs / 4, SESSION_LIMITS.drainClosingMs);
    this.#cancelTimer = this.#deps.clock.after(playMs, () => {
      void this.#end("drained", "drained");
    });
  }

  #roomEvents(): MatchRoomEvents {
    return {
      onOver: () => this.#over(),
      onDisposed: () => void this.#end("completed", "disposed"),
      onFault: (where, cause) => this.fault(where, cause),
      onSeatGone: (sessionId) => this.#seatGone(sessionId),
      onOpenChanged: (isOpen) => this.#openChanged(isOpen),
    };
  }

  #over(): void {
    if (!this.#states.turn("decided")) return;
    this.#closeToPlayers();
    this.#cancelTimer();
    this.#cancelTooLong();
    this.#result = this.#deliver("completed", "over");
    const showMs = this.#deadline.isSet ? 0 : this.#deps.resultsMs;
    this.#cancelTimer = this.#deps.clock.after(showMs, () => void this.#end("completed", "over"));
  }

  #occupied(holder: SeatHolder): void {
    this.#report.seated(holder);
    this.#backfill?.seated(holder.playerId);
    // What the timer of a drain, or of the opening, is for does not depend on who sits.
    if (this.state === "active" && !this.#deadline.isSet) this.#cancelTimer();
    this.#goOn();
  }

  #seatGone(sessionId: string): void {
    const holder = this.#admission.vacate(sessionId);
    if (holder === undefined) return;
    this.#report.left(holder);
    this.#seatFreed(holder);
  }

  #givenBack(holder: SeatHolder): void {
    this.#report.givenBack(holder);
    this.#seatFreed(holder);
  }

  #seatFreed({ playerId }: SeatHolder): void {
    this.#backfill?.left(playerId);
    if (this.seatsHeld > 0 || this.state !== "active") return;
    if (this.#deadline.isSet) void this.#end("drained", "drained");
    else this.#watchSeats();
  }

  /** From now on a match in which nobody sits ends after a time. */
  #watchSeats(): void {
    this.#cancelTimer();
    if (this.seatsHeld > 0) return;
    const { nobodyCameMs, emptyMs } = this.#deps.timeouts;
    if (!this.#report.hadPlayers) {
      this.#cancelTimer = this.#after(nobodyCameMs, () => void this.#vacate("nobody_came"));
    } else if (this.#room?.endsWhenEmpty === true) {
      this.#cancelTimer = this.#after(emptyMs, () => void this.#vacate("everybody_left"));
    }
  }

  /** Nobody has sat for too long: ends the match, unless somebody is still to come. */
  async #vacate(why: EndReason): Promise<void> {
    if (!this.#states.turn("emptied")) return;
    this.#vacancy = new AbortController();
    const { signal } = this.#vacancy;
    const isExpected = await isAnybodyExpected({
      policy: this.#policy,
      entrance: this.#entrance,
      clock: this.#deps.clock,
      signal,
    });
    if (signal.aborted) return;
    if (isExpected) this.#goOn();
    else void this.#end("completed", why);
  }

  /** Somebody has come into an empty match, or is still to come. */
  #goOn(): void {
    if (!this.#states.turn("expected")) return;
    this.#vacancy.abort();
    this.#policy.release();
    this.#watchSeats();
  }

  /** No new player may come, here or by the fleet; its answer is not waited for. */
  #closeToPlayers(): void {
    this.#vacancy.abort();
    this.#admission.close();
    this.#policy.close();
    void this.#backfill?.close();
  }

  /** @param delayMs - `0` means never. */
  #after(delayMs: number, fire: () => void): CancelTimer {
    return delayMs === 0 ? () => {} : this.#deps.clock.after(delayMs, fire);
  }

  #openChanged(isOpen: boolean): void {
    if (this.#isClosing) return;
    this.#admission.setOpen(isOpen);
    this.#policy.setRoomOpen(isOpen);
    this.#backfill?.setOpen(isOpen);
  }

  /** Ends a game session once, whoever asks first: result, connections, player sessions, then the fleet. */
  async #end(outcome: MatchOutcome, why: EndReason): Promise<void> {
    const wasOver = this.state === "over";
    if (!this.#states.turn("ending")) return;
    this.#cancelTimer();
    this.#cancelTooLong();
    this.#closeToPlayers();
    this.#result ??= this.#deliver(outcome, why);
    const code = closeCodeOf(outcome, why);
    await Promise.all([
      this.#bounded(this.#room?.close(code), SESSION_LIMITS.roomCloseMs),
      this.#bounded(this.#admission.settled(), this.#deps.acceptTimeoutMs),
    ]);
    for (const holder of this.#admission.seats.holders()) this.#admission.vacate(holder.sessionId);
    this.#entrance.close();
    await Promise.all([
      this.#bounded(this.#result, SESSION_LIMITS.settleMs),
      this.#bounded(this.#backfill?.close(), SESSION_LIMITS.settleMs),
      this.#entrance.removals.settle(this.#deadline.leftMs(SESSION_LIMITS.settleMs)),
    ]);
    this.#states.turn("settled");
    this.#deps.telemetry.gameSessionEnded({
      gameSessionId: this.gameSessionId,
      outcome: wasOver ? "completed" : outcome,
      why: wasOver ? "over" : why,
      resultId: this.#report.resultId,
      ticks: this.#report.ticks,
    });
    this.#onEnded(outcome);
  }

  /** Delivers the result of a match that anybody ever played; a match without players has none. */
  async #deliver(outcome: MatchOutcome, why: EndReason): Promise<void> {
    const { hadPlayers } = this.#report;
    const result = this.#report.result(outcome, why, this.#deps.clock.wallMs());
    // The disk may be slow: the result does not wait for it.
    const sealed = this.#room?.seal(result.resultId, outcome);
    if (!hadPlayers) return sealed;
    await Promise.all([
      sealed,
      this.#deps.deliver(result, this.#deadline.leftMs(SESSION_LIMITS.settleMs)),
    ]);
  }

  async #bounded(work: Promise<void> | undefined, mostMs: number): Promise<void> {
    try {
      if (work !== undefined) await this.#deadline.wait(work, mostMs);
    } catch (cause) {
      this.#deps.telemetry.roomFault({ where: "close", cause });
    }
  }

  get #isClosing(): boolean {
    return this.state === "closing" || this.state === "ended";
  }
}

function closeCodeOf(outcome: MatchOutcome, why: EndReason): CloseCode {
  // To players a match that took too long is over; only a fault is called one.
  if (outcome === "completed" || why === "too_long") return CloseCode.MATCH_OVER;
  return outcome === "aborted" ? CloseCode.MATCH_ABORTED : CloseCode.SERVER_DRAINED;
}
