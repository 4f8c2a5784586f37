import { CloseCode } from "../../protocol/close-codes.ts";
import type { CancelTimer, Clock } from "../clock.ts";
import type { Fleet, GameSession, GameSessionUpdate } from "../fleet/fleet.ts";
import type { EndReason, MatchOutcome, MatchResult } from "../results/results.ts";
import type { LifeReading, MatchReading } from "../telemetry/readings.ts";
import type { ActivationFailure, GameSessionState, Telemetry } from "../telemetry/telemetry.ts";
import { activate } from "./activation.ts";
import type { Admission } from "./admission.ts";
import { type Backfill, manualBackfill } from "./backfill.ts";
import { closeMatch } from "./closing.ts";
import { CreationPolicy } from "./creation-policy.ts";
import type { Deadline } from "./deadline.ts";
import { Entrance } from "./entrance.ts";
import { GameSessionStates } from "./game-session-states.ts";
import { inputSeat } from "./input-seat.ts";
import { SESSION_LIMITS, type SessionTimeouts } from "./limits.ts";
import { MatchReport } from "./match-report.ts";
import type { MatchRoom, MatchRoomEvents, OpenMatchRoom, TickProgress } from "./match-room.ts";
import type { SeatHolder } from "./seats.ts";
import { Vacancy } from "./vacancy.ts";

export interface LiveGameSessionDeps<Room extends MatchRoom> {
  readonly fleet: Fleet;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** What a game session's game is called. */
  readonly roomOf: (session: GameSession) => string;
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

/** The way in to a match. */
export interface OpenDoor<Room> {
  readonly admission: Admission;
  readonly room: Room;
  /** What its game is called. */
  readonly roomName: string;
}

/** One game session from the fleet's request to its end, by the states of `game-session-states.ts`. */
export class LiveGameSession<Room extends MatchRoom> {
  readonly gameSessionId: string;
  readonly #roomName: string;
  readonly #deps: LiveGameSessionDeps<Room>;
  readonly #session: GameSession;
  readonly #deadline: Deadline;
  readonly #onEnded: (outcome: MatchOutcome) => void;
  readonly #states: GameSessionStates;
  readonly #entrance: Entrance;
  readonly #report: MatchReport;
  readonly #policy: CreationPolicy;
  readonly #vacancy: Vacancy;
  readonly #backfill: Backfill | undefined;
  /** Aborts when it is of no more use to tell the fleet that players may come. */
  readonly #activation = new AbortController();
  #room: Room | undefined;
  /** What happens to this game session if nothing else does. */
  #cancelTimer: CancelTimer = () => {};
  #cancelTooLong: CancelTimer = () => {};
  #result: Promise<void> | undefined;
  #isFleetLost = false;

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
    const { gameSessionId } = session;
    const { clock, telemetry, timeouts } = deps;
    this.gameSessionId = gameSessionId;
    const roomName = deps.roomOf(session);
    this.#roomName = roomName;
    this.#deps = deps;
    this.#session = session;
    this.#deadline = deadline;
    this.#onEnded = onEnded;
    this.#states = new GameSessionStates((from, to) => {
      telemetry.gameSessionStateChanged({ gameSessionId, from, to });
    });
    const room = () => this.#room;
    this.#report = new MatchReport({ ...deps, gameSessionId, roomName, deadline, room });
    this.#policy = new CreationPolicy({ process: deps.fleet.process, gameSessionId, telemetry });
    this.#entrance = new Entrance({
      ...deps,
      gameSession: session,
      seatsMax: () => this.#room?.seatsMax() ?? 0,
      onOccupied: (holder) => this.#occupied(holder),
      onGivenBack: (holder) => this.#givenBack(holder),
    });
    this.#vacancy = new Vacancy({
      states: this.#states,
      policy: this.#policy,
      entrance: this.#entrance,
      clock,
      timeouts,
      hadPlayers: () => this.#report.hadPlayers,
      endsWhenEmpty: () => this.#room?.endsWhenEmpty === true,
      onVacant: (why) => void this.#end("completed", why),
    });
    this.#backfill = manualBackfill({
      backfills: deps.fleet.backfills,
      mode: deps.backfill,
      gameSession: session,
      clock,
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

  /** The door's way in; there is none before the room is made and once it closes. */
  get door(): OpenDoor<Room> | undefined {
    return this.#room === undefined || this.#isClosing
      ? undefined
      : { admission: this.#admission, room: this.#room, roomName: this.#roomName };
  }

  get #admission(): Admission {
    return this.#entrance.admission;
  }

  get #isClosing(): boolean {
    return this.state === "closing" || this.state === "ended";
  }

  tickProgress(): TickProgress | undefined {
    return this.#room?.tickProgress();
  }

  reading(): NonNullable<LifeReading["gameSession"]> {
    const { gameSessionId, state, seatsHeld } = this;
    const seatsMax = Math.min(
      this.#session.maximumPlayerSessionCount,
      this.#room?.seatsMax() ?? Number.POSITIVE_INFINITY,
    );
    return { gameSessionId, state, seatsHeld, seatsMax };
  }

  matchReading(): MatchReading | undefined {
    return this.#room?.reading();
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

  /** The fleet can be spoken to, or cannot for now: the match goes on, and what it needs of the fleet waits or fails. */
  setReachable(isReachable: boolean): void {
    this.#entrance.setReachable(isReachable);
    if (isReachable) this.#policy.repeat();
  }

  /** The fleet will never answer again: a match is played to its end, and one that is not active yet has failed. */
  fleetLost(): void {
    this.#isFleetLost = true;
    this.#entrance.setReachable(false);
    this.#activation.abort();
    if (this.#isClosing) void this.#entrance.removals.settle(0);
  }

  /**
   * Makes the room and tells the fleet that players may come. What keeps players from ever coming ends the game session.
   * @param onRoomTimedOut - The room was not made in time, and may yet be.
   */
  async open(onRoomTimedOut: () => void): Promise<void> {
    const { openRoom, fleet, clock, telemetry, timeouts } = this.#deps;
    const { gameSessionId } = this;
    const { signal } = this.#activation;
    this.#cancelTimer = clock.after(timeouts.activationMs, () => {
      if (this.state === "opening") this.#roomTimedOut(onRoomTimedOut);
      else this.#activation.abort();
    });
    try {
      const room = await openRoom(this.#session, this.#admission.seats, this.#roomEvents());
      this.#room = room;
      // A fault while the room was being made has already ended this session.
      if (this.#isClosing) return await room.close(CloseCode.MATCH_ABORTED);
    } catch (cause) {
      return this.fault("open", cause);
    }
    if (this.#deadline.isSet) return void this.#end("drained", "drained");
    if (!this.#states.turn("room_opened")) return;
    const { process } = fleet;
    const outcome = await activate({ process, gameSessionId, clock, telemetry, signal });
    if (this.state !== "activating") return;
    if (outcome === "activated") this.#activated();
    else this.#fail(outcome);
  }

  #activated(): void {
    const { clock, telemetry, timeouts } = this.#deps;
    this.#cancelTimer();
    this.#states.turn("activated");
    this.#policy.begin();
    this.#backfill?.activated();
    this.#vacancy.watch();
    if (timeouts.matchMsMax > 0) {
      this.#cancelTooLong = clock.after(timeouts.matchMsMax, () => {
        void this.#end("aborted", "too_long");
      });
    }
    const { gameSessionId } = this;
    const seatsMax = this.#session.maximumPlayerSessionCount;
    telemetry.gameSessionStarted({ gameSessionId, room: this.#roomName, seatsMax });
  }

  #roomTimedOut(onRoomTimedOut: () => void): void {
    const cause = new Error(`not open within ${this.#deps.timeouts.activationMs} ms`);
    this.#deps.telemetry.roomFault({ where: "open", cause });
    this.#fail("room_timed_out");
    onRoomTimedOut();
  }

  #fail(reason: ActivationFailure): void {
    this.#deps.telemetry.gameSessionFailed({ gameSessionId: this.gameSessionId, reason });
    void this.#end("aborted", "not_activated");
  }

  /** The game broke; the match cannot go on. */
  fault(where: string, cause: unknown): void {
    const seat = inputSeat();
    this.#deps.telemetry.roomFault({ where, cause, ...(seat !== undefined && { seat }) });
    if (this.#isClosing) return;
    this.#report.faultSeat = seat;
    if (this.state === "opening" || this.state === "activating") this.#fail("room_failed");
    else void this.#end("aborted", "fault");
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
    if (this.state !== "opening" && (isHurried || !isSeated)) {
      return void this.#end("drained", "drained");
    }
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
    this.#result = this.#report.deliver("completed", "over");
    const showMs = this.#deadline.isSet ? 0 : this.#deps.resultsMs;
    this.#cancelTimer = this.#deps.clock.after(showMs, () => void this.#end("completed", "over"));
  }

  #occupied(holder: SeatHolder): void {
    this.#report.seated(holder);
    this.#backfill?.seated(holder.playerId);
    this.#vacancy.somebodyCame();
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
    if (this.seatsHeld > 0) return;
    if (this.state !== "active" && this.state !== "activating") return;
    if (this.#deadline.isSet) void this.#end("drained", "drained");
    else if (this.state === "active") this.#vacancy.watch();
  }

  #openChanged(isOpen: boolean): void {
    if (this.#isClosing) return;
    this.#admission.setOpen(isOpen);
    this.#policy.setRoomOpen(isOpen);
    this.#backfill?.setOpen(isOpen);
  }

  /** No new player may come, here or by the fleet; its answer is not waited for. */
  #closeToPlayers(): void {
    this.#vacancy.stop();
    this.#admission.close();
    this.#policy.close();
    void this.#backfill?.close();
  }

  /** Ends a game session once, whoever asks first: result, connections, player sessions, then the fleet. */
  async #end(outcome: MatchOutcome, why: EndReason): Promise<void> {
    const wasOver = this.state === "over";
    if (!this.#states.turn("ending")) return;
    this.#cancelTimer();
    this.#cancelTooLong();
    this.#activation.abort();
    this.#closeToPlayers();
    this.#result ??= this.#report.deliver(outcome, why);
    await closeMatch({
      ...this.#deps,
      room: this.#room,
      outcome,
      why,
      result: this.#result,
      backfillEnded: this.#backfill?.close(),
      entrance: this.#entrance,
      deadline: this.#deadline,
      isFleetLost: () => this.#isFleetLost,
    });
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
}
