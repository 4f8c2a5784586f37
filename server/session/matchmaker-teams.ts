/**
 * Which team each player was matched into, out of the JSON that FlexMatch attaches to a game session.
 * @module
 */

/** More than FlexMatch makes; a bound against a game session made by hand. */
const TEAMS_MAX = 64;
/** At most 192 bytes; the journal has room for 255. */
const NAME_CHARS_MAX = 64;

export interface MatchmakerTeams {
  /** In matchmaking order; empty when the session has no teams. */
  readonly names: readonly string[];
  /** `""` for a player in no team. */
  teamOf(playerId: string): string;
}

/**
 * Reads `{ "teams": [ { "name", "players": [ { "playerId" } ] } ] }`; what is not of that shape is passed over.
 */
export function readMatchmakerTeams(matchmakerData: string): MatchmakerTeams {
  const teamByPlayer = new Map<string, string>();
  const names: string[] = [];
  for (const team of listOf(parsed(matchmakerData), "teams").slice(0, TEAMS_MAX)) {
    const name = textOf(team, "name");
    if (name === undefined || !isTeamName(name) || names.includes(name)) continue;
    names.push(name);
    for (const player of listOf(team, "players")) {
      const playerId = textOf(player, "playerId");
      if (playerId !== undefined) teamByPlayer.set(playerId, name);
    }
  }
  return { names, teamOf: (playerId) => teamByPlayer.get(playerId) ?? "" };
}

/** `""` means no team, and a name must come out of the journal as it went in. */
function isTeamName(name: string): boolean {
  return name !== "" && name.length <= NAME_CHARS_MAX && name.isWellFormed();
}

function parsed(json: string): unknown {
  if (json === "") return undefined;
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function fieldOf(value: unknown, field: string): unknown {
  return typeof value === "object" && value !== null
    ? (value as Record<string, unknown>)[field]
    : undefined;
}

function listOf(value: unknown, field: string): readonly unknown[] {
  const list = fieldOf(value, field);
  return Array.isArray(list) ? list : [];
}

function textOf(value: unknown, field: string): string | undefined {
  const text = fieldOf(value, field);
  return typeof text === "string" ? text : undefined;
}
