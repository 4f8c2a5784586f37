/**
 * Which game a game session is of: a process can host each game of its rooms module.
 * @module
 */
import type { Simulation } from "../../rooms/simulation.ts";
import { ErrorCode, GameServerError } from "../errors.ts";
import type { GameSession } from "../fleet/fleet.ts";
import type { RoomClass } from "./hosted-room.ts";

/** One entry of a rooms module. */
export type HostedGame =
  | { readonly kind: "simulation"; readonly simulation: Simulation }
  | { readonly kind: "room"; readonly roomClass: RoomClass; readonly options: object };

/** The game property by which whoever makes a game session names its game. */
const ROOM_PROPERTY = "room";

export class GameChoice {
  readonly #games: ReadonlyMap<string, HostedGame>;
  /** The game of a game session that names none. */
  readonly usual: string;

  /** @param usual - One of `games`. */
  constructor(games: ReadonlyMap<string, HostedGame>, usual: string) {
    this.#games = games;
    this.usual = usual;
  }

  /** The name that a game session's game goes by, whether there is such a game or not. */
  nameFor({ gameProperties }: Pick<GameSession, "gameProperties">): string {
    return gameProperties[ROOM_PROPERTY] || this.usual;
  }

  /** @throws GameServerError ROOM_UNKNOWN with the names there are. */
  gameFor(session: Pick<GameSession, "gameProperties">): HostedGame {
    const name = this.nameFor(session);
    const game = this.#games.get(name);
    if (game !== undefined) return game;
    throw new GameServerError(
      ErrorCode.ROOM_UNKNOWN,
      `the game session's property "${ROOM_PROPERTY}" names ${JSON.stringify(name)}; ` +
        `there is ${[...this.#games.keys()].join(", ")}`,
    );
  }
}
