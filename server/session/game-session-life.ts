import { CloseCode } from "../../protocol/close-codes.ts";
import { type CancelTimer, type Clock, sleep } from "../clock.ts";
import type { Fleet, GameSession } from "../fleet/fleet.ts";
import type { MatchOutcome, MatchResult } from "../results/results.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { Admission, type Refused } from "./admission.ts";
import { SESSION_LIMITS } from "./limits.ts";
import type { MatchRoom, MatchSummary, OpenMatchRoom } from "./match-room.ts";
import { Participants } from "./participants.ts";
import { Removals } from "./removals.ts";
import { Roster } from "./roster.ts";
import type { SeatHolder } from "./seats.ts";

/**
 * One game session from the fleet's request to its end:
 *
 *   opening -> active -> over -> closing -> (done)
 *       \________\_________________^
 *   `over` shows the results; a fault, a drain or an empty match leads straight to `closing`.
 */
interface Live<Room> {
  readonly session: GameSession;
  readonly resultId: string;
  readonly startedAtMs: number;
  readonly admission: Admission;
  readonly roster: Roster;
  readonly removals: Removals;
  state: "opening" | "active" | "over" | "closing";
  room: Room | undefined;
  readonly participants: Participants;
  cancelTimer: CancelTimer;
  result: Promise<void> | undefined;
}

/** What is known of a match whose room is not open, or whose game broke so badly that it cannot tell. */
const NOTHING_KNOWN: MatchSummary = { ticks: 0, stateHash: "", scores: [], winners: [] };

export interface GameSessionLifeDeps<Room extends MatchRoom> {
  readonly fleet: Fleet;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly room: string;
  readonly openRoom: OpenMatchRoom<Room>;
  /** Delivers a result within `deadlineMs`; never rejects. */
  readonly deliver: (result: MatchResult, deadlineMs: number) => Promise<void>;
  readonly acceptTimeoutMs: number;
  /** How long results show before connections are closed. */
  readonly resultsMs: number;
  readonly newSessionId: () => string;
  readonly newResultId: () => string;
}

export type StopReason = "signal" | "fleet" | "game_session_ended" | "fault";

/** Hosts one game session at a time and tells when the process has nothing left to do. */
export class GameSessionLife<Room extends MatchRoom> {
  readonly #deps: GameSessionLifeDeps<Room>;
  readonly #done = Promise.withResolvers<void>();
  #live: Live<Room> | undefined;
  #isDraining = false;
  /** Monotonic time by which a drain must be over; Infinity while there is none. */
  #deadlineAtMs = Number.POSITIVE_INFINITY;
  /** Aborts at that time, also for what began to wait before there was a drain. */
  readonly #deadline = new AbortController();
  #cancelDeadline: CancelTimer = () => {};
  #isFinished = false;

  constructor(deps: GameSessionLifeDeps<Room>) {
    this.#deps = deps;
  }

  /** Resolves once the last game session is over and the fleet was told that the process ends. */
  get done(): Promise<void> {
    return this.#done.promise;
  }

  /** The door's way to the match that is open now. */
  get current(): { admission: Admission; room: Room } | undefined {
    const live = this.#live;
    return live?.room === undefined || live.state === "closing"
      ? undefined
      : { admission: live.admission, room: live.room };
  }

  /** What the health check shows. */
  get phase(): "idle" | Live<Room>["state"] | "draining" {
    return this.#isDraining ? "draining" : (this.#live?.state ?? "idle");
  }

  /** Who holds a seat now. */
  get seatsHeld(): number {
    return this.#live?.admission.seats.heldCount ?? 0;
  }

  async start(port: number): Promise<void> {
    await this.#deps.fleet.process.ready(port, {
      onGameSession: (session) => void this.#open(session),
      onTerminate: (deadlineMs) => this.drain("fleet", deadlineMs),
      onPlayerSessionsChanged: () => this.#live?.roster.invalidate(),
      isHealthy: () => true,
    });
  }

  /** Answer to a join while no match is open. */
  refusalWithoutMatch(): Refused {
    return {
      outcome: "refused",
      code: this.#isDraining ? CloseCode.CLOSED_TO_JOINS : CloseCode.TRY_AGAIN,
    };
  }

  /**
   * Stops in good order within `deadlineMs`: no new joins, the game may end by itself until a quarter of the time is
   * left. A second call hurries: the end comes within a second.
   */
  drain(reason: StopReason, deadlineMs: number): void {
    const isSecond = this.#isDraining;
    this.#isDraining = true;
    const grantedMs = isSecond ? Math.min(deadlineMs, SESSION_LIMITS.hurryMs) : deadlineMs;
    this.#deadlineAtMs = Math.min(this.#deadlineAtMs, this.#deps.clock.nowMs() + grantedMs);
    this.#deps.telemetry.serverStopping({ reason, deadlineMs: grantedMs });
    this.#cancelDeadline();
    const leftMs = this.#remainingMs(grantedMs);
    this.#cancelDeadline = this.#deps.clock.after(leftMs, () => this.#deadline.abort());
    const live = this.#live;
    if (live === undefined) return void this.#finish();
    live.admission.close();
    if (live.state === "closing") return void live.removals.settle(leftMs);
    if (live.state === "over") return void this.#end(live, "completed");
    const isSeated = live.admission.seats.heldCount > 0;
    // A room that is still being made is waited for, so that it is closed in good order.
    if (live.state === "active" && (isSecond || !isSeated)) return void this.#end(live, "drained");
    if (isSeated) live.room?.announceDrain(grantedMs);
    live.cancelTimer();
    live.cancelTimer = this.#deps.clock.after(grantedMs * 0.75, () => {
      void this.#end(live, "drained");
    });
  }

  /** Something in the room broke outside any call of ours; ends the match if there is one. */
  fault(where: string, cause: unknown): void {
    this.#deps.telemetry.roomFault({ where, cause });
    if (this.#live !== undefined) void this.#end(this.#live, "aborted");
  }

  async #open(session: GameSession): Promise<void> {
    if (this.#isDraining || this.#live !== undefined) return;
    const live = this.#newLive(session);
    this.#live = live;
    try {
      const room = await this.#deps.openRoom(session, live.admission.seats, {
        onOver: () => this.#over(live),
        onDisposed: () => void this.#end(live, "completed"),
        onFault: (where, cause) => {
          this.#deps.telemetry.roomFault({ where, cause });
          void this.#end(live, "aborted");
        },
        onSeatGone: (sessionId) => this.#seatGone(live, sessionId),
        onOpenChanged: (isOpen) => void this.#openChanged(live, isOpen),
      });
      live.room = room;
      // A fault while the room was being made has already ended this session.
      if (live.state === "closing") return await room.close(CloseCode.MATCH_ABORTED);
      await this.#deps.fleet.process.activateGameSession(session.gameSessionId);
    } catch (cause) {
      this.#deps.telemetry.roomFault({ where: "open", cause });
      return void this.#end(live, "aborted");
    }
    if (live.state !== "opening") return;
    if (this.#isDraining) return void this.#end(live, "drained");
    live.state = "active";
    this.#deps.telemetry.gameSessionStarted({
      gameSessionId: session.gameSessionId,
      room: this.#deps.room,
      seatsMax: session.maximumPlayerSessionCount,
    });
  }

  #newLive(session: GameSession): Live<Room> {
    const { clock, telemetry, fleet } = this.#deps;
    const removals = new Removals({ playerSessions: fleet.playerSessions, clock, telemetry });
    const roster = new Roster({
      reader: fleet.gameSessions,
      gameSessionId: session.gameSessionId,
      clock,
      telemetry,
    });
    const live: Live<Room> = {
      session,
      resultId: this.#deps.newResultId(),
      startedAtMs: clock.wallMs(),
      roster,
      removals,
      admission: new Admission({
        gameSession: session,
        playerSessions: fleet.playerSessions,
        roster,
        removals,
        clock,
        telemetry,
        acceptTimeoutMs: this.#deps.acceptTimeoutMs,
        seatsMax: () => live.room?.seatsMax() ?? 0,
        newSessionId: this.#deps.newSessionId,
        onOccupied: (holder) => this.#occupied(live, holder),
        onGivenBack: (holder) => this.#givenBack(live, holder),
      }),
      state: "opening",
      room: undefined,
      participants: new Participants(),
      cancelTimer: () => {},
      result: undefined,
    };
    return live;
  }

  #over(live: Live<Room>): void {
    if (!isPlaying(live)) return;
    live.state = "over";
    live.admission.close();
    live.cancelTimer();
    live.result = this.#deliver(live, "completed");
    const showMs = this.#isDraining ? 0 : this.#deps.resultsMs;
    live.cancelTimer = this.#deps.clock.after(showMs, () => void this.#end(live, "completed"));
  }

  #occupied(live: Live<Room>, holder: SeatHolder): void {
    live.participants.seated(holder);
    if (isPlaying(live) && !this.#isDraining) live.cancelTimer();
  }

  #seatGone(live: Live<Room>, sessionId: string): void {
    const holder = live.admission.vacate(sessionId);
    if (holder === undefined) return;
    live.participants.left(holder, this.#summaryOf(live));
    this.#seatFreed(live);
  }

  #givenBack(live: Live<Room>, holder: SeatHolder): void {
    live.participants.givenBack(holder, this.#summaryOf(live));
    this.#seatFreed(live);
  }

  #seatFreed(live: Live<Room>): void {
    if (live.admission.seats.heldCount > 0 || !isPlaying(live)) return;
    if (this.#isDraining) {
      if (live.state === "active") void this.#end(live, "drained");
      return;
    }
    if (live.participants.isEmpty || live.room?.endsWhenEmpty !== true) return;
    live.cancelTimer();
    live.cancelTimer = this.#deps.clock.after(SESSION_LIMITS.emptyMatchMs, () => {
      void this.#end(live, "completed");
    });
  }

  async #openChanged(live: Live<Room>, isOpen: boolean): Promise<void> {
    if (live.state === "closing") return;
    live.admission.setOpen(isOpen);
    try {
      await this.#deps.fleet.process.setOpenToPlayers(live.session.gameSessionId, isOpen);
    } catch (cause) {
      this.#deps.telemetry.fleetCallFailed({ action: "set_open_to_players", cause });
    }
  }

  /** Ends a game session once, whoever asks first: result, connections, player sessions, then the fleet. */
  async #end(live: Live<Room>, outcome: MatchOutcome): Promise<void> {
    if (live.state === "closing") return;
    const wasOver = live.state === "over";
    live.state = "closing";
    live.cancelTimer();
    live.admission.close();
    live.result ??= this.#deliver(live, outcome);
    await Promise.all([
      this.#bounded(live.room?.close(closeCodeOf(outcome)), SESSION_LIMITS.roomCloseMs),
      this.#bounded(live.admission.settled(), this.#deps.acceptTimeoutMs),
    ]);
    for (const holder of live.admission.seats.holders()) live.admission.vacate(holder.sessionId);
    live.roster.close();
    await Promise.all([
      this.#bounded(live.result, SESSION_LIMITS.settleMs),
      live.removals.settle(this.#remainingMs(SESSION_LIMITS.settleMs)),
    ]);
    this.#deps.telemetry.gameSessionEnded({
      gameSessionId: live.session.gameSessionId,
      outcome: wasOver ? "completed" : outcome,
      resultId: live.resultId,
      ticks: this.#summaryOf(live).ticks,
    });
    this.#live = undefined;
    await this.#afterGameSession(live.session.gameSessionId, outcome);
  }

  async #afterGameSession(gameSessionId: string, outcome: MatchOutcome): Promise<void> {
    if (outcome === "aborted" && !this.#isDraining) {
      await sleep(this.#deps.clock, SESSION_LIMITS.abortRestMs);
    }
    try {
      if (!this.#isDraining) {
        const next = await this.#deps.fleet.process.gameSessionEnded(gameSessionId);
        if (next === "await_game_session" && !this.#isDraining) return;
      }
    } catch (cause) {
      this.#deps.telemetry.fleetCallFailed({ action: "game_session_ended", cause });
    }
    await this.#finish();
  }

  async #finish(): Promise<void> {
    if (this.#isFinished) return;
    this.#isFinished = true;
    this.#isDraining = true;
    try {
      await this.#deps.fleet.process.ending();
    } catch (cause) {
      this.#deps.telemetry.fleetCallFailed({ action: "process_ending", cause });
    }
    this.#cancelDeadline();
    this.#done.resolve();
  }

  /** Delivers the result of a match that anybody ever played; a match without players has none. */
  async #deliver(live: Live<Room>, outcome: MatchOutcome): Promise<void> {
    const summary = this.#summaryOf(live);
    const hadPlayers = !live.participants.isEmpty;
    const result: MatchResult = {
      resultId: live.resultId,
      gameSessionId: live.session.gameSessionId,
      room: this.#deps.room,
      outcome,
      startedAt: new Date(live.startedAtMs).toISOString(),
      endedAt: new Date(this.#deps.clock.wallMs()).toISOString(),
      ticks: summary.ticks,
      stateHash: summary.stateHash,
      players: live.participants.result(summary),
    };
    // The disk may be slow: the result does not wait for it.
    const sealed = live.room?.seal(live.resultId, outcome);
    if (!hadPlayers) return sealed;
    await Promise.all([
      sealed,
      this.#deps.deliver(result, this.#remainingMs(SESSION_LIMITS.settleMs)),
    ]);
  }

  #summaryOf(live: Live<Room>): MatchSummary {
    try {
      return live.room?.summary() ?? NOTHING_KNOWN;
    } catch (cause) {
      this.#deps.telemetry.roomFault({ where: "summary", cause });
      return NOTHING_KNOWN;
    }
  }

  #remainingMs(mostMs: number): number {
    return Math.max(0, Math.min(mostMs, this.#deadlineAtMs - this.#deps.clock.nowMs()));
  }

  async #bounded(work: Promise<void> | undefined, mostMs: number): Promise<void> {
    if (work === undefined) return;
    const timer = new AbortController();
    const signal = AbortSignal.any([timer.signal, this.#deadline.signal]);
    await Promise.race([
      work.catch((cause: unknown) => this.#deps.telemetry.roomFault({ where: "close", cause })),
      sleep(this.#deps.clock, this.#remainingMs(mostMs), signal),
    ]);
    timer.abort();
  }
}

/** Players may be seated as soon as the room is there, also while the fleet is still being told. */
function isPlaying(live: { readonly state: Live<unknown>["state"] }): boolean {
  return live.state === "opening" || live.state === "active";
}

function closeCodeOf(outcome: MatchOutcome): CloseCode {
  if (outcome === "completed") return CloseCode.MATCH_OVER;
  return outcome === "aborted" ? CloseCode.MATCH_ABORTED : CloseCode.SERVER_DRAINED;
}
