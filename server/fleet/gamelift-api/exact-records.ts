import type { PlayerSession, PlayerSessionStatus } from "../fleet.ts";
import { GAMELIFT_API_LIMITS } from "./limits.ts";

/** One page's entry, as the service wrote it. Nothing about it is believed. */
type Described = Readonly<Record<string, unknown>>;

const STATUSES: ReadonlySet<unknown> = new Set<PlayerSessionStatus>([
  "RESERVED",
  "ACTIVE",
  "COMPLETED",
  "TIMEDOUT",
]);
const ID_SHAPE = /^psess-[A-Za-z0-9-]+$/;

/**
 * The player sessions of one game session among what was described, each as it came last. Whatever is not exactly one is
 * left out, since a seat may depend on it: ids and statuses of no known form, other game sessions, and an id that was
 * described for two players.
 */
export function exactRecords(
  described: readonly unknown[],
  gameSessionId: string,
): readonly PlayerSession[] {
  const found = new Map<string, PlayerSession>();
  const ambiguous = new Set<string>();
  for (const each of described) {
    const record = exactRecord(each, gameSessionId);
    if (record === undefined) continue;
    const known = found.get(record.playerSessionId);
    if (known !== undefined && known.playerId !== record.playerId) {
      ambiguous.add(record.playerSessionId);
    }
    found.set(record.playerSessionId, record);
  }
  for (const id of ambiguous) found.delete(id);
  return [...found.values()];
}

function exactRecord(described: unknown, gameSessionId: string): PlayerSession | undefined {
  if (typeof described !== "object" || described === null) return undefined;
  const { PlayerSessionId, PlayerId, GameSessionId, Status, PlayerData } = described as Described;
  const { playerSessionIdCharsMax, playerIdCharsMax, playerDataCharsMax } = GAMELIFT_API_LIMITS;
  const playerData = PlayerData ?? "";
  const isExact =
    GameSessionId === gameSessionId &&
    isText(PlayerSessionId, playerSessionIdCharsMax) &&
    ID_SHAPE.test(PlayerSessionId) &&
    isText(PlayerId, playerIdCharsMax) &&
    PlayerId !== "" &&
    isText(playerData, playerDataCharsMax) &&
    STATUSES.has(Status);
  if (!isExact) return undefined;
  return {
    playerSessionId: PlayerSessionId,
    playerId: PlayerId,
    gameSessionId,
    status: Status as PlayerSessionStatus,
    playerData,
  };
}

/** The API counts whole characters, of which one may be two units here. */
function isText(value: unknown, charsMax: number): value is string {
  if (typeof value !== "string" || value.length > 2 * charsMax) return false;
  return value.length <= charsMax || [...value].length <= charsMax;
}
