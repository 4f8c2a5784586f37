import {
  type Answer,
  type Message,
  ok,
  refusal,
} from "../../../../emulator/server-sdk/rules/answer.ts";
import type { Action } from "../../../../emulator/server-sdk/rules/shapes.ts";
import type { Clock } from "../../../../server/clock.ts";
import type { LiveConnection, ServerProcess } from "../processes.ts";
import type { GameSessions } from "./game-sessions.ts";

/** What GetFleetRoleCredentials gives; an empty key says that the fleet is not a managed one. */
export interface FleetRoleCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** From the answer on. */
  readonly lifetimeMs: number;
}

export interface Surroundings {
  readonly clock: Clock;
  readonly sessions: GameSessions;
  /** `""` where the fleet has no TLS certificate. */
  readonly certificatePath: string;
  readonly credentials: FleetRoleCredentials;
}

/** Serves one request whose members and values were found right. */
export function serve(
  action: Action,
  message: Message,
  from: { process: ServerProcess; connection: LiveConnection },
  { clock, sessions, certificatePath, credentials }: Surroundings,
): Answer {
  const { process, connection } = from;
  const { processId } = process;
  if (process.ended && action !== "TerminateServerProcess") {
    return refusal(409, "Server process has ended");
  }
  switch (action) {
    case "ActivateServerProcess":
      return activate(process, message);
    case "HeartbeatServerProcess":
      if (!process.ready) return refusal(409, "Server process is not active");
      process.healthReports.push({
        healthy: message["HealthStatus"] === true,
        atMs: clock.nowMs(),
      });
      return ok();
    case "TerminateServerProcess":
      return end(process, sessions, clock.nowMs());
    case "ActivateGameSession":
      return sessions.activate(processId, message["GameSessionId"] as string);
    case "AcceptPlayerSession":
      return sessions.seat("accept", processId, message);
    case "RemovePlayerSession":
      return sessions.seat("remove", processId, message);
    case "DescribePlayerSessions":
      return sessions.players.describe(message, (id) => sessions.addressOf(id));
    case "UpdatePlayerSessionCreationPolicy":
      return sessions.setPolicy(
        processId,
        message["GameSessionId"] as string,
        message["PlayerSessionPolicy"] as string,
      );
    case "StartMatchBackfill":
      return sessions.startBackfill(processId, message);
    case "StopMatchBackfill":
      return sessions.stopBackfill(processId, message);
    case "GetComputeCertificate":
      return ok({ CertificatePath: certificatePath, ComputeName: connection.query["ComputeId"] });
    case "GetFleetRoleCredentials":
      return fleetRole(credentials, message, clock.wallMs());
  }
}

function activate(process: ServerProcess, message: Message): Answer {
  if (process.ready) return refusal(409, "Server process is active already");
  process.ready = true;
  process.port = message["Port"] as number;
  process.logPaths = (message["LogPaths"] ?? []) as string[];
  process.sdkVersion = message["SdkVersion"] as string;
  process.sdkLanguage = message["SdkLanguage"] as string;
  return ok();
}

/** May be asked again, by a client that heard no answer. */
function end(process: ServerProcess, sessions: GameSessions, nowMs: number): Answer {
  const hosted = sessions.hostedBy(process.processId);
  if (hosted !== undefined) sessions.end(hosted);
  process.ended = true;
  process.endedAtMs ??= nowMs;
  return ok();
}

function fleetRole(credentials: FleetRoleCredentials, message: Message, wallMs: number): Answer {
  const { accessKeyId, secretAccessKey, sessionToken, lifetimeMs } = credentials;
  const role = (message["RoleArn"] as string).split("/").at(-1);
  const session = message["RoleSessionName"] as string;
  return ok({
    AssumedRoleUserArn: `arn:aws:sts::123456789012:assumed-role/${role}/${session}`,
    AssumedRoleId: `AROAEXAMPLE:${session}`,
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    SessionToken: sessionToken,
    Expiration: Math.floor(wallMs + lifetimeMs),
  });
}
