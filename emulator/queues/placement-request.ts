import { PLANE_LIMITS } from "../plane/limits.ts";
import { QUEUE_LIMITS } from "./limits.ts";
import type { PlacementRequest } from "./placement.ts";
import type { QueueSettings } from "./queue.ts";
import { twiceIn } from "./queue-table.ts";

/** What is wrong with a request beyond the form of its members, or nothing. Names the member. */
export function wrongRequest(
  request: PlacementRequest,
  { priorityOrder }: QueueSettings,
): string | undefined {
  return wrongPlayers(request) ?? wrongSession(request) ?? wrongOverride(request, priorityOrder);
}

function wrongPlayers(request: PlacementRequest): string | undefined {
  const { desiredPlayerSessions, playerLatencies, maximumPlayerSessionCount } = request;
  if (desiredPlayerSessions.length > maximumPlayerSessionCount) {
    return `DesiredPlayerSessions: more than MaximumPlayerSessionCount, ${maximumPlayerSessionCount}`;
  }
  // No name in the text: player ids are other people's.
  if (twiceIn(desiredPlayerSessions.map(({ playerId }) => playerId)) !== undefined) {
    return "DesiredPlayerSessions: a PlayerId is there twice";
  }
  const { playerLatenciesMax: max } = QUEUE_LIMITS;
  if (playerLatencies.length > max) return `PlayerLatencies: more than ${max}`;
  return playerLatencies.some(({ latencyMs }) => latencyMs < 0)
    ? "PlayerLatencies: LatencyInMilliseconds must not be negative"
    : undefined;
}

function wrongSession({ maximumPlayerSessionCount, gameProperties }: PlacementRequest) {
  const { playerSessionsPerGameSessionMax: max } = PLANE_LIMITS;
  if (maximumPlayerSessionCount > max) return `MaximumPlayerSessionCount must be at most ${max}`;
  const twice = twiceIn(gameProperties.map(({ key }) => key));
  return twice === undefined ? undefined : `GameProperties: Key ${twice} is there twice`;
}

function wrongOverride(
  { priorityOverride, playerLatencies }: PlacementRequest,
  priorityOrder: QueueSettings["priorityOrder"],
): string | undefined {
  if (priorityOverride === undefined) return undefined;
  if (playerLatencies.length > 0) {
    return "PriorityConfigurationOverride cannot go with PlayerLatencies: give one of them";
  }
  if (priorityOrder[0] !== "LOCATION") {
    return "PriorityConfigurationOverride needs a queue whose PriorityOrder begins with LOCATION";
  }
  const twice = twiceIn(priorityOverride.locationOrder);
  return twice === undefined
    ? undefined
    : `PriorityConfigurationOverride.LocationOrder: ${twice} is there twice`;
}
