/**
 * Brings players to game sessions: who they are, whether they have a seat already, and one desk for each game.
 * @module
 */
import type { Verdict } from "./applicant.ts";
import type { Clock } from "./clock.ts";
import { type FleetApi, FleetApiError } from "./fleet-api.ts";
import { type Game, GameDesk } from "./game-desk.ts";
import type { Log } from "./log.ts";
import type { PlayerIdentity, PlayerTokens } from "./player-tokens.ts";
import type { RefusalCode } from "./refusals.ts";
import { standingOf } from "./returning-player.ts";

export interface LobbyDeps {
  readonly games: readonly Game[];
  readonly fleet: FleetApi;
  readonly clock: Clock;
  readonly log: Log;
  readonly tokens: PlayerTokens;
  /** How long a join waits at most. */
  readonly waitMs: number;
  readonly newPlacementId: () => string;
}

export interface JoinRequest {
  readonly game: string;
  /** Untrusted; `undefined` for a name that is made up. */
  readonly playerName: string | undefined;
  /** Of an earlier join; `undefined` for a player who was never here. */
  readonly playerToken: string | undefined;
  /** @see Application.mayOpen */
  readonly mayOpen: boolean;
  readonly signal: AbortSignal;
}

export type JoinOutcome =
  | (Extract<Verdict, { outcome: "seated" }> & { readonly player: PlayerIdentity })
  | { readonly outcome: "refused"; readonly code: RefusalCode };

export class Lobby {
  readonly games: readonly Game[];
  readonly #deps: LobbyDeps;
  readonly #desks: ReadonlyMap<string, GameDesk>;
  /** Players whose join is under way: who asks twice at once gets one seat. */
  readonly #underWay = new Set<string>();

  constructor(deps: LobbyDeps) {
    this.games = deps.games;
    this.#deps = deps;
    this.#desks = new Map(deps.games.map((game) => [game.name, new GameDesk({ ...deps, game })]));
  }

  /** Never rejects, and answers within the lobby's waiting time and one round of calls. */
  async join(request: JoinRequest): Promise<JoinOutcome> {
    const desk = this.#desks.get(request.game);
    if (desk === undefined) return { outcome: "refused", code: "unknown_game" };
    const { tokens, clock, log } = this.#deps;
    const known = request.playerToken === undefined ? undefined : tokens.read(request.playerToken);
    const player = known ?? tokens.newPlayer();
    if (this.#underWay.has(player.playerId)) return { outcome: "refused", code: "join_under_way" };
    this.#underWay.add(player.playerId);
    const startedAtMs = clock.nowMs();
    try {
      const isKnown = known !== undefined;
      const verdict = await this.#verdict(desk, request, player, isKnown);
      const waitedMs = Math.round(clock.nowMs() - startedAtMs);
      const code = verdict.outcome === "refused" ? verdict.code : undefined;
      log("info", "join", { game: request.game, outcome: code ?? "seated", waitedMs });
      return verdict.outcome === "seated" ? { ...verdict, player } : verdict;
    } finally {
      this.#underWay.delete(player.playerId);
    }
  }

  async #verdict(
    desk: GameDesk,
    request: JoinRequest,
    { playerId }: PlayerIdentity,
    isKnown: boolean,
  ): Promise<Verdict> {
    const { game, playerName, mayOpen, signal } = request;
    try {
      const standing = isKnown ? await standingOf(this.#deps, playerId, game) : undefined;
      if (standing?.state === "playing") return { outcome: "refused", code: "already_playing" };
      if (standing?.state === "reserved") return { outcome: "seated", seat: standing.seat };
    } catch (error) {
      if (!(error instanceof FleetApiError)) throw error;
      this.#deps.log("warn", "fleet_call_failed", { game, error: error.message, isFinal: true });
      return { outcome: "refused", code: "fleet_unreachable" };
    }
    const name = playerName ?? `Guest ${playerId.slice(-4).toUpperCase()}`;
    const player = { playerId, playerData: JSON.stringify({ name }) };
    return desk.apply({ player, mayOpen, waitMs: this.#deps.waitMs, signal });
  }
}
