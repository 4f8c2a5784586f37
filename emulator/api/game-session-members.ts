import type { Outcome } from "../plane/outcome.ts";
import { done, refused } from "../plane/outcome.ts";
import type { GameProperty, GameSession } from "../plane/records.ts";
import { type ApiContext, epochSeconds, type Members, unlessEmpty } from "./operation.ts";
import { arn } from "./target-fleet.ts";

/** Of the API's `GameProperty`. */
export interface GamePropertyMembers {
  readonly Key: string;
  readonly Value: string;
}

/** A game session as the API tells it. */
export function gameSessionMembers(session: GameSession, context: ApiContext): Members {
  const { terminatedAtMs } = session;
  return {
    GameSessionId: session.gameSessionId,
    Name: unlessEmpty(session.name),
    FleetId: session.fleetId,
    FleetArn: arn(context, `fleet/${session.fleetId}`),
    CreationTime: epochSeconds(session.createdAtMs),
    TerminationTime: terminatedAtMs === undefined ? undefined : epochSeconds(terminatedAtMs),
    CurrentPlayerSessionCount: takenSlots(session),
    MaximumPlayerSessionCount: session.maximumPlayerSessionCount,
    Status: session.status,
    StatusReason: session.statusReason,
    GameProperties: session.gameProperties.map(({ key, value }) => ({ Key: key, Value: value })),
    IpAddress: unlessEmpty(session.ipAddress),
    DnsName: unlessEmpty(session.dnsName),
    Port: session.port,
    PlayerSessionCreationPolicy: session.playerSessionCreationPolicy,
    CreatorId: unlessEmpty(session.creatorId),
    GameSessionData: unlessEmpty(session.gameSessionData),
    MatchmakerData: unlessEmpty(session.matchmakerData),
    Location: session.location,
    ComputeName: session.computeName,
  };
}

/** Reserved slots are taken. */
export function takenSlots({ reservedCount, activeCount }: GameSession): number {
  return reservedCount + activeCount;
}

/** In the order of their creation; the control plane's own list moves those that end. */
export function byCreation(sessions: readonly GameSession[]): readonly GameSession[] {
  return [...sessions].sort(
    (a, b) => a.createdAtMs - b.createdAtMs || (a.gameSessionId < b.gameSessionId ? -1 : 1),
  );
}

export function gamePropertiesIn(
  members: readonly GamePropertyMembers[] | undefined,
): readonly GameProperty[] | undefined {
  return members?.map(({ Key, Value }) => ({ key: Key, value: Value }));
}

export function gameSessionNamed(id: unknown, { plane }: ApiContext): Outcome<GameSession> {
  const session = plane.gameSessions.find(String(id));
  return session === undefined
    ? refused("NotFound", `Game session ${id} was not found`)
    : done(session);
}
