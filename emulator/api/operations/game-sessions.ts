import type { GameSessionRequest } from "../../plane/game-session-orders.ts";
import type { GameSessionChanges, TerminationMode } from "../../plane/game-sessions.ts";
import { PLANE_LIMITS } from "../../plane/limits.ts";
import { done, isRefused, type Outcome, refused } from "../../plane/outcome.ts";
import type {
  Fleet,
  GameSession,
  PlayerSessionCreationPolicy,
  ProtectionPolicy,
} from "../../plane/records.ts";
import {
  byCreation,
  type GamePropertyMembers,
  gamePropertiesIn,
  gameSessionMembers,
  gameSessionNamed,
} from "../game-session-members.ts";
import { type ApiContext, given, type Members, type Operations } from "../operation.ts";
import type { Page } from "../pages.ts";
import { exactlyOne, targetFleet } from "../target-fleet.ts";

interface CreateInput {
  readonly MaximumPlayerSessionCount: number;
  readonly Name?: string;
  readonly GameProperties?: readonly GamePropertyMembers[];
  readonly CreatorId?: string;
  readonly GameSessionId?: string;
  readonly IdempotencyToken?: string;
  readonly GameSessionData?: string;
  readonly Location?: string;
}

interface DescribeInput {
  readonly FleetId?: string;
  readonly AliasId?: string;
  readonly GameSessionId?: string;
  readonly Location?: string;
  readonly StatusFilter?: string;
}

interface UpdateInput {
  readonly GameSessionId: string;
  readonly MaximumPlayerSessionCount?: number;
  readonly Name?: string;
  readonly PlayerSessionCreationPolicy?: PlayerSessionCreationPolicy;
  readonly ProtectionPolicy?: ProtectionPolicy;
  readonly GameProperties?: readonly GamePropertyMembers[];
}

const STATUSES = ["ACTIVE", "ACTIVATING", "TERMINATING", "TERMINATED"];

export const gameSessionOperations: Operations = {
  CreateGameSession(input, context) {
    const fleet = targetFleet(input, context);
    if (isRefused(fleet)) return fleet;
    const request = requestIn(input as unknown as CreateInput, fleet.value);
    if (isRefused(request)) return request;
    return told(context.plane.gameSessions.create(request.value), context);
  },

  DescribeGameSessions(input, context) {
    const page = described("DescribeGameSessions", input, context);
    if (isRefused(page)) return page;
    const { records, nextToken } = page.value;
    const GameSessions = records.map((session) => gameSessionMembers(session, context));
    return done({ GameSessions, NextToken: nextToken });
  },

  DescribeGameSessionDetails(input, context) {
    const page = described("DescribeGameSessionDetails", input, context);
    if (isRefused(page)) return page;
    const { records, nextToken } = page.value;
    const GameSessionDetails = records.map((session) => ({
      GameSession: gameSessionMembers(session, context),
      ProtectionPolicy: session.protectionPolicy,
    }));
    return done({ GameSessionDetails, NextToken: nextToken });
  },

  UpdateGameSession(input, context) {
    const { GameSessionId, ...rest } = input as unknown as UpdateInput;
    const changes = changesIn(rest);
    if (isRefused(changes)) return changes;
    return told(context.plane.gameSessions.update(GameSessionId, changes.value), context);
  },

  TerminateGameSession(input, context) {
    const { GameSessionId, TerminationMode } = input as {
      GameSessionId: string;
      TerminationMode: TerminationMode;
    };
    return told(context.plane.gameSessions.terminate(GameSessionId, TerminationMode), context);
  },

  GetGameSessionLogUrl({ GameSessionId }, context) {
    const session = gameSessionNamed(GameSessionId, context);
    if (isRefused(session)) return session;
    const { fleetId, gameSessionId } = session.value;
    if (context.plane.fleets.find(fleetId)?.computeType === "ANYWHERE") {
      return refused("InvalidRequest", "The logs of an Anywhere fleet stay on its computes");
    }
    const url = context.logUrl(gameSessionId);
    return url === undefined
      ? refused("NotFound", "There are no logs: they are collected when the server process is over")
      : done({ PreSignedUrl: url });
  },
};

function told(session: Outcome<GameSession>, context: ApiContext): Outcome<Members> {
  return isRefused(session)
    ? session
    : done({ GameSession: gameSessionMembers(session.value, context) });
}

function requestIn(input: CreateInput, fleet: Fleet): Outcome<GameSessionRequest> {
  const { GameSessionId, IdempotencyToken, CreatorId } = input;
  if (GameSessionId !== undefined && IdempotencyToken !== undefined) {
    return refused(
      "InvalidRequest",
      "GameSessionId and IdempotencyToken mean the same: give IdempotencyToken alone",
    );
  }
  if (fleet.resourceCreationLimitPolicy !== undefined && CreatorId === undefined) {
    return refused(
      "InvalidRequest",
      "CreatorId is needed: the fleet limits the game sessions of each creator",
    );
  }
  return done({
    fleetId: fleet.fleetId,
    maximumPlayerSessionCount: input.MaximumPlayerSessionCount,
    ...given({
      location: input.Location,
      name: input.Name,
      gameProperties: gamePropertiesIn(input.GameProperties),
      gameSessionData: input.GameSessionData,
      creatorId: CreatorId,
      customId: IdempotencyToken ?? GameSessionId,
    }),
  });
}

function changesIn(input: Omit<UpdateInput, "GameSessionId">): Outcome<GameSessionChanges> {
  const { playerSessionsPerGameSessionMax: max } = PLANE_LIMITS;
  const { MaximumPlayerSessionCount = 0, GameProperties = [] } = input;
  if (MaximumPlayerSessionCount > max) {
    return refused("InvalidRequest", `MaximumPlayerSessionCount must be at most ${max}`);
  }
  if (new Set(GameProperties.map(({ Key }) => Key)).size < GameProperties.length) {
    return refused("InvalidRequest", "GameProperties: a key is there twice");
  }
  return done(
    given({
      maximumPlayerSessionCount: input.MaximumPlayerSessionCount,
      name: input.Name,
      playerSessionCreationPolicy: input.PlayerSessionCreationPolicy,
      protectionPolicy: input.ProtectionPolicy,
      gameProperties: gamePropertiesIn(input.GameProperties),
    }),
  );
}

function described(
  operation: string,
  input: Members,
  context: ApiContext,
): Outcome<Page<GameSession>> {
  const { FleetId, AliasId, GameSessionId, Location, StatusFilter } = input as DescribeInput;
  const one = exactlyOne({ FleetId, AliasId, GameSessionId });
  if (isRefused(one)) return one;
  if (StatusFilter !== undefined && !STATUSES.includes(StatusFilter)) {
    return refused("InvalidRequest", `StatusFilter must be one of ${STATUSES.join(", ")}`);
  }
  const candidates = sessionsFor(input, context);
  if (isRefused(candidates)) return candidates;
  return context.pages.page(
    { operation, input },
    {
      records: candidates.value,
      matches: ({ status, location }) =>
        (StatusFilter === undefined || status === StatusFilter) &&
        (Location === undefined || location === Location),
      keyOf: ({ gameSessionId }) => gameSessionId,
      orderOf: ({ createdAtMs }) => createdAtMs,
    },
  );
}

function sessionsFor(input: Members, context: ApiContext): Outcome<readonly GameSession[]> {
  if (input["GameSessionId"] !== undefined) {
    const session = gameSessionNamed(input["GameSessionId"], context);
    return isRefused(session) ? session : done([session.value]);
  }
  const fleet = targetFleet(input, context);
  if (isRefused(fleet)) return fleet;
  const { fleetId } = fleet.value;
  const sessions = context.plane.gameSessions.list().filter((each) => each.fleetId === fleetId);
  return done(byCreation(sessions));
}
