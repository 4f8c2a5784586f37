/**
 * What the service sends, read into our types.
 * @module
 */
import {
  type ComputeCertificate,
  type FleetRoleCredentials,
  type GameSession,
  type GameSessionUpdate,
  PLAYER_SESSION_STATUSES,
  type PlayerSession,
  type PlayerSessionsPage,
  UPDATE_REASONS,
} from "./session-types.ts";
import { integerMember, listMember, member, textMapMember, textMember } from "./wire-members.ts";

/** @param fleetId - Of this process: a new game session does not name its fleet. */
export function readCreateGameSession(message: unknown, fleetId: string): GameSession {
  return readGameSession(message, "GameSessionName", fleetId);
}

export function readUpdateGameSession(message: unknown, fleetId: string): GameSessionUpdate {
  const reason = textMember(message, "UpdateReason");
  return {
    gameSession: readGameSession(member(message, "GameSession"), "Name", fleetId),
    updateReason: UPDATE_REASONS.find((known) => known === reason) ?? "UNKNOWN",
    backfillTicketId: textMember(message, "BackfillTicketId"),
  };
}

/** @returns Milliseconds since 1970; `undefined` where there is no such time. */
export function readTerminationTimeMs(message: unknown): number | undefined {
  const timeMs = integerMember(message, "TerminationTime", 0);
  return timeMs > 0 ? timeMs : undefined;
}

export function readPlayerSessionsPage(answer: unknown): PlayerSessionsPage {
  return {
    playerSessions: listMember(answer, "PlayerSessions").map(readPlayerSession),
    nextToken: textMember(answer, "NextToken") || undefined,
  };
}

export function readComputeCertificate(answer: unknown): ComputeCertificate {
  return {
    certificatePath: textMember(answer, "CertificatePath"),
    computeName: textMember(answer, "ComputeName"),
  };
}

export function readFleetRoleCredentials(answer: unknown): FleetRoleCredentials {
  return {
    assumedRoleUserArn: textMember(answer, "AssumedRoleUserArn"),
    assumedRoleId: textMember(answer, "AssumedRoleId"),
    accessKeyId: textMember(answer, "AccessKeyId"),
    secretAccessKey: textMember(answer, "SecretAccessKey"),
    sessionToken: textMember(answer, "SessionToken"),
    expirationMs: integerMember(answer, "Expiration", 0),
  };
}

function readGameSession(from: unknown, nameMember: string, fleetId: string): GameSession {
  return {
    gameSessionId: textMember(from, "GameSessionId"),
    name: textMember(from, nameMember),
    fleetId: textMember(from, "FleetId") || fleetId,
    maximumPlayerSessionCount: integerMember(from, "MaximumPlayerSessionCount", 0),
    port: integerMember(from, "Port", 0),
    ipAddress: textMember(from, "IpAddress"),
    dnsName: textMember(from, "DnsName"),
    gameSessionData: textMember(from, "GameSessionData"),
    matchmakerData: textMember(from, "MatchmakerData"),
    gameProperties: textMapMember(from, "GameProperties"),
  };
}

function readPlayerSession(from: unknown): PlayerSession {
  const status = textMember(from, "Status");
  return {
    playerSessionId: textMember(from, "PlayerSessionId"),
    playerId: textMember(from, "PlayerId"),
    gameSessionId: textMember(from, "GameSessionId"),
    fleetId: textMember(from, "FleetId"),
    playerData: textMember(from, "PlayerData"),
    ipAddress: textMember(from, "IpAddress"),
    dnsName: textMember(from, "DnsName"),
    port: integerMember(from, "Port", 0),
    creationTimeMs: integerMember(from, "CreationTime", 0),
    terminationTimeMs: integerMember(from, "TerminationTime", 0),
    status: PLAYER_SESSION_STATUSES.find((known) => known === status) ?? "NOT_SET",
  };
}
