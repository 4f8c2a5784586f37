/**
 * Where the players of one game are brought to game sessions: all who ask at the same time go through one loop, so that
 * they meet in one game session instead of opening one each.
 * @module
 */
import { Applicant, type Application, type Verdict } from "./applicant.ts";
import type { Clock } from "./clock.ts";
import { type FleetApi, FleetApiError, type GameSessionRecord } from "./fleet-api.ts";
import { LOBBY_LIMITS } from "./limits.ts";
import type { Log } from "./log.ts";
import { PlacedGameSession } from "./placed-game-session.ts";
import type { RefusalCode } from "./refusals.ts";

/** The game property that tells a server which game a game session is of. */
export const ROOM_PROPERTY = "room";

export interface Game {
  readonly name: string;
  /** Seats of a game session that is made for it. */
  readonly playersMax: number;
}

export interface GameDeskDeps {
  readonly game: Game;
  readonly fleet: FleetApi;
  readonly clock: Clock;
  readonly log: Log;
  readonly newPlacementId: () => string;
}

export class GameDesk {
  readonly #deps: GameDeskDeps;
  #applicants: Applicant[] = [];
  #placed: PlacedGameSession | undefined;
  #isRunning = false;
  #lastPassAtMs = Number.NEGATIVE_INFINITY;

  constructor(deps: GameDeskDeps) {
    this.#deps = deps;
  }

  /** Players who wait now. */
  get waitingCount(): number {
    return this.#applicants.filter(({ isWaiting }) => isWaiting).length;
  }

  /** Never rejects; answers within `application.waitMs`. */
  apply(application: Application): Promise<Verdict> {
    if (this.waitingCount >= LOBBY_LIMITS.waitingPerGameMax) {
      return Promise.resolve({ outcome: "refused", code: "too_many_waiting" });
    }
    const applicant = new Applicant(application, this.#deps.clock);
    this.#applicants.push(applicant);
    if (!this.#isRunning) void this.#run();
    return applicant.verdict;
  }

  /** Who waits and is in no placement. */
  get #waiting(): readonly Applicant[] {
    return this.#applicants.filter(({ isWaiting, isPlacing }) => isWaiting && !isPlacing);
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    let failedPasses = 0;
    while (this.waitingCount > 0 || this.#placed !== undefined) {
      await this.#pause();
      try {
        await this.#pass();
        failedPasses = 0;
      } catch (error) {
        failedPasses++;
        this.#failed(error, failedPasses);
      }
      this.#applicants = this.#applicants.filter(({ isWaiting }) => isWaiting);
    }
    this.#isRunning = false;
  }

  /** Passes keep their distance, also when the loop ended in between. */
  #pause(): Promise<void> {
    const { clock } = this.#deps;
    const { passIntervalMs, slowPassIntervalMs, slowAfterMs } = LOBBY_LIMITS;
    const isSlow = (this.#placed?.ageMs ?? 0) >= slowAfterMs;
    const dueMs = this.#lastPassAtMs + (isSlow ? slowPassIntervalMs : passIntervalMs);
    return new Promise((resolve) => {
      clock.after(Math.max(0, dueMs - clock.nowMs()), () => {
        this.#lastPassAtMs = clock.nowMs();
        resolve();
      });
    });
  }

  async #pass(): Promise<void> {
    const opened = await this.#follow();
    if (this.#waiting.length > 0) await this.#seatWaiting(opened);
    for (const applicant of this.#waiting)
      if (!applicant.mayOpen) applicant.refuse("no_match_open");
    if (this.#waiting.length > 0 && this.#placed === undefined) await this.#place();
  }

  /** @returns The game session that opened just now, which a search may not know yet. */
  async #follow(): Promise<GameSessionRecord | undefined> {
    const placed = this.#placed;
    if (placed === undefined) return undefined;
    const step = await placed.follow();
    if (step.state === "under_way") return undefined;
    this.#placed = undefined;
    return step.state === "open" ? step.gameSession : undefined;
  }

  /** Fills the game sessions that there are, the fullest first: players want to meet players. */
  async #seatWaiting(opened: GameSessionRecord | undefined): Promise<void> {
    const { fleet, game } = this.#deps;
    const found = await fleet.openGameSessions();
    const isKnown = found.some(({ gameSessionId }) => gameSessionId === opened?.gameSessionId);
    const sessions = (opened === undefined || isKnown ? found : [...found, opened])
      .filter(({ gameProperties, room }) => gameProperties[ROOM_PROPERTY] === game.name && room > 0)
      .sort((a, b) => a.room - b.room || a.createdAtMs - b.createdAtMs);
    for (const session of sessions) await this.#fill(session);
  }

  async #fill({ gameSessionId, room }: GameSessionRecord): Promise<void> {
    for (let left = room; left > 0; ) {
      const group = this.#waiting.slice(0, Math.min(left, LOBBY_LIMITS.playersPerCallMax));
      if (group.length === 0) return;
      const players = group.map(({ player }) => player);
      const seats = await this.#deps.fleet.reserve(gameSessionId, players);
      // Others were quicker, or it is over.
      if (seats === undefined) return;
      for (const seat of seats) {
        group.find(({ player }) => player.playerId === seat.playerId)?.seat(seat);
      }
      left -= group.length;
    }
  }

  async #place(): Promise<void> {
    const { fleet, game, clock, newPlacementId } = this.#deps;
    const seats = Math.min(game.playersMax, LOBBY_LIMITS.playersPerCallMax);
    const applicants = this.#waiting.slice(0, seats);
    const placementId = newPlacementId();
    await fleet.place({
      placementId,
      playersMax: game.playersMax,
      gameProperties: { [ROOM_PROPERTY]: game.name },
      players: applicants.map(({ player }) => player),
    });
    this.#placed = new PlacedGameSession({ fleet, clock, placementId, applicants });
  }

  #failed(error: unknown, failedPasses: number): void {
    const { log, game } = this.#deps;
    const mayPass = error instanceof FleetApiError && error.mayPass;
    const isFinal = !mayPass || failedPasses >= LOBBY_LIMITS.failedPassesMax;
    log("warn", "fleet_call_failed", {
      game: game.name,
      error: error instanceof FleetApiError ? error.message : String(error),
      isFinal,
    });
    if (!isFinal) return;
    this.#placed?.abandon();
    this.#placed = undefined;
    const code: RefusalCode = error instanceof FleetApiError ? "fleet_unreachable" : "internal";
    for (const applicant of this.#applicants) applicant.refuse(code);
  }
}
