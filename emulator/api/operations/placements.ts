import { done, isRefused, type Outcome, refused } from "../../plane/outcome.ts";
import type { PlayerToReserve } from "../../plane/player-sessions.ts";
import type { Placement, PlacementRequest, PlayerLatency } from "../../queues/placement.ts";
import { type GamePropertyMembers, gamePropertiesIn } from "../game-session-members.ts";
import { epochSeconds, type Members, type Operations, unlessEmpty } from "../operation.ts";

interface LatencyMembers {
  readonly PlayerId?: string;
  readonly RegionIdentifier?: string;
  readonly LatencyInMilliseconds?: number;
}

interface DesiredMembers {
  readonly PlayerId?: string;
  readonly PlayerData?: string;
}

interface OverrideMembers {
  readonly LocationOrder: readonly string[];
  readonly PlacementFallbackStrategy?: "DEFAULT_AFTER_SINGLE_PASS" | "NONE";
}

interface StartInput {
  readonly PlacementId: string;
  readonly GameSessionQueueName: string;
  readonly MaximumPlayerSessionCount: number;
  readonly GameProperties?: readonly GamePropertyMembers[];
  readonly GameSessionName?: string;
  readonly GameSessionData?: string;
  readonly PlayerLatencies?: readonly LatencyMembers[];
  readonly DesiredPlayerSessions?: readonly DesiredMembers[];
  readonly PriorityConfigurationOverride?: OverrideMembers;
}

export const placementOperations: Operations = {
  StartGameSessionPlacement(input, { queues }) {
    const start = input as unknown as StartInput;
    const request = requestIn(start);
    if (isRefused(request)) return request;
    return told(queues.start(start.GameSessionQueueName, request.value));
  },

  DescribeGameSessionPlacement({ PlacementId }, { queues }) {
    const placement = queues.placement(String(PlacementId));
    return placement === undefined
      ? refused("NotFound", `Game session placement ${PlacementId} was not found`)
      : told(done(placement));
  },

  StopGameSessionPlacement({ PlacementId }, { queues }) {
    return told(queues.stop(String(PlacementId)));
  },
};

function requestIn(input: StartInput): Outcome<PlacementRequest> {
  const { PlayerLatencies = [], DesiredPlayerSessions = [] } = input;
  const playerLatencies = PlayerLatencies.flatMap(latencyIn);
  if (playerLatencies.length < PlayerLatencies.length) {
    return refused(
      "InvalidRequest",
      "PlayerLatencies: each needs PlayerId, RegionIdentifier and LatencyInMilliseconds",
    );
  }
  const desiredPlayerSessions = DesiredPlayerSessions.flatMap(playerIn);
  if (desiredPlayerSessions.length < DesiredPlayerSessions.length) {
    return refused("InvalidRequest", "DesiredPlayerSessions: each needs its PlayerId");
  }
  const { PriorityConfigurationOverride: override } = input;
  return done({
    placementId: input.PlacementId,
    maximumPlayerSessionCount: input.MaximumPlayerSessionCount,
    gameProperties: gamePropertiesIn(input.GameProperties) ?? [],
    gameSessionName: input.GameSessionName ?? "",
    gameSessionData: input.GameSessionData ?? "",
    playerLatencies,
    desiredPlayerSessions,
    priorityOverride: override && {
      locationOrder: override.LocationOrder,
      fallback: override.PlacementFallbackStrategy ?? "DEFAULT_AFTER_SINGLE_PASS",
    },
  });
}

/** One or none. */
function latencyIn(members: LatencyMembers): readonly PlayerLatency[] {
  const { PlayerId: playerId, RegionIdentifier: location, LatencyInMilliseconds } = members;
  return playerId === undefined || location === undefined || LatencyInMilliseconds === undefined
    ? []
    : [{ playerId, location, latencyMs: LatencyInMilliseconds }];
}

/** One or none. */
function playerIn({ PlayerId, PlayerData = "" }: DesiredMembers): readonly PlayerToReserve[] {
  return PlayerId === undefined ? [] : [{ playerId: PlayerId, playerData: PlayerData }];
}

function told(placement: Outcome<Placement>): Outcome<Members> {
  return isRefused(placement)
    ? placement
    : done({ GameSessionPlacement: members(placement.value) });
}

function members(placement: Placement): Members {
  const { endedAtMs, gameSessionId, priorityOverride, port } = placement;
  return {
    PlacementId: placement.placementId,
    GameSessionQueueName: placement.queueName,
    Status: placement.status,
    GameProperties: placement.gameProperties.map(({ key, value }) => ({ Key: key, Value: value })),
    MaximumPlayerSessionCount: placement.maximumPlayerSessionCount,
    GameSessionName: unlessEmpty(placement.gameSessionName),
    GameSessionId: gameSessionId,
    GameSessionArn: gameSessionId,
    GameSessionRegion: unlessEmpty(placement.gameSessionRegion),
    PlayerLatencies: placement.playerLatencies.map(({ playerId, location, latencyMs }) => ({
      PlayerId: playerId,
      RegionIdentifier: location,
      LatencyInMilliseconds: latencyMs,
    })),
    StartTime: epochSeconds(placement.startedAtMs),
    EndTime: endedAtMs === undefined ? undefined : epochSeconds(endedAtMs),
    IpAddress: unlessEmpty(placement.ipAddress),
    DnsName: unlessEmpty(placement.dnsName),
    Port: port === 0 ? undefined : port,
    PlacedPlayerSessions: placement.placedPlayerSessions.map(({ playerId, playerSessionId }) => ({
      PlayerId: playerId,
      PlayerSessionId: playerSessionId,
    })),
    GameSessionData: unlessEmpty(placement.gameSessionData),
    PriorityConfigurationOverride: priorityOverride && {
      LocationOrder: priorityOverride.locationOrder,
      PlacementFallbackStrategy: priorityOverride.fallback,
    },
  };
}
