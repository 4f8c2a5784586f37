/**
 * From the Server SDK's shapes to the port's, and back.
 * @module
 */
import type {
  AttributeValue,
  BackfillPlayer,
  GameSession,
  GameSessionUpdate,
  PlayerSession,
} from "../fleet.ts";
import type * as Sdk from "../gamelift-server-sdk/index.ts";

const REASONS: Readonly<Record<string, GameSessionUpdate["reason"]>> = {
  MATCHMAKING_DATA_UPDATED: "matchmaking_data",
  BACKFILL_FAILED: "backfill_failed",
  BACKFILL_TIMED_OUT: "backfill_timed_out",
  BACKFILL_CANCELLED: "backfill_cancelled",
};

export function gameSessionOf(session: Sdk.GameSession): GameSession {
  const { gameSessionId, name, maximumPlayerSessionCount } = session;
  const { gameProperties, gameSessionData, matchmakerData } = session;
  return {
    gameSessionId,
    name,
    maximumPlayerSessionCount,
    gameProperties,
    gameSessionData,
    matchmakerData,
  };
}

/** `undefined` for a reason that this server knows nothing about. */
export function gameSessionUpdateOf(update: Sdk.GameSessionUpdate): GameSessionUpdate | undefined {
  const reason = REASONS[update.updateReason];
  if (reason === undefined) return undefined;
  const { backfillTicketId: ticketId, gameSession } = update;
  return { reason, ticketId, session: gameSessionOf(gameSession) };
}

/** `undefined` for a record that names nobody, or whose status says nothing. */
export function playerSessionOf(record: Sdk.PlayerSession): PlayerSession | undefined {
  const { playerSessionId, playerId, gameSessionId, status, playerData } = record;
  if (status === "NOT_SET" || playerSessionId === "" || playerId === "") return undefined;
  return { playerSessionId, playerId, gameSessionId, status, playerData };
}

export function backfillPlayer(player: BackfillPlayer): Sdk.BackfillPlayer {
  const attributes = Object.entries(player.attributes);
  return {
    playerId: player.playerId,
    team: player.team,
    playerAttributes: Object.fromEntries(
      attributes.map(([name, attribute]) => [name, attributeValue(attribute)]),
    ),
  };
}

function attributeValue(attribute: AttributeValue): Sdk.AttributeValue {
  switch (attribute.type) {
    case "string":
      return { AttrType: "STRING", S: attribute.value };
    case "number":
      return { AttrType: "DOUBLE", N: attribute.value };
    case "string_list":
      return { AttrType: "STRING_LIST", SL: attribute.value };
    case "string_number_map":
      return { AttrType: "STRING_DOUBLE_MAP", SDM: attribute.value };
  }
}
