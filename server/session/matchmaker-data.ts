/**
 * What FlexMatch attaches to a game session: who was matched into which team, with which attributes.
 * @module
 */
import type { AttributeValue, BackfillPlayer } from "../fleet/fleet.ts";

/** Characters of the whole text, by the fleet's own rule. */
const TEXT_CHARS_MAX = 390_000;
/** More than FlexMatch makes; a bound against a game session made by hand. */
const TEAMS_MAX = 64;
/** At most 192 bytes; the journal has room for 255. */
const TEAM_NAME_CHARS_MAX = 64;
/** Of all teams together: a game session has no more player sessions. */
const PLAYERS_MAX = 1_024;
/** Of ids, names and texts; no rule of the fleet allows more. */
const CHARS_MAX = 1_024;
/** By the fleet's own rules, as are the next two. */
const ATTRIBUTES_MAX = 10;
const LIST_MAX = 100;
const MAP_MAX = 10;

interface MatchmakerPlayer {
  readonly playerId: string;
  /** At most 10. Without a prototype: every name in it is an attribute's. */
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

interface MatchmakerTeam {
  /** 1 to 64 characters, no two teams alike. */
  readonly name: string;
  readonly players: readonly MatchmakerPlayer[];
}

/** Texts that are missing are `""`. */
export interface MatchmakerData {
  readonly matchId: string;
  readonly matchmakingConfigurationArn: string;
  /** AUTOMATIC: the service itself looks for players in place of those who never came. */
  readonly autoBackfillMode: "MANUAL" | "AUTOMATIC" | undefined;
  readonly autoBackfillTicketId: string;
  /** In matchmaking order, at most 64 with 1,024 players in all; each player is in the first team that names him. */
  readonly teams: readonly MatchmakerTeam[];
}

/**
 * Reads a game session's matchmaker data. What is missing or not of its shape is passed over, and so is what is above a
 * limit; it never throws.
 * @returns `undefined` for `""`, what is no JSON object, and more than 390,000 characters.
 */
export function parseMatchmakerData(text: string): MatchmakerData | undefined {
  const json = parsed(text);
  if (json === undefined) return undefined;
  const mode = textOf(json, "autoBackfillMode")?.toUpperCase();
  return {
    matchId: textOf(json, "matchId") ?? "",
    matchmakingConfigurationArn: textOf(json, "matchmakingConfigurationArn") ?? "",
    autoBackfillMode: mode === "MANUAL" || mode === "AUTOMATIC" ? mode : undefined,
    autoBackfillTicketId: textOf(json, "autoBackfillTicketId") ?? "",
    teams: teamsOf(json),
  };
}

/**
 * The players of a match by their ids, as a backfill names them.
 * @param earlier - What was known before: whom the newer data do not name keeps what he had. The oldest are forgotten
 *   when there are more than 2,048.
 */
export function matchedPlayers(
  data: MatchmakerData,
  earlier: ReadonlyMap<string, BackfillPlayer> = new Map(),
): ReadonlyMap<string, BackfillPlayer> {
  const players = new Map(earlier);
  for (const { name: team, players: members } of data.teams) {
    for (const { playerId, attributes } of members) {
      players.delete(playerId);
      players.set(playerId, { playerId, team, attributes });
    }
  }
  for (const playerId of players.keys()) {
    if (players.size <= 2 * PLAYERS_MAX) break;
    players.delete(playerId);
  }
  return players;
}

function teamsOf(json: object): MatchmakerTeam[] {
  const teams = new Map<string, MatchmakerTeam>();
  const seen = new Set<string>();
  for (const team of listOf(json, "teams").slice(0, TEAMS_MAX)) {
    const name = textOf(team, "name");
    if (name === undefined || !isTeamName(name) || teams.has(name)) continue;
    const players: MatchmakerPlayer[] = [];
    for (const player of listOf(team, "players")) {
      if (seen.size >= PLAYERS_MAX) break;
      const playerId = textOf(player, "playerId") ?? "";
      if (playerId === "" || seen.has(playerId)) continue;
      seen.add(playerId);
      players.push({ playerId, attributes: attributesOf(player) });
    }
    teams.set(name, { name, players });
  }
  return [...teams.values()];
}

/** `""` means no team, and a name must come out of the journal as it went in. */
function isTeamName(name: string): boolean {
  return name !== "" && name.length <= TEAM_NAME_CHARS_MAX && name.isWellFormed();
}

function attributesOf(player: unknown): Record<string, AttributeValue> {
  return bounded(fieldOf(player, "attributes"), ATTRIBUTES_MAX, attributeOf);
}

function attributeOf(attribute: unknown): AttributeValue | undefined {
  const value = fieldOf(attribute, "valueAttribute");
  switch (fieldOf(attribute, "attributeType")) {
    case "STRING":
      return isText(value) ? { type: "string", value } : undefined;
    case "DOUBLE":
      return isNumber(value) ? { type: "number", value } : undefined;
    case "STRING_LIST":
      return Array.isArray(value)
        ? { type: "string_list", value: value.filter(isText).slice(0, LIST_MAX) }
        : undefined;
    case "STRING_DOUBLE_MAP":
      return isObject(value)
        ? {
            type: "string_number_map",
            value: bounded(value, MAP_MAX, (number) => (isNumber(number) ? number : undefined)),
          }
        : undefined;
    default:
      return undefined;
  }
}

/** The first `most` members of an object that `read` makes something of, without a prototype. */
function bounded<T>(
  value: unknown,
  most: number,
  read: (member: unknown) => T | undefined,
): Record<string, T> {
  const members: Record<string, T> = Object.create(null);
  if (!isObject(value)) return members;
  let count = 0;
  for (const [name, member] of Object.entries(value)) {
    if (count === most) break;
    const readable = isText(name) ? read(member) : undefined;
    if (readable === undefined) continue;
    members[name] = readable;
    count++;
  }
  return members;
}

function parsed(json: string): object | undefined {
  if (json === "" || json.length > TEXT_CHARS_MAX) return undefined;
  try {
    const value: unknown = JSON.parse(json);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.length <= CHARS_MAX;
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

/** @param field - Of ours, so that it is in no prototype. */
function fieldOf(value: unknown, field: string): unknown {
  return isObject(value) ? (value as Record<string, unknown>)[field] : undefined;
}

function listOf(value: unknown, field: string): readonly unknown[] {
  const list = fieldOf(value, field);
  return Array.isArray(list) ? list : [];
}

function textOf(value: unknown, field: string): string | undefined {
  const text = fieldOf(value, field);
  return isText(text) ? text : undefined;
}
