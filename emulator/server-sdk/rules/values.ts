/**
 * The values a request may carry, as the official SDKs check them before sending. The service checks for itself, for
 * one SDK does not.
 * @module
 */
import { SERVICE_LIMITS } from "../limits.ts";
import { isGiven, type Message } from "./answer.ts";
import { wrongPlayers } from "./backfill-players.ts";
import type { Action } from "./shapes.ts";

const NAME = /^[a-zA-Z0-9.-]+$/;
const HOST = /^[a-zA-Z0-9-]+(\/[a-zA-Z0-9-]+)?$/;
const ARN_CHARACTERS = /^[a-zA-Z0-9:/-]+$/;
const TICKET = /^[a-zA-Z0-9.-]*$/;
const ROLE_SESSION = /^[\w+=,.@-]{2,64}$/;
const GAMELIFT_ARN = /^arn:(aws|aws-cn):gamelift:([a-z]{2}-[a-z]+-\d{1}):(\d{12})?:([a-z]+)\/(.+)$/;
const LOG_PATH = /^[^<>"'|*?[\]\p{Cc}]+$/u;
const ID_MAX = 256;
const DESCRIBED_ID_MAX = 1024;
const TICKET_MAX = 128;
const PORT_MAX = 60_000;
const DESCRIBE_LIMIT_MAX = 1024;
const STATUSES = ["RESERVED", "ACTIVE", "COMPLETED", "TIMEDOUT"];

const NAME_WORDS = "1 to 256 of A-Z a-z 0-9 . -";
const ARN_WORDS = "1 to 256 of A-Z a-z 0-9 : / -";
const TICKET_WORDS = "at most 128 of A-Z a-z 0-9 . -";

/** What is wrong with the values of a well-formed request and what would be right, or nothing. Never a value. */
export function wrongValue(action: Action, message: Message): string | undefined {
  const given = (member: string) => message[member] as string;
  const wrongArn = (member: string) =>
    fits(given(member), ARN_CHARACTERS, ID_MAX) ? undefined : notValid(member, ARN_WORDS);
  const wrongGameLiftArn = (member: string) =>
    fits(given(member), GAMELIFT_ARN, ID_MAX) ? undefined : `${member} is no GameLift ARN`;
  switch (action) {
    case "ActivateServerProcess":
      return wrongActivation(message);
    case "ActivateGameSession":
      return wrongArn("GameSessionId");
    case "AcceptPlayerSession":
    case "RemovePlayerSession":
      return fits(given("PlayerSessionId"), NAME, ID_MAX)
        ? wrongArn("GameSessionId")
        : notValid("PlayerSessionId", NAME_WORDS);
    case "DescribePlayerSessions":
      return wrongDescription(message);
    case "UpdatePlayerSessionCreationPolicy":
      return ["ACCEPT_ALL", "DENY_ALL"].includes(given("PlayerSessionPolicy"))
        ? wrongArn("GameSessionId")
        : notValid("PlayerSessionPolicy", "ACCEPT_ALL or DENY_ALL");
    case "StartMatchBackfill":
      if (isGiven(message["TicketId"]) && !isTicket(message["TicketId"])) {
        return notValid("TicketId", TICKET_WORDS);
      }
      return (
        wrongPlayers(message["Players"] as readonly Message[]) ??
        wrongArn("GameSessionArn") ??
        wrongGameLiftArn("MatchmakingConfigurationArn")
      );
    case "StopMatchBackfill":
      if (!isTicket(given("TicketId")) || given("TicketId") === "") {
        return notValid("TicketId", TICKET_WORDS);
      }
      return wrongGameLiftArn("GameSessionArn") ?? wrongGameLiftArn("MatchmakingConfigurationArn");
    case "GetFleetRoleCredentials":
      return ROLE_SESSION.test(given("RoleSessionName"))
        ? wrongArn("RoleArn")
        : notValid("RoleSessionName", "2 to 64 of A-Z a-z 0-9 _ + = , . @ -");
    case "HeartbeatServerProcess":
    case "TerminateServerProcess":
    case "GetComputeCertificate":
      return undefined;
  }
}

function wrongActivation(message: Message): string | undefined {
  const { logPathsMax, logPathCharsMax, parameterCharsMax } = SERVICE_LIMITS;
  if (!isPort(message["Port"])) return "Port is not between 1 and 60000";
  for (const member of ["SdkVersion", "SdkLanguage", "SdkToolName", "SdkToolVersion"]) {
    const text = message[member];
    if (typeof text === "string" && text.length > parameterCharsMax) {
      return notValid(member, `at most ${parameterCharsMax} characters`);
    }
  }
  const paths = isGiven(message["LogPaths"]) ? (message["LogPaths"] as readonly string[]) : [];
  if (paths.length > logPathsMax) return `LogPaths has more than ${logPathsMax} paths`;
  return paths.every((path) => fits(path, LOG_PATH, logPathCharsMax))
    ? undefined
    : notValid("LogPaths", `each 1 to ${logPathCharsMax} characters without < > " ' | * ? [ ]`);
}

function wrongDescription(message: Message): string | undefined {
  const ids = ["GameSessionId", "PlayerSessionId", "PlayerId"].filter((name) =>
    isGiven(message[name]),
  );
  const [name = ""] = ids;
  if (ids.length !== 1)
    return "exactly one of GameSessionId, PlayerSessionId and PlayerId is wanted";
  const id = message[name] as string;
  if (name === "GameSessionId" && !fits(id, ARN_CHARACTERS, ID_MAX)) {
    return notValid(name, ARN_WORDS);
  }
  if (id.length > DESCRIBED_ID_MAX) return notValid(name, "at most 1024 characters");
  const filter = message["PlayerSessionStatusFilter"];
  if (isGiven(filter) && !STATUSES.includes(filter as string)) {
    return notValid("PlayerSessionStatusFilter", STATUSES.join(", "));
  }
  const limit = isGiven(message["Limit"]) ? (message["Limit"] as number) : 1;
  return limit >= 1 && limit <= DESCRIBE_LIMIT_MAX ? undefined : "Limit is not between 1 and 1024";
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

function notValid(member: string, words: string): string {
  return `${member} is not valid: ${words}`;
}
