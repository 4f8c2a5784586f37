/**
 * What the page's buttons ask for, beside faults.
 * @module
 */
import type { ControlPlane } from "../plane/control-plane.ts";
import type { GameSessionRequest } from "../plane/game-session-orders.ts";
import { done, isRefused, type Outcome, refused } from "../plane/outcome.ts";
import type { GameProperty } from "../plane/records.ts";
import { CONSOLE_LIMITS } from "./limits.ts";

type Given = Readonly<Record<string, unknown>>;
type Order = (given: Given, plane: ControlPlane) => Outcome<object>;

/** By the last part of the path that the page posts to. */
export const ORDERS: Readonly<Record<string, Order>> = {
  "game-sessions": createGameSession,
  "player-sessions": reservePlayer,
  terminations: terminateGameSession,
};

function createGameSession(given: Given, plane: ControlPlane): Outcome<object> {
  const { fleetId, location, maximumPlayerSessionCount: count } = given;
  const { textCharsMax, playersMax, gameSessionDataCharsMax } = CONSOLE_LIMITS;
  if (!isText(fleetId)) return wrong("fleetId", "the id of a fleet");
  if (!isText(location)) return wrong("location", "a location of the fleet");
  if (!isWhole(count, 1, playersMax)) {
    return wrong("maximumPlayerSessionCount", `a whole number from 1 to ${playersMax}`);
  }
  const name = optionalText(given["name"], textCharsMax);
  if (name === undefined) return wrong("name", `a text of at most ${textCharsMax} characters`);
  const gameSessionData = optionalText(given["gameSessionData"], gameSessionDataCharsMax);
  if (gameSessionData === undefined) {
    const allowed = `a text of at most ${gameSessionDataCharsMax} characters`;
    return wrong("gameSessionData", allowed);
  }
  const gameProperties = propertiesOf(given["gameProperties"] ?? {});
  if (gameProperties === undefined) return wrong("gameProperties", PROPERTIES_ALLOWED);
  const request: GameSessionRequest = {
    fleetId,
    location,
    maximumPlayerSessionCount: count,
    gameProperties,
    ...(name !== "" && { name }),
    ...(gameSessionData !== "" && { gameSessionData }),
  };
  const created = plane.gameSessions.create(request);
  if (isRefused(created)) return created;
  return done({ gameSessionId: created.value.gameSessionId });
}

function reservePlayer(given: Given, plane: ControlPlane): Outcome<object> {
  const { gameSessionId, playerId } = given;
  const { textCharsMax, playerDataCharsMax } = CONSOLE_LIMITS;
  if (!isText(gameSessionId)) return wrong("gameSessionId", "the id of a game session");
  if (!isText(playerId)) return wrong("playerId", `a text of 1 to ${textCharsMax} characters`);
  const playerData = optionalText(given["playerData"], playerDataCharsMax);
  if (playerData === undefined) {
    return wrong("playerData", `a text of at most ${playerDataCharsMax} characters`);
  }
  const created = plane.playerSessions.create(gameSessionId, [{ playerId, playerData }]);
  if (isRefused(created)) return created;
  return done({ playerSessionId: created.value[0]?.playerSessionId });
}

function terminateGameSession({ gameSessionId, mode }: Given, plane: ControlPlane) {
  if (!isText(gameSessionId)) return wrong("gameSessionId", "the id of a game session");
  if (mode !== "TRIGGER_ON_PROCESS_TERMINATE" && mode !== "FORCE_TERMINATE") {
    return wrong("mode", "TRIGGER_ON_PROCESS_TERMINATE or FORCE_TERMINATE");
  }
  const terminated = plane.gameSessions.terminate(gameSessionId, mode);
  if (isRefused(terminated)) return terminated;
  return done({ status: terminated.value.status });
}

function wrong(member: string, allowed: string) {
  return refused("InvalidRequest", `${member}: allowed is ${allowed}`);
}

function isText(value: unknown, charsMax: number = CONSOLE_LIMITS.textCharsMax): value is string {
  return typeof value === "string" && value !== "" && value.length <= charsMax;
}

function isWhole(value: unknown, min: number, max: number): value is number {
  return Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
}

/** `""` for what is left out, `undefined` for what is wrong. */
function optionalText(value: unknown, charsMax: number): string | undefined {
  if (value === undefined || value === "") return "";
  return isText(value, charsMax) ? value : undefined;
}

const PROPERTIES_ALLOWED = `an object of at most ${CONSOLE_LIMITS.gamePropertiesMax} texts: keys of 1 to ${CONSOLE_LIMITS.gamePropertyKeyCharsMax} characters, values of at most ${CONSOLE_LIMITS.gamePropertyValueCharsMax}`;

function propertiesOf(value: unknown): readonly GameProperty[] | undefined {
  const { gamePropertiesMax, gamePropertyKeyCharsMax, gamePropertyValueCharsMax } = CONSOLE_LIMITS;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const properties: GameProperty[] = [];
  for (const [key, text] of Object.entries(value)) {
    const isRight =
      isText(key, gamePropertyKeyCharsMax) &&
      typeof text === "string" &&
      text.length <= gamePropertyValueCharsMax;
    if (!isRight) return undefined;
    properties.push({ key, value: text });
  }
  return properties.length <= gamePropertiesMax ? properties : undefined;
}
