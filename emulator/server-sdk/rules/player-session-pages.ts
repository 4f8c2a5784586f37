import { isGiven, type Message } from "./answer.ts";

const PAGE_DEFAULT = 50;

/** What the service tells of a player session. Wall-clock milliseconds since 1970. */
export interface DescribablePlayerSession {
  readonly playerSessionId: string;
  readonly playerId: string;
  readonly playerData: string;
  readonly gameSessionId: string;
  readonly fleetId: string;
  readonly ipAddress: string;
  readonly dnsName: string;
  readonly port: number;
  readonly status: string;
  readonly createdAtMs: number;
  /** `undefined` while it is not over. */
  readonly terminatedAtMs: number | undefined;
}

/**
 * One page of what a DescribePlayerSessions found.
 * @param query - The request, values already checked.
 * @param all - In an order that stays.
 * @param matches - Which of them it asks for; all unless given. A token counts the others too, so that one that comes to
 *   match no more between two pages hides none of those behind it.
 * @returns Nothing when the NextToken is not one for this question.
 */
export function pageOf<T>(
  query: Message,
  all: readonly T[],
  matches: (one: T) => boolean = () => true,
): { readonly page: readonly T[]; readonly nextToken: string | null } | undefined {
  const from = offsetIn(query);
  if (from === undefined) return undefined;
  const limit = isGiven(query["Limit"]) ? (query["Limit"] as number) : PAGE_DEFAULT;
  const left = all
    .map((one, at) => ({ one, at }))
    .slice(from)
    .filter(({ one }) => matches(one));
  const page = left.slice(0, limit);
  const last = page.at(-1);
  const isLast = last === undefined || left.length === page.length;
  return {
    page: page.map(({ one }) => one),
    nextToken: isLast ? null : tokenFor(query, last.at + 1),
  };
}

export function describedPlayerSession(session: DescribablePlayerSession): Message {
  return {
    PlayerId: session.playerId,
    PlayerSessionId: session.playerSessionId,
    GameSessionId: session.gameSessionId,
    FleetId: session.fleetId,
    PlayerData: session.playerData,
    IpAddress: session.ipAddress,
    Port: session.port,
    // A fraction makes an official SDK fail the whole answer.
    CreationTime: Math.floor(session.createdAtMs),
    TerminationTime: Math.floor(session.terminatedAtMs ?? 0),
    DnsName: session.dnsName,
    Status: session.status,
  };
}

/** A page's token is good for the question it was given for and no other. */
function questionOf(query: Message): string {
  return ["GameSessionId", "PlayerSessionId", "PlayerId", "PlayerSessionStatusFilter"]
    .map((name) => query[name] ?? "")
    .join("\n");
}

function tokenFor(query: Message, offset: number): string {
  return Buffer.from(JSON.stringify([questionOf(query), offset])).toString("base64url");
}

/** Where the page begins, or nothing when the token is not one for this question. */
function offsetIn(query: Message): number | undefined {
  const token = query["NextToken"];
  if (!isGiven(token)) return 0;
  try {
    const [question, offset] = JSON.parse(Buffer.from(token as string, "base64url").toString());
    const isOurs = question === questionOf(query) && Number.isSafeInteger(offset) && offset >= 0;
    return isOurs ? offset : undefined;
  } catch {
    return undefined;
  }
}
