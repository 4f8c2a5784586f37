import { sleep } from "../clock.ts";
import { ErrorCode, GameServerError } from "../errors.ts";
import type { GameSession } from "../fleet/fleet.ts";
import type { MatchOutcome } from "../results/results.ts";
import type { LifeReading } from "../telemetry/readings.ts";
import { type FleetCall, RefusalReason } from "../telemetry/telemetry.ts";
import { traceParentOf } from "../telemetry/trace-parent.ts";
import { Deadline } from "./deadline.ts";
import { SESSION_LIMITS } from "./limits.ts";
import { LiveGameSession, type LiveGameSessionDeps, type OpenDoor } from "./live-game-session.ts";
import type { MatchRoom } from "./match-room.ts";
import { parseMatchmakerData } from "./matchmaker-data.ts";
import { type LoopDelay, ProcessHealth } from "./process-health.ts";
import { CODE_OF_REASON, type Refused } from "./refused.ts";
import { untilAborted } from "./until-aborted.ts";

export type StopReason = "signal" | "fleet" | "fault";

/** Hosts one game session at a time and tells when the process has nothing left to do. */
export class GameSessionLife<Room extends MatchRoom> {
  readonly #deps: LiveGameSessionDeps<Room>;
  readonly #done = Promise.withResolvers<void>();
  readonly #deadline: Deadline;
  readonly #health: ProcessHealth;
  #live: LiveGameSession<Room> | undefined;
  #isFinished = false;
  #isReachable = true;
  /** Why no game session can be placed here any more, if none can. */
  #lost: GameServerError | undefined;

  constructor(deps: LiveGameSessionDeps<Room> & { readonly loopDelay: LoopDelay }) {
    this.#deps = deps;
    this.#deadline = new Deadline(deps.clock);
    const openingMsMax = deps.timeouts.activationMs;
    this.#health = new ProcessHealth({ ...deps, openingMsMax, match: () => this.#live });
  }

  /**
   * Resolves once the last game session is over and the fleet was told that the process ends.
   * Rejects with GameServerError FLEET_LOST when it ends because no game session can be placed here any more.
   */
  get done(): Promise<void> {
    return this.#done.promise;
  }

  /** The door's way to the match that is open now. */
  get current(): OpenDoor<Room> | undefined {
    return this.#live?.door;
  }

  get phase(): "idle" | LiveGameSession<Room>["state"] | "draining" {
    return this.#isDraining ? "draining" : (this.#live?.state ?? "idle");
  }

  /** Who holds a seat now. */
  get seatsHeld(): number {
    return this.#live?.seatsHeld ?? 0;
  }

  /** How long what comes after the last game session may take that takes `mostMs` when no drain hurries it. */
  leftMs(mostMs: number): number {
    const { exitMs } = SESSION_LIMITS;
    return Math.max(0, this.#deadline.leftMs(mostMs + exitMs) - exitMs);
  }

  /** From local knowledge alone, so that an unreachable fleet makes no process unhealthy. */
  get isHealthy(): boolean {
    return this.#health.verdict().isHealthy;
  }

  /** What the health check shows: the verdict, what it is made of, what the process does, and the steps of its match. */
  get health(): { isHealthy: boolean } & Readonly<Record<string, string | number | boolean>> {
    const { isHealthy, parts } = this.#health.verdict();
    const progress = this.#live?.tickProgress();
    const steps = progress && { ranTicks: progress.ranTicks, droppedTicks: progress.droppedTicks };
    return { isHealthy, phase: this.phase, seatsHeld: this.seatsHeld, ...parts, ...steps };
  }

  reading(): LifeReading {
    const { isHealthy, parts: health } = this.#health.verdict();
    return {
      phase: this.phase,
      gameSession: this.#live?.reading(),
      match: this.#live?.matchReading(),
      isHealthy,
      health,
    };
  }

  get #isDraining(): boolean {
    return this.#deadline.isSet || this.#isFinished;
  }

  /** Tells the fleet that this process can host. Resolves early when a drain ends it first. */
  async start(port: number): Promise<void> {
    this.#health.start();
    const ready = this.#deps.fleet.process.ready(port, {
      onGameSession: (session) => this.#host(session),
      onTerminate: (deadlineMs) => this.drain("fleet", deadlineMs),
      onPlayerSessionsChanged: () => this.#live?.playerSessionsChanged(),
      onGameSessionUpdated: (update) => this.#live?.updated(update),
      onReachable: (isReachable) => this.#reachable(isReachable),
      onLost: (cause) => this.#fleetLost(cause),
      isHealthy: () => this.isHealthy,
    });
    await Promise.race([ready, this.#done.promise]);
  }

  /** Answer to a join while no match is open. */
  refusalWithoutMatch(): Refused {
    const reason = this.#isDraining ? RefusalReason.CLOSED : RefusalReason.NO_MATCH;
    return { outcome: "refused", code: CODE_OF_REASON[reason], reason };
  }

  /**
   * Stops in good order within `deadlineMs`: no new joins, the game may end by itself until a quarter of the time is
   * left. A second call hurries: the end comes within a second.
   */
  drain(reason: StopReason, deadlineMs: number): void {
    const isSecond = this.#isDraining;
    const grantedMs = isSecond ? Math.min(deadlineMs, SESSION_LIMITS.hurryMs) : deadlineMs;
    this.#deps.telemetry.serverStopping({ reason, deadlineMs: grantedMs });
    const { earlyMs, earlyShare } = SESSION_LIMITS;
    this.#deadline.bringNearer(grantedMs - Math.min(earlyMs, grantedMs * earlyShare));
    if (this.#live === undefined) void this.#finish();
    else this.#live.drain(grantedMs, isSecond);
  }

  /** Something in the room broke outside any call of ours; ends the match if there is one. */
  fault(where: string, cause: unknown): void {
    if (this.#live === undefined) this.#deps.telemetry.roomFault({ where, cause });
    else this.#live.fault(where, cause);
  }

  #host(session: GameSession): void {
    if (this.#isDraining || this.#live !== undefined) return;
    const { gameSessionId } = session;
    this.#deps.telemetry.gameSessionPlaced(placementOf(session));
    const live = new LiveGameSession(this.#deps, session, this.#deadline, (outcome) => {
      this.#live = undefined;
      void this.#afterGameSession(gameSessionId, outcome);
    });
    this.#live = live;
    if (!this.#isReachable) live.setReachable(false);
    void live.open(() => {
      // What hangs in there may yet open, beside the next match: this process takes none.
      this.drain("fault", SESSION_LIMITS.settleMs);
    });
  }

  #reachable(isReachable: boolean): void {
    if (this.#lost !== undefined) return;
    this.#deps.telemetry.fleetReachable({ isReachable });
    this.#isReachable = isReachable;
    this.#live?.setReachable(isReachable);
  }

  /** With a match the process ends after it, without one at once. */
  #fleetLost(cause: unknown): void {
    if (this.#lost !== undefined || this.#isFinished) return;
    this.#deps.telemetry.fleetLost({ cause });
    const message = "the fleet ended the connection, and will place no game session here any more";
    this.#lost = new GameServerError(ErrorCode.FLEET_LOST, message, { cause });
    if (this.#live === undefined) void this.#finish();
    else this.#live.fleetLost();
  }

  async #afterGameSession(gameSessionId: string, outcome: MatchOutcome): Promise<void> {
    if (outcome === "aborted" && !this.#isDraining) {
      await sleep(this.#deps.clock, SESSION_LIMITS.abortRestMs);
    }
    if (!this.#isDraining && this.#lost === undefined) {
      const next = await this.#tell("game_session_ended", () =>
        this.#deps.fleet.process.gameSessionEnded(gameSessionId),
      );
      if (next === "await_game_session" && !this.#isDraining) return;
    }
    await this.#finish();
  }

  async #finish(): Promise<void> {
    if (this.#isFinished) return;
    this.#isFinished = true;
    const lost = this.#lost;
    // A fleet that is lost hears nothing any more.
    if (lost === undefined) {
      await this.#tell("process_ending", () => this.#deps.fleet.process.ending());
    }
    this.#deadline.end();
    this.#health.close();
    // Whoever was told to stop has done so in good order.
    if (lost === undefined || this.#deadline.isSet) this.#done.resolve();
    else this.#done.reject(lost);
  }

  /**
   * Tells the fleet that something ended, time-boxed. Even when the time of a drain is up there is a moment for it: a
   * fleet that was not told calls the process crashed.
   */
  async #tell<T>(action: FleetCall, call: () => Promise<T>): Promise<T | undefined> {
    const { tellMsMax, tellMsMin } = SESSION_LIMITS;
    const mostMs = Math.max(this.#deadline.leftMs(tellMsMax), tellMsMin);
    const overdue = new AbortController();
    const cancel = this.#deps.clock.after(mostMs, () => overdue.abort());
    try {
      return await untilAborted(call(), overdue.signal);
    } catch (cause) {
      this.#deps.telemetry.fleetCallFailed({ action, cause });
      return undefined;
    } finally {
      cancel();
    }
  }
}

/** What names a game session in the logs of others: queues, matchmakers, whoever began its trace. */
function placementOf({ gameSessionId, name, matchmakerData, gameProperties }: GameSession) {
  const matchmaker = parseMatchmakerData(matchmakerData);
  return {
    gameSessionId,
    gameSessionName: name,
    placementId: gameSessionId.slice(gameSessionId.lastIndexOf("/") + 1),
    matchId: matchmaker?.matchId ?? "",
    ticketId: matchmaker?.autoBackfillTicketId ?? "",
    traceParent: traceParentOf(gameProperties["traceparent"]),
  };
}
