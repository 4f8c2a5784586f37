import { done, isRefused, type Outcome, refused } from "../../plane/outcome.ts";
import type { GameSession } from "../../plane/records.ts";
import { byCreation, gameSessionMembers, takenSlots } from "../game-session-members.ts";
import { API_LIMITS } from "../limits.ts";
import type { Operations } from "../operation.ts";
import type { Listing } from "../pages.ts";
import { targetFleet } from "../target-fleet.ts";

interface SearchInput {
  readonly Location?: string;
  readonly FilterExpression?: string;
  readonly SortExpression?: string;
}

type Attribute = (session: GameSession) => string | number | undefined;
type Filter = (session: GameSession) => boolean;

const FILTER = /^\s*hasAvailablePlayerSessions\s*(=|<>)\s*(true|false)\s*$/;
const SORT = /^\s*([A-Za-z]+)(?:\.(\S+))?\s+(ASC|DESC)\s*$/i;

const ATTRIBUTES: Readonly<Record<string, Attribute>> = {
  gameSessionId: ({ gameSessionId }) => gameSessionId,
  gameSessionName: ({ name }) => (name === "" ? undefined : name),
  maximumSessions: ({ maximumPlayerSessionCount }) => maximumPlayerSessionCount,
  creationTimeMillis: ({ createdAtMs }) => createdAtMs,
  playerSessionCount: (session) => takenSlots(session),
  hasAvailablePlayerSessions: (session) => Number(hasAvailable(session)),
};

export const searchOperations: Operations = {
  SearchGameSessions(input, context) {
    const { Location, FilterExpression, SortExpression } = input as SearchInput;
    const fleet = targetFleet(input, context);
    if (isRefused(fleet)) return fleet;
    const filter = filterIn(FilterExpression);
    if (isRefused(filter)) return filter;
    const { fleetId } = fleet.value;
    const ofFleet = context.plane.gameSessions.list().filter((each) => each.fleetId === fleetId);
    const order = ordered(SortExpression, byCreation(ofFleet));
    if (isRefused(order)) return order;
    const page = context.pages.page(
      { operation: "SearchGameSessions", input, pageMax: API_LIMITS.searchPageMax },
      {
        ...order.value,
        keyOf: ({ gameSessionId }) => gameSessionId,
        matches: (session) =>
          session.status === "ACTIVE" &&
          (Location === undefined || session.location === Location) &&
          filter.value(session),
      },
    );
    if (isRefused(page)) return page;
    const { records, nextToken } = page.value;
    const GameSessions = records.map((session) => gameSessionMembers(session, context));
    return done({ GameSessions, NextToken: nextToken });
  },
};

function hasAvailable(session: GameSession): boolean {
  return takenSlots(session) < session.maximumPlayerSessionCount;
}

function filterIn(expression: string | undefined): Outcome<Filter> {
  if (expression === undefined) return done(() => true);
  const [, comparator, value] = FILTER.exec(expression) ?? [];
  if (comparator === undefined) {
    return refused(
      "InvalidRequest",
      "FilterExpression: of the search grammar the emulator has hasAvailablePlayerSessions=true and hasAvailablePlayerSessions=false alone",
    );
  }
  const wanted = (comparator === "=") === (value === "true");
  return done((session) => hasAvailable(session) === wanted);
}

function ordered(
  expression: string | undefined,
  sessions: readonly GameSession[],
): Outcome<Pick<Listing<GameSession>, "records" | "orderOf">> {
  if (expression === undefined) {
    return done({ records: sessions, orderOf: ({ createdAtMs }) => createdAtMs });
  }
  const [, name = "", key, direction = ""] = SORT.exec(expression) ?? [];
  const attribute = attributeNamed(name, key);
  if (attribute === undefined) {
    const names = [...Object.keys(ATTRIBUTES), "gameSessionProperties.KEY"].join(", ");
    return refused("InvalidRequest", `SortExpression must be one of ${names} and ASC or DESC`);
  }
  const sign = direction.toUpperCase() === "ASC" ? 1 : -1;
  // A session without the attribute comes last, whatever the direction.
  const records = [...sessions].sort((one, other) => {
    const [a, b] = [attribute(one), attribute(other)];
    if (a === b) return 0;
    if (a === undefined || b === undefined) return a === undefined ? 1 : -1;
    return a < b ? -sign : sign;
  });
  return done({ records });
}

function attributeNamed(name: string, key: string | undefined): Attribute | undefined {
  if (name === "gameSessionProperties") {
    // A key with a period cannot be searched, as documented.
    if (key === undefined || key.includes(".")) return undefined;
    return ({ gameProperties }) => gameProperties.find((each) => each.key === key)?.value;
  }
  return key === undefined && Object.hasOwn(ATTRIBUTES, name) ? ATTRIBUTES[name] : undefined;
}
