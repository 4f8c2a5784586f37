import type { Applicant } from "./applicant.ts";
import type { Clock } from "./clock.ts";
import type { FleetApi, GameSessionRecord } from "./fleet-api.ts";
import { LOBBY_LIMITS } from "./limits.ts";

export type Step =
  | { readonly state: "under_way" }
  | { readonly state: "open"; readonly gameSession: GameSessionRecord }
  /** Nothing came of it; who may still hope waits again. */
  | { readonly state: "failed" };

/**
 * A game session in the making, and those for whom it is made:
 * ```
 * placing -> opening -> open
 *    |          |
 *    v          v
 *  failed     failed       nobody waits any more: given up, which is failed too
 * ```
 */
export class PlacedGameSession {
  readonly #fleet: FleetApi;
  readonly #clock: Clock;
  readonly #placementId: string;
  readonly #applicants: readonly Applicant[];
  readonly #startedAtMs: number;
  #opening:
    | { readonly gameSessionId: string; readonly playerSessionIds: ReadonlyMap<string, string> }
    | undefined;

  constructor(deps: {
    fleet: FleetApi;
    clock: Clock;
    placementId: string;
    applicants: readonly Applicant[];
  }) {
    this.#fleet = deps.fleet;
    this.#clock = deps.clock;
    this.#placementId = deps.placementId;
    this.#applicants = deps.applicants;
    this.#startedAtMs = deps.clock.nowMs();
    for (const applicant of deps.applicants) {
      applicant.isPlacing = true;
      applicant.placements++;
    }
  }

  get ageMs(): number {
    return this.#clock.nowMs() - this.#startedAtMs;
  }

  /** Looks once how far it is. @throws FleetApiError */
  async follow(): Promise<Step> {
    if (!this.#applicants.some(({ isWaiting }) => isWaiting)) {
      if (this.#opening === undefined) await this.#fleet.cancelPlacement(this.#placementId);
      return { state: "failed" };
    }
    return this.#opening === undefined ? this.#followPlacement() : this.#followOpening();
  }

  /** Nobody will follow it any more. */
  abandon(): void {
    // A fleet that cannot be asked cannot be told either: its queue's own timeout ends the placement.
    if (this.#opening === undefined) this.#fleet.cancelPlacement(this.#placementId).catch(() => {});
  }

  async #followPlacement(): Promise<Step> {
    const placement = await this.#fleet.placement(this.#placementId);
    if (placement.state === "pending") return { state: "under_way" };
    // The queue has waited longer for a free server than another placement could hope to.
    if (placement.state === "ended") return this.#fail(false);
    this.#opening = placement;
    return this.#followOpening();
  }

  async #followOpening(): Promise<Step> {
    const opening = this.#opening;
    const gameSession = opening && (await this.#fleet.gameSession(opening.gameSessionId));
    // A server refuses players until its room is open.
    if (gameSession?.phase === "opening") return { state: "under_way" };
    if (opening === undefined || gameSession?.phase !== "active") return this.#fail(true);
    const { gameSessionId, address } = gameSession;
    for (const applicant of this.#applicants) {
      const { playerId } = applicant.player;
      const playerSessionId = opening.playerSessionIds.get(playerId);
      if (playerSessionId === undefined) applicant.isPlacing = false;
      else applicant.seat({ playerId, playerSessionId, gameSessionId, address });
    }
    return { state: "open", gameSession };
  }

  #fail(mayTryAgain: boolean): Step {
    for (const applicant of this.#applicants) {
      applicant.isPlacing = false;
      if (!mayTryAgain || applicant.placements >= LOBBY_LIMITS.placementsPerJoinMax) {
        applicant.refuse("no_server_free");
      }
    }
    return { state: "failed" };
  }
}
