import type { Push } from "../plane/links.ts";
import type { GameSession } from "../plane/records.ts";
import type { Message } from "./rules/answer.ts";

/** A push as server processes read it: it has neither RequestId nor StatusCode, and times are whole milliseconds. */
export function pushMessage(push: Push): Message & { readonly Action: string } {
  switch (push.kind) {
    case "create-game-session":
      return {
        Action: "CreateGameSession",
        GameSessionId: push.gameSession.gameSessionId,
        // An update calls it `Name`.
        GameSessionName: push.gameSession.name,
        ...common(push.gameSession),
      };
    case "update-game-session":
      return {
        Action: "UpdateGameSession",
        GameSession: {
          GameSessionId: push.gameSession.gameSessionId,
          Name: push.gameSession.name,
          FleetId: push.gameSession.fleetId,
          ...common(push.gameSession),
        },
        UpdateReason: push.reason,
        BackfillTicketId: push.ticketId,
      };
    case "terminate-process":
      return { Action: "TerminateProcess", TerminationTime: Math.floor(push.terminationAtMs) };
    case "refresh-connection":
      return {
        Action: "RefreshConnection",
        RefreshConnectionEndpoint: push.endpoint,
        AuthToken: push.authToken,
      };
  }
}

function common(session: GameSession): Message {
  return {
    MaximumPlayerSessionCount: session.maximumPlayerSessionCount,
    Port: session.port,
    IpAddress: session.ipAddress,
    DnsName: session.dnsName,
    GameSessionData: session.gameSessionData,
    MatchmakerData: session.matchmakerData,
    // A map on this wire, a list of pairs in the AWS API.
    GameProperties: Object.fromEntries(
      session.gameProperties.map(({ key, value }) => [key, value]),
    ),
  };
}
