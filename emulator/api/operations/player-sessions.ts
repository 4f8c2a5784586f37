import { done, isRefused, type Outcome, refused } from "../../plane/outcome.ts";
import type { PlayerToReserve } from "../../plane/player-sessions.ts";
import type { PlayerSession } from "../../plane/records.ts";
import { gameSessionNamed } from "../game-session-members.ts";
import {
  type ApiContext,
  epochSeconds,
  type Members,
  type Operations,
  unlessEmpty,
} from "../operation.ts";
import { arn, exactlyOne } from "../target-fleet.ts";

interface CreateInput {
  readonly GameSessionId: string;
  readonly PlayerId: string;
  readonly PlayerData?: string;
}

interface CreateManyInput {
  readonly GameSessionId: string;
  readonly PlayerIds: readonly string[];
  readonly PlayerDataMap?: Readonly<Record<string, string>>;
}

interface DescribeInput {
  readonly GameSessionId?: string;
  readonly PlayerId?: string;
  readonly PlayerSessionId?: string;
  readonly PlayerSessionStatusFilter?: string;
}

const STATUSES = ["RESERVED", "ACTIVE", "COMPLETED", "TIMEDOUT"];

export const playerSessionOperations: Operations = {
  CreatePlayerSession(input, context) {
    const { GameSessionId, PlayerId, PlayerData = "" } = input as unknown as CreateInput;
    const player = { playerId: PlayerId, playerData: PlayerData };
    const created = reserved(GameSessionId, [player], context);
    return isRefused(created) ? created : done({ PlayerSession: created.value[0] });
  },

  CreatePlayerSessions(input, context) {
    const { GameSessionId, PlayerIds, PlayerDataMap = {} } = input as unknown as CreateManyInput;
    const players = PlayerIds.map((playerId) => ({
      playerId,
      playerData: (Object.hasOwn(PlayerDataMap, playerId) && PlayerDataMap[playerId]) || "",
    }));
    const created = reserved(GameSessionId, players, context);
    return isRefused(created) ? created : done({ PlayerSessions: created.value });
  },

  DescribePlayerSessions(input, context) {
    const { GameSessionId, PlayerId, PlayerSessionId, PlayerSessionStatusFilter } =
      input as DescribeInput;
    const one = exactlyOne({ PlayerSessionId, GameSessionId, PlayerId });
    if (isRefused(one)) return one;
    if (PlayerSessionId !== undefined) return describedOne(PlayerSessionId, context);
    // By PlayerId the filter has no effect, as documented.
    const status = GameSessionId === undefined ? undefined : PlayerSessionStatusFilter;
    if (status !== undefined && !STATUSES.includes(status)) {
      return refused(
        "InvalidRequest",
        `PlayerSessionStatusFilter must be one of ${STATUSES.join(", ")}`,
      );
    }
    const candidates = sessionsFor(GameSessionId, PlayerId, context);
    if (isRefused(candidates)) return candidates;
    const page = context.pages.page(
      { operation: "DescribePlayerSessions", input },
      {
        records: candidates.value,
        matches: (session) => status === undefined || session.status === status,
        keyOf: ({ playerSessionId }) => playerSessionId,
        orderOf: ({ createdAtMs }) => createdAtMs,
      },
    );
    if (isRefused(page)) return page;
    const { records, nextToken } = page.value;
    const PlayerSessions = records.map((session) => members(session, context));
    return done({ PlayerSessions, NextToken: nextToken });
  },
};

function reserved(
  gameSessionId: string,
  players: readonly PlayerToReserve[],
  context: ApiContext,
): Outcome<readonly Members[]> {
  const sessions = context.plane.playerSessions.create(gameSessionId, players);
  return isRefused(sessions)
    ? sessions
    : done(sessions.value.map((session) => members(session, context)));
}

function describedOne(playerSessionId: string, context: ApiContext): Outcome<Members> {
  const session = context.plane.playerSessions.find(playerSessionId);
  return session === undefined
    ? refused("NotFound", "The player session was not found")
    : done({ PlayerSessions: [members(session, context)] });
}

function sessionsFor(
  gameSessionId: string | undefined,
  playerId: string | undefined,
  context: ApiContext,
): Outcome<readonly PlayerSession[]> {
  const { playerSessions } = context.plane;
  if (gameSessionId === undefined) return done(playerSessions.byPlayer(playerId ?? ""));
  const session = gameSessionNamed(gameSessionId, context);
  return isRefused(session) ? session : done(playerSessions.of(gameSessionId));
}

function members(session: PlayerSession, context: ApiContext): Members {
  const { terminatedAtMs } = session;
  return {
    PlayerSessionId: session.playerSessionId,
    PlayerId: session.playerId,
    GameSessionId: session.gameSessionId,
    FleetId: session.fleetId,
    FleetArn: arn(context, `fleet/${session.fleetId}`),
    CreationTime: epochSeconds(session.createdAtMs),
    TerminationTime: terminatedAtMs === undefined ? undefined : epochSeconds(terminatedAtMs),
    Status: session.status,
    IpAddress: unlessEmpty(session.ipAddress),
    DnsName: unlessEmpty(session.dnsName),
    Port: session.port,
    PlayerData: unlessEmpty(session.playerData),
  };
}
