import type { ServerConfig } from "./config.ts";
import type { GameChoice } from "./host/game-choice.ts";
import { gameChoice, gamesOf } from "./host/hosted-games.ts";

/** What errors call the module that is part of this program. */
const OWN = "the server's own rooms";

/**
 * Which games this process can host: those of `FLEETROOM_ROOMS`, or else the server's own. A built server has
 * `games-of-the-build.ts` instead.
 * @throws GameServerError ROOMS_MODULE_INVALID, or ROOM_UNKNOWN with the names there are.
 */
export async function openGames({
  rooms: file,
  room,
}: Pick<ServerConfig, "rooms" | "room">): Promise<GameChoice> {
  if (file === "") return gameChoice(gamesOf(await import("./rooms.ts"), OWN), room, OWN);
  const { loadRoomsModule } = await import("./host/rooms-module.ts");
  return gameChoice(await loadRoomsModule(file), room, file);
}
