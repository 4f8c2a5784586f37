import type { ServerConfig } from "./config.ts";
import { ErrorCode, GameServerError } from "./errors.ts";
import type { GameChoice } from "./host/game-choice.ts";
import { gameChoice, gamesOf } from "./host/hosted-games.ts";
import * as roomsModule from "./rooms.ts";

/** What errors call the module that came with the build. */
const ROOMS_OF_THE_BUILD = "the rooms of this build";

/**
 * Stands in for `games.ts` in a built server, which has no esbuild, and no packages that a rooms module could import; the
 * build may put a project's module in the place of `rooms.ts`.
 * @throws GameServerError ROOMS_MODULE_INVALID, with what to do; or ROOM_UNKNOWN with the names there are.
 */
export async function openGames({
  rooms: file,
  room,
}: Pick<ServerConfig, "rooms" | "room">): Promise<GameChoice> {
  if (file === "")
    return gameChoice(gamesOf(roomsModule, ROOMS_OF_THE_BUILD), room, ROOMS_OF_THE_BUILD);
  throw new GameServerError(
    ErrorCode.ROOMS_MODULE_INVALID,
    `this is a built server, which hosts the rooms that it was built with and cannot load ${file}: ` +
      `build with "npm run build -- --rooms ${file}", and leave FLEETROOM_ROOMS empty`,
  );
}
