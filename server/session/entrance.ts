import type { Clock } from "../clock.ts";
import type { Fleet, GameSession, GameSessionReader } from "../fleet/fleet.ts";
import type { RosterSource, Telemetry } from "../telemetry/telemetry.ts";
import { Admission, type AdmissionDeps } from "./admission.ts";
import { FleetBreaker } from "./fleet-breaker.ts";
import { Removals } from "./removals.ts";
import { Roster } from "./roster.ts";

export interface EntranceDeps
  extends Pick<
    AdmissionDeps,
    "acceptTimeoutMs" | "seatsMax" | "newSessionId" | "onOccupied" | "onGivenBack"
  > {
  readonly fleet: Fleet;
  readonly gameSession: GameSession;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

/** How players come into one game session and go: admission with all that it asks the fleet through. */
export class Entrance {
  readonly admission: Admission;
  readonly removals: Removals;
  readonly #breaker: FleetBreaker;
  readonly #roster: Roster;
  readonly #secondOpinion: Roster | undefined;
  readonly #keepsReservations: boolean;

  constructor(deps: EntranceDeps) {
    const { fleet, gameSession, clock, telemetry } = deps;
    const { playerSessions, secondOpinion } = fleet;
    const { gameSessionId } = gameSession;
    const breakerOf = (source: RosterSource) => new FleetBreaker({ clock, telemetry, source });
    const rosterOf = (reader: GameSessionReader, source: RosterSource, breaker: FleetBreaker) =>
      new Roster({ reader, gameSessionId, clock, telemetry, breaker, source });
    this.#breaker = breakerOf("fleet");
    this.#roster = rosterOf(fleet.gameSessions, "fleet", this.#breaker);
    const second = "second_opinion";
    this.#secondOpinion = secondOpinion && rosterOf(secondOpinion, second, breakerOf(second));
    this.#keepsReservations = fleet.gameSessions.keepsReservations === true;
    this.removals = new Removals({ playerSessions, clock, telemetry });
    this.admission = new Admission({
      ...deps,
      playerSessions,
      roster: this.#roster,
      secondOpinion: this.#secondOpinion,
      breaker: this.#breaker,
      removals: this.removals,
    });
  }

  /** The fleet hints that player sessions were added or changed. */
  playerSessionsChanged(): void {
    this.#roster.invalidate();
  }

  /** The fleet can be spoken to, or cannot for now. */
  setReachable(isReachable: boolean): void {
    this.#breaker.setReachable(isReachable);
    if (isReachable) this.removals.wake();
  }

  /** Whether a player is on the way here, or may be by what the fleet says. @returns `undefined` if it does not say. */
  async expectsAnybody(): Promise<boolean | undefined> {
    const records = this.#keepsReservations ? [] : await this.#roster.describe();
    if (this.admission.isAnybodyOnTheWay) return true;
    return records?.some(({ status }) => status === "RESERVED");
  }

  /** Nobody is looked up any more. */
  close(): void {
    this.#roster.close();
    this.#secondOpinion?.close();
  }
}
