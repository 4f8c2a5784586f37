/**
 * Loads the rooms module that its argument names and tells its parent what is in it.
 * @module
 */
import type { HostedGame } from "../../server/host/game-choice.ts";
import { loadRooms } from "../../server/host/rooms-module.ts";
import type { ListedGame, RoomsListed } from "./rooms-listing.ts";

/** Amazon GameLift's own maximum of a game session. */
const SEATS_MAX = 200;

async function list(file: string): Promise<RoomsListed> {
  try {
    const { games, sources } = await loadRooms(file);
    return { games: [...games].map(([name, game]) => listed(name, game)), sources };
  } catch (error) {
    return { mistake: (error as Error).message };
  }
}

function listed(name: string, game: HostedGame): ListedGame {
  return { name, kind: game.kind, seatsMax: Math.min(seatsOf(game), SEATS_MAX) };
}

/** A room class says it of an instance; one that cannot be made here, or says nothing, has no maximum. */
function seatsOf(game: HostedGame): number {
  if (game.kind === "simulation") return game.simulation.seatsMax;
  try {
    const { maxClients } = new game.roomClass();
    return Number.isInteger(maxClients) && maxClients > 0 ? maxClients : SEATS_MAX;
  } catch {
    return SEATS_MAX;
  }
}

const answer = await list(process.argv[2] ?? "");
// Whatever the module has left running ends with the answer.
process.send?.(answer, () => process.exit());
