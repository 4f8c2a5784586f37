/**
 * What Amazon GameLift's API says, in the lobby's words. Nothing is certain of what comes: what is missing is empty.
 * @module
 */
import type {
  GameProperty,
  GameSession,
  GameSessionPlacement,
  PlayerSession,
} from "@aws-sdk/client-gamelift";
import type {
  GameAddress,
  GameSessionRecord,
  Placement,
  PlayerSessionRecord,
  Seat,
} from "./fleet-api.ts";

export function gameSessionOf(session: GameSession): GameSessionRecord {
  const { MaximumPlayerSessionCount = 0, CurrentPlayerSessionCount = 0 } = session;
  const takesPlayers = session.PlayerSessionCreationPolicy !== "DENY_ALL";
  return {
    gameSessionId: session.GameSessionId ?? "",
    phase: phaseOf(session.Status),
    room: takesPlayers ? Math.max(0, MaximumPlayerSessionCount - CurrentPlayerSessionCount) : 0,
    gameProperties: Object.fromEntries(
      (session.GameProperties ?? []).map(({ Key = "", Value = "" }) => [Key, Value]),
    ),
    createdAtMs: session.CreationTime?.getTime() ?? 0,
    address: addressOf(session),
  };
}

function phaseOf(status: string | undefined): GameSessionRecord["phase"] {
  if (status === "ACTIVE") return "active";
  return status === "ACTIVATING" ? "opening" : "over";
}

export function playerSessionOf(session: PlayerSession): PlayerSessionRecord {
  return {
    playerSessionId: session.PlayerSessionId ?? "",
    gameSessionId: session.GameSessionId ?? "",
    status: session.Status ?? "",
    createdAtMs: session.CreationTime?.getTime() ?? 0,
  };
}

export function seatOf(session: PlayerSession): Seat {
  return {
    playerId: session.PlayerId ?? "",
    playerSessionId: session.PlayerSessionId ?? "",
    gameSessionId: session.GameSessionId ?? "",
    address: addressOf(session),
  };
}

export function placementOf(placement: GameSessionPlacement): Placement {
  const { Status, GameSessionArn, PlacedPlayerSessions } = placement;
  if (Status === "PENDING") return { state: "pending" };
  if (Status !== "FULFILLED" || GameSessionArn === undefined) {
    return { state: "ended", why: Status ?? "unknown" };
  }
  const placed = (PlacedPlayerSessions ?? []).map(
    ({ PlayerId = "", PlayerSessionId = "" }) => [PlayerId, PlayerSessionId] as const,
  );
  return { state: "fulfilled", gameSessionId: GameSessionArn, playerSessionIds: new Map(placed) };
}

export function propertiesFor(properties: Readonly<Record<string, string>>): GameProperty[] {
  return Object.entries(properties).map(([Key, Value]) => ({ Key, Value }));
}

function addressOf(record: {
  IpAddress?: string | undefined;
  DnsName?: string | undefined;
  Port?: number | undefined;
}): GameAddress {
  const { IpAddress = "", DnsName = "", Port = 0 } = record;
  return { ipAddress: IpAddress, dnsName: DnsName, port: Port };
}
