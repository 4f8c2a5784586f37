/**
 * The values a request may carry, as the official SDKs check them before sending. The service checks for itself, for
 * one SDK does not.
 * @module
 */
import type { Message } from "./answer.ts";
import type { Action } from "./shapes.ts";

const NAME = /^[a-zA-Z0-9.-]+$/;
const HOST = /^[a-zA-Z0-9-]+(\/[a-zA-Z0-9-]+)?$/;
const ARN_CHARACTERS = /^[a-zA-Z0-9:/-]+$/;
const TICKET = /^[a-zA-Z0-9.-]*$/;
const ROLE_SESSION = /^[\w+=,.@-]{2,64}$/;
const GAMELIFT_ARN = /^arn:(aws|aws-cn):gamelift:([a-z]{2}-[a-z]+-\d{1}):(\d{12})?:([a-z]+)\/(.+)$/;
const ID_MAX = 256;
const DESCRIBED_ID_MAX = 1024;
const TICKET_MAX = 128;
const PORT_MAX = 60_000;
const DESCRIBE_LIMIT_MAX = 1024;
const STATUSES = ["RESERVED", "ACTIVE", "COMPLETED", "TIMEDOUT"];

/** What is wrong with the values of a well-formed request, or nothing. */
export function wrongValue(action: Action, message: Message): string | undefined {
  const given = (member: string) => message[member] as string;
  const wrongArn = (member: string) =>
    fits(given(member), ARN_CHARACTERS, ID_MAX) ? undefined : `${member} is not valid`;
  const wrongGameLiftArn = (member: string) =>
    fits(given(member), GAMELIFT_ARN, ID_MAX) ? undefined : `${member} is no GameLift ARN`;
  switch (action) {
    case "ActivateServerProcess":
      return isPort(message["Port"]) ? undefined : "Port is not between 1 and 60000";
    case "ActivateGameSession":
      return wrongArn("GameSessionId");
    case "AcceptPlayerSession":
    case "RemovePlayerSession":
      if (!fits(given("PlayerSessionId"), NAME, ID_MAX)) return "PlayerSessionId is not valid";
      return wrongArn("GameSessionId");
    case "DescribePlayerSessions":
      return wrongDescription(message);
    case "UpdatePlayerSessionCreationPolicy":
      if (!["ACCEPT_ALL", "DENY_ALL"].includes(given("PlayerSessionPolicy"))) {
        return "PlayerSessionPolicy is not valid";
      }
      return wrongArn("GameSessionId");
    case "StartMatchBackfill":
      if (!isTicket(message["TicketId"] ?? "")) return "TicketId is not valid";
      if ((message["Players"] as unknown[]).length === 0) return "Players is empty";
      return wrongArn("GameSessionArn") ?? wrongGameLiftArn("MatchmakingConfigurationArn");
    case "StopMatchBackfill":
      if (!isTicket(given("TicketId")) || given("TicketId") === "") {
        return "TicketId is not valid";
      }
      return wrongGameLiftArn("GameSessionArn") ?? wrongGameLiftArn("MatchmakingConfigurationArn");
    case "GetFleetRoleCredentials":
      if (!ROLE_SESSION.test(given("RoleSessionName"))) return "RoleSessionName is not valid";
      return wrongArn("RoleArn");
    case "HeartbeatServerProcess":
    case "TerminateServerProcess":
    case "GetComputeCertificate":
      return undefined;
  }
}

function wrongDescription(message: Message): string | undefined {
  const ids = ["GameSessionId", "PlayerSessionId", "PlayerId"].filter((name) =>
    isGiven(message[name]),
  );
  const [name = ""] = ids;
  if (ids.length !== 1)
    return "exactly one of GameSessionId, PlayerSessionId and PlayerId is wanted";
  const id = message[name] as string;
  const isRight =
    name === "GameSessionId" ? fits(id, ARN_CHARACTERS, ID_MAX) : id.length <= DESCRIBED_ID_MAX;
  if (!isRight) return `${name} is not valid`;
  const filter = message["PlayerSessionStatusFilter"];
  if (isGiven(filter) && !STATUSES.includes(filter as string)) {
    return "PlayerSessionStatusFilter is not valid";
  }
  const limit = message["Limit"] ?? 1;
  return (limit as number) >= 1 && (limit as number) <= DESCRIBE_LIMIT_MAX
    ? undefined
    : "Limit is not between 1 and 1024";
}

/** Null, absent and empty are the same to the service. */
export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== "";
}

/** For ComputeId and FleetId of an upgrade. */
export function isHostId(text: string): boolean {
  return fits(text, HOST, ID_MAX);
}

export function isFleetId(text: string): boolean {
  return fits(text, NAME, ID_MAX);
}

function isPort(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= PORT_MAX;
}

function isTicket(value: unknown): boolean {
  return typeof value === "string" && fits(value, TICKET, TICKET_MAX);
}

function fits(text: string, pattern: RegExp, charactersMax: number): boolean {
  return text.length <= charactersMax && pattern.test(text);
}
