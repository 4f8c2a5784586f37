import type { ControlPlane } from "../plane/control-plane.ts";
import type { PlayerSession, ServerProcess } from "../plane/records.ts";
import { type Answer, isGiven, type Message, ok, refusal } from "./rules/answer.ts";
import { plainPlayers } from "./rules/backfill-players.ts";
import { describedPlayerSession, pageOf } from "./rules/player-session-pages.ts";
import type { Action } from "./rules/shapes.ts";
import { answerTo } from "./rules/status-codes.ts";

export interface Surroundings {
  readonly plane: ControlPlane;
  /** Where fleets with a GENERATED certificate have it; `""` for nowhere. */
  readonly certificatePath: string;
}

/** Made-up credentials are good for nothing, for so long. */
const CREDENTIALS_MS = 3_600_000;

/** Serves one request whose members and values were found right. */
export function serve(
  action: Action,
  message: Message,
  process: ServerProcess,
  surroundings: Surroundings,
): Answer {
  const { plane } = surroundings;
  const text = (member: string) => message[member] as string;
  switch (action) {
    case "ActivateServerProcess":
      return activate(message, process, plane);
    case "HeartbeatServerProcess":
      return answerTo(plane.processes.report(process, message["HealthStatus"] === true));
    case "TerminateServerProcess":
      return answerTo(plane.processes.ending(process));
    case "ActivateGameSession":
      return answerTo(plane.gameSessions.activate(process, text("GameSessionId")));
    case "AcceptPlayerSession":
      return answerTo(
        plane.playerSessions.accept(process, text("GameSessionId"), text("PlayerSessionId")),
      );
    case "RemovePlayerSession":
      return answerTo(
        plane.playerSessions.remove(process, text("GameSessionId"), text("PlayerSessionId")),
      );
    case "DescribePlayerSessions":
      return describe(message, plane);
    case "UpdatePlayerSessionCreationPolicy": {
      const policy = text("PlayerSessionPolicy") === "DENY_ALL" ? "DENY_ALL" : "ACCEPT_ALL";
      return answerTo(plane.gameSessions.setPolicyBy(process, text("GameSessionId"), policy));
    }
    case "StartMatchBackfill":
      return startBackfill(message, process, plane);
    case "StopMatchBackfill":
      return answerTo(
        plane.backfills.stop(process, {
          gameSessionId: text("GameSessionArn"),
          ticketId: text("TicketId"),
          matchmakingConfigurationArn: text("MatchmakingConfigurationArn"),
        }),
      );
    case "GetComputeCertificate":
      return ok({
        CertificatePath: certificatePathOf(process, surroundings),
        ComputeName: process.computeName,
      });
    case "GetFleetRoleCredentials":
      return fleetRole(message, process, plane);
  }
}

function activate(message: Message, process: ServerProcess, plane: ControlPlane): Answer {
  const paths = isGiven(message["LogPaths"]) ? (message["LogPaths"] as readonly string[]) : [];
  return answerTo(
    plane.processes.ready(process, {
      port: message["Port"] as number,
      logPaths: [...paths],
      sdkVersion: message["SdkVersion"] as string,
      sdkLanguage: message["SdkLanguage"] as string,
    }),
  );
}

function describe(message: Message, plane: ControlPlane): Answer {
  const found = playerSessionsFor(message, plane);
  if (found === undefined) return refusal(404, "Not found");
  const filter = message["PlayerSessionStatusFilter"];
  // The filter means something for a game session alone.
  const isFiltered = isGiven(message["GameSessionId"]) && isGiven(filter);
  const paged = pageOf(message, found, ({ status }) => !isFiltered || status === filter);
  if (paged === undefined) return refusal(400, "NextToken is not valid: it is of another question");
  return ok({
    NextToken: paged.nextToken,
    PlayerSessions: paged.page.map(describedPlayerSession),
  });
}

/** Nothing for a game session or player session that is not there; a player may have none. */
function playerSessionsFor(
  message: Message,
  plane: ControlPlane,
): readonly PlayerSession[] | undefined {
  if (isGiven(message["PlayerId"])) {
    return plane.playerSessions.byPlayer(message["PlayerId"] as string);
  }
  if (isGiven(message["PlayerSessionId"])) {
    const session = plane.playerSessions.find(message["PlayerSessionId"] as string);
    return session && [session];
  }
  const gameSessionId = message["GameSessionId"] as string;
  return plane.gameSessions.find(gameSessionId) && plane.playerSessions.of(gameSessionId);
}

function startBackfill(message: Message, process: ServerProcess, plane: ControlPlane): Answer {
  const ticketId = isGiven(message["TicketId"]) ? (message["TicketId"] as string) : "";
  const outcome = plane.backfills.start(process, {
    gameSessionId: message["GameSessionArn"] as string,
    ticketId,
    matchmakingConfigurationArn: message["MatchmakingConfigurationArn"] as string,
    players: plainPlayers(message["Players"] as readonly Message[]),
  });
  return answerTo(outcome, (ticket) => ({ TicketId: ticket.ticketId }));
}

/** On Anywhere it is where the compute was registered with it. */
function certificatePathOf(
  { fleetId, computeName }: ServerProcess,
  { plane, certificatePath }: Surroundings,
): string {
  const fleet = plane.fleets.find(fleetId);
  if (fleet?.computeType === "EC2") {
    return fleet.certificateType === "GENERATED" ? certificatePath : "";
  }
  return plane.computes.find(fleetId, computeName)?.certificatePath ?? "";
}

/** An empty AccessKeyId says that the fleet is not a managed one. */
function fleetRole(message: Message, process: ServerProcess, plane: ControlPlane): Answer {
  const isManaged = plane.fleets.find(process.fleetId)?.computeType === "EC2";
  const role = (message["RoleArn"] as string).split("/").at(-1);
  const session = message["RoleSessionName"] as string;
  const letters = () => plane.uuid().replaceAll("-", "");
  const id = letters().slice(0, 16).toUpperCase();
  return ok({
    AssumedRoleUserArn: isManaged
      ? `arn:aws:sts::${plane.accountId}:assumed-role/${role}/${session}`
      : "",
    AssumedRoleId: isManaged ? `AROA${id}:${session}` : "",
    AccessKeyId: isManaged ? `ASIA${id}` : "",
    SecretAccessKey: isManaged ? `${letters()}${letters().slice(0, 8)}` : "",
    SessionToken: isManaged ? `${letters()}${letters()}` : "",
    Expiration: isManaged ? Math.floor(plane.clock.wallMs() + CREDENTIALS_MS) : 0,
  });
}
