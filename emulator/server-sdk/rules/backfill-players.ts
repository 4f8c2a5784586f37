import { SERVICE_LIMITS } from "../limits.ts";
import type { Message } from "./answer.ts";

/** Which member holds the value of each type of attribute. */
const VALUE_MEMBERS: Readonly<Record<string, string>> = {
  STRING: "S",
  DOUBLE: "N",
  STRING_LIST: "SL",
  STRING_DOUBLE_MAP: "SDM",
};

/** What is wrong with the players of a backfill whose shape is right, or nothing. Never a value. */
export function wrongPlayers(players: readonly Message[]): string | undefined {
  const { backfillPlayersMax } = SERVICE_LIMITS;
  if (players.length === 0) return "Players is empty";
  if (players.length > backfillPlayersMax) {
    return `Players has more than ${backfillPlayersMax} players`;
  }
  for (const player of players) {
    const wrong = wrongPlayer(player);
    if (wrong !== undefined) return `Players: ${wrong}`;
  }
  return undefined;
}

/** The players as the control plane keeps them: documented members alone, each written in one way. */
export function plainPlayers(players: readonly Message[]): readonly Message[] {
  return players.map((player) => ({
    PlayerId: player["PlayerId"],
    Team: player["Team"],
    LatencyInMs: player["LatencyInMs"] || {},
    PlayerAttributes: Object.fromEntries(
      attributesOf(player).map(([name, attribute]) => [name, plainAttribute(attribute)]),
    ),
  }));
}

/** One SDK writes `attrType`. */
function plainAttribute(attribute: Message): Message {
  const type = typeOf(attribute);
  const member = VALUE_MEMBERS[type];
  return { AttrType: type, ...(member !== undefined && { [member]: attribute[member] }) };
}

function wrongPlayer(player: Message): string | undefined {
  const { attributesMax, latenciesMax } = SERVICE_LIMITS;
  const attributes = attributesOf(player);
  const latencies = Object.values(player["LatencyInMs"] || {});
  if (isNoText(player["PlayerId"], 1_024)) return "PlayerId is not 1 to 1024 characters";
  if ((player["Team"] as string).length > 1_024) return "Team has more than 1024 characters";
  if (latencies.length > latenciesMax) return `LatencyInMs has more than ${latenciesMax} entries`;
  if (latencies.some((latencyMs) => latencyMs < 0)) return "LatencyInMs is negative";
  if (attributes.length > attributesMax) {
    return `PlayerAttributes has more than ${attributesMax} attributes`;
  }
  for (const [, attribute] of attributes) {
    const wrong = wrongAttribute(attribute);
    if (wrong !== undefined) return `PlayerAttributes: ${wrong}`;
  }
  return undefined;
}

function wrongAttribute(attribute: Message): string | undefined {
  const { attributeCharsMax, attributeListMax, attributeMapMax } = SERVICE_LIMITS;
  switch (typeOf(attribute)) {
    case "STRING":
      return (attribute["S"] as string).length > attributeCharsMax
        ? `S has more than ${attributeCharsMax} characters`
        : undefined;
    case "STRING_LIST": {
      const list = attribute["SL"] as readonly string[];
      return list.length > attributeListMax || list.some((text) => text.length > attributeCharsMax)
        ? `SL has more than ${attributeListMax} texts of ${attributeCharsMax} characters`
        : undefined;
    }
    case "STRING_DOUBLE_MAP":
      return Object.keys(attribute["SDM"] as object).length > attributeMapMax
        ? `SDM has more than ${attributeMapMax} entries`
        : undefined;
    default:
      return undefined;
  }
}

function attributesOf(player: Message): readonly (readonly [string, Message])[] {
  return Object.entries((player["PlayerAttributes"] || {}) as Readonly<Record<string, Message>>);
}

function typeOf(attribute: Message): string {
  return (attribute["AttrType"] ?? attribute["attrType"]) as string;
}

function isNoText(value: unknown, charsMax: number): boolean {
  return typeof value !== "string" || value.length === 0 || value.length > charsMax;
}
