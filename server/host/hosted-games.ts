/**
 * What a rooms module says: games by name.
 * @module
 */
import { SCHEMA_VERSION_CHARS_MAX } from "../../protocol/control.ts";
import type { Simulation } from "../../rooms/simulation.ts";
import { ErrorCode, GameServerError } from "../errors.ts";
import { GameChoice, type HostedGame } from "./game-choice.ts";
import type { RoomClass } from "./hosted-room.ts";

/**
 * Takes the games of a rooms module that is loaded: its `rooms` export, or else its default export, is an object whose
 * values are Simulations, Room classes, or what Colyseus's `defineRoom` returns.
 * @param file - What the errors call it.
 * @throws GameServerError ROOMS_MODULE_INVALID, with what is wrong.
 */
export function gamesOf(module: unknown, file: string): ReadonlyMap<string, HostedGame> {
  const map = mapOf(module);
  if (map === undefined) {
    throw invalid(file, 'it exports neither "rooms" nor a default object of rooms by name');
  }
  const games = new Map<string, HostedGame>();
  for (const [name, value] of Object.entries(map)) {
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(name)) {
      throw invalid(file, `"${name}" is no room name: 1 to 64 of A-Z a-z 0-9 _ -`);
    }
    const game = gameOf(value);
    if (game === undefined) {
      throw invalid(file, `"${name}" is neither a Simulation nor a Room class`);
    }
    const problem = problemOf(game);
    if (problem !== undefined) throw invalid(file, `"${name}" ${problem}`);
    games.set(name, game);
  }
  if (games.size === 0) throw invalid(file, "it maps no names to rooms");
  return games;
}

function mapOf(module: unknown): Record<string, unknown> | undefined {
  if (!isObject(module)) return undefined;
  const main = module["default"];
  for (const candidate of [module["rooms"], isObject(main) ? main["rooms"] : undefined, main]) {
    if (isObject(candidate)) return candidate;
  }
  return undefined;
}

function gameOf(value: unknown): HostedGame | undefined {
  if (isRoomClass(value)) return { kind: "room", roomClass: value, options: {} };
  if (!isObject(value)) return undefined;
  if (isRoomClass(value["klass"])) {
    const options = value["options"];
    return { kind: "room", roomClass: value["klass"], options: isObject(options) ? options : {} };
  }
  const { replica } = value;
  const isSimulation =
    hasMethods(value, SIMULATION_METHODS) &&
    isObject(replica) &&
    hasMethods(replica, ["create", "join", "leave", "write"]);
  return isSimulation
    ? { kind: "simulation", simulation: value as unknown as Simulation }
    : undefined;
}

/** @returns What is wrong with what a game says of its clients, `undefined` if nothing is. */
function problemOf(game: HostedGame): string | undefined {
  const { schemaVersion } = (game.kind === "simulation" ? game.simulation : game.roomClass) as {
    schemaVersion?: unknown;
  };
  const isUsable =
    schemaVersion === undefined ||
    (typeof schemaVersion === "string" &&
      schemaVersion.length > 0 &&
      schemaVersion.length <= SCHEMA_VERSION_CHARS_MAX);
  return isUsable
    ? undefined
    : `has a schemaVersion that no client can say: make it text of 1 to ${SCHEMA_VERSION_CHARS_MAX} characters`;
}

const SIMULATION_METHODS = [
  "create",
  "join",
  "leave",
  "decode",
  "advance",
  "result",
  "standing",
  "hash",
];

function hasMethods(value: Record<string, unknown>, names: readonly string[]): boolean {
  return names.every((name) => typeof value[name] === "function");
}

function isRoomClass(value: unknown): value is RoomClass {
  return (
    typeof value === "function" &&
    isObject(value.prototype) &&
    typeof (value.prototype as Record<string, unknown>)["broadcastPatch"] === "function"
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function invalid(file: string, why: string): GameServerError {
  return new GameServerError(
    ErrorCode.ROOMS_MODULE_INVALID,
    `the rooms module ${file} cannot be used: ${why}`,
  );
}

/**
 * @param usual - The game of a game session that names none; `""` for the first.
 * @throws GameServerError ROOM_UNKNOWN with the names there are.
 */
export function gameChoice(
  games: ReadonlyMap<string, HostedGame>,
  usual: string,
  file: string,
): GameChoice {
  const [first = ""] = games.keys();
  const name = usual || first;
  if (games.has(name)) return new GameChoice(games, name);
  throw new GameServerError(
    ErrorCode.ROOM_UNKNOWN,
    `there is no room "${usual}" in ${file}; there is ${[...games.keys()].join(", ")}`,
  );
}
