/**
 * The documented members of every request and nothing else. What is missing, unknown, of a wrong type or null where it
 * should be absent is a violation; only the first and the third make the service refuse, for it ignores what it does
 * not know, as the real one must to serve SDKs of many versions.
 * @module
 */
import { isGiven, type Message } from "./answer.ts";

export interface Problem {
  /** Names members and types, never a value. */
  readonly text: string;
  /** The request cannot be served. */
  readonly isFatal: boolean;
}

type Check = (value: unknown) => readonly Problem[];

interface Member {
  readonly check: Check;
  readonly isOptional: boolean;
  /** The official SDKs send null for an empty one. */
  readonly mayBeNull: boolean;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** As the C++ SDK makes them. */
const THIRTY_TWO = /^[0-9a-zA-Z]{32}$/;

/** How official SDKs write a RequestId and an IdempotencyToken. */
export function isUniqueId(text: string): boolean {
  return UUID.test(text) || THIRTY_TWO.test(text);
}

const text = typed("a string", (value) => typeof value === "string");
const flag = typed("a boolean", (value) => typeof value === "boolean");
const integer = typed("an integer", (value) => Number.isSafeInteger(value));
const number = typed("a number", (value) => Number.isFinite(value));

const required = (check: Check): Member => ({ check, isOptional: false, mayBeNull: false });
const optional = (check: Check): Member => ({ check, isOptional: true, mayBeNull: false });
const nullable = (check: Check): Member => ({ check, isOptional: true, mayBeNull: true });

const ATTRIBUTE_MEMBERS: Readonly<Record<string, Readonly<Record<string, Member>>>> = {
  NONE: {},
  STRING: { S: required(text) },
  DOUBLE: { N: required(number) },
  STRING_LIST: { SL: required(listOf(text)) },
  STRING_DOUBLE_MAP: { SDM: required(mapOf(number)) },
};

const player = objectOf({
  PlayerId: required(text),
  Team: required(text),
  LatencyInMs: nullable(mapOf(integer)),
  PlayerAttributes: nullable(mapOf(attribute)),
});

const session = { GameSessionId: required(text) };
const seat = { GameSessionId: required(text), PlayerSessionId: required(text) };

const SHAPES = {
  ActivateServerProcess: {
    SdkVersion: required(text),
    SdkLanguage: required(text),
    SdkToolName: optional(text),
    SdkToolVersion: optional(text),
    Port: required(integer),
    LogPaths: nullable(listOf(text)),
  },
  HeartbeatServerProcess: { HealthStatus: required(flag) },
  TerminateServerProcess: {},
  ActivateGameSession: session,
  AcceptPlayerSession: seat,
  RemovePlayerSession: seat,
  DescribePlayerSessions: {
    GameSessionId: optional(text),
    PlayerSessionId: optional(text),
    PlayerId: optional(text),
    PlayerSessionStatusFilter: optional(text),
    NextToken: optional(text),
    Limit: optional(integer),
  },
  UpdatePlayerSessionCreationPolicy: { ...session, PlayerSessionPolicy: required(text) },
  StartMatchBackfill: {
    TicketId: optional(text),
    GameSessionArn: required(text),
    MatchmakingConfigurationArn: required(text),
    Players: required(listOf(player)),
  },
  StopMatchBackfill: {
    GameSessionArn: required(text),
    MatchmakingConfigurationArn: required(text),
    TicketId: required(text),
  },
  GetComputeCertificate: {},
  GetFleetRoleCredentials: { RoleArn: required(text), RoleSessionName: required(text) },
} satisfies Record<string, Readonly<Record<string, Member>>>;

export type Action = keyof typeof SHAPES;

export function isAction(name: unknown): name is Action {
  return typeof name === "string" && Object.hasOwn(SHAPES, name);
}

/** Everything about a message that is not as documented. */
export function problemsOf(message: Message): readonly Problem[] {
  const { Action, RequestId, ...own } = message;
  const problems: Problem[] = [];
  if (typeof RequestId !== "string") problems.push({ text: "RequestId: no string", isFatal: true });
  else if (!isUniqueId(RequestId)) {
    problems.push({ text: "RequestId: neither UUID nor 32 alphanumerics", isFatal: false });
  }
  if (!isAction(Action)) return [...problems, { text: "Action: unknown", isFatal: true }];
  return [...problems, ...membersProblems(SHAPES[Action], own)];
}

function membersProblems(
  members: Readonly<Record<string, Member>>,
  value: Readonly<Record<string, unknown>>,
): Problem[] {
  const unknown = Object.keys(value)
    .filter((name) => !Object.hasOwn(members, name))
    .map((name) => ({ text: `${name}: not documented`, isFatal: false }));
  const known = Object.entries(members).flatMap(([name, member]) =>
    memberProblems(member, value[name]).map((problem) => under(name, problem)),
  );
  return [...unknown, ...known];
}

function memberProblems(member: Member, value: unknown): readonly Problem[] {
  if (value === undefined) return member.isOptional ? [] : [{ text: "missing", isFatal: true }];
  const problems = member.check(value);
  if (!member.isOptional || isGiven(value) || problems.length === 0) return problems;
  if (value === null && member.mayBeNull) return [];
  return [{ text: `${value === null ? "null" : "empty"} in place of absent`, isFatal: false }];
}

/** The C# SDK writes `attrType`: taken, and a violation. */
function attribute(value: unknown): readonly Problem[] {
  if (!isObject(value)) return [{ text: "no object", isFatal: true }];
  const { AttrType, attrType, ...own } = value;
  const type = AttrType ?? attrType;
  const members = typeof type === "string" ? ATTRIBUTE_MEMBERS[type] : undefined;
  if (members === undefined) return [{ text: "AttrType: unknown", isFatal: true }];
  const problems = membersProblems(members, own);
  return AttrType === undefined
    ? [...problems, { text: "attrType: not documented", isFatal: false }]
    : problems;
}

function typed(name: string, isRight: (value: unknown) => boolean): Check {
  return (value) => (isRight(value) ? [] : [{ text: `not ${name}`, isFatal: true }]);
}

function objectOf(members: Readonly<Record<string, Member>>): Check {
  return (value) =>
    isObject(value) ? membersProblems(members, value) : [{ text: "not an object", isFatal: true }];
}

function listOf(check: Check): Check {
  return (value) =>
    Array.isArray(value)
      ? value.flatMap((each, index) => check(each).map((problem) => under(`[${index}]`, problem)))
      : [{ text: "not a list", isFatal: true }];
}

function mapOf(check: Check): Check {
  return (value) =>
    isObject(value)
      ? Object.values(value).flatMap((each) => check(each).map((problem) => under("*", problem)))
      : [{ text: "not a map", isFatal: true }];
}

function under(name: string, { text, isFatal }: Problem): Problem {
  return { text: `${name}: ${text}`, isFatal };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
