/**
 * Judges what a caller gives, before anything is sent. Each throws GameLiftError Validation with all that is wrong.
 * @module
 */
import { validationError } from "./errors.ts";
import type { ProcessParameters } from "./server-callbacks.ts";
import {
  type DescribePlayerSessionsRequest,
  PLAYER_SESSION_STATUSES,
  type StartMatchBackfillRequest,
  type StopMatchBackfillRequest,
} from "./session-types.ts";
import { checkAll, checkInteger, checkOneOf, checkText } from "./validation.ts";

const PORT_MAX = 60_000;
/** Of one game session, and so of one page. */
const PLAYER_SESSIONS_MAX = 1_024;

export function checkProcess({ port, logPaths }: ProcessParameters): void {
  checkAll([
    () => checkInteger("port", port, 1, PORT_MAX),
    () => {
      if (logPaths.length > 0) return;
      // The agent takes a process without one for a process that never became ready.
      throw validationError("logPaths must name at least one path");
    },
    ...logPaths.map((path) => () => checkText("logPath", "a log path", path)),
  ]);
}

export function checkDescription(request: DescribePlayerSessionsRequest): void {
  const { gameSessionId, playerSessionId, playerId } = request;
  const given = [gameSessionId, playerSessionId, playerId].filter((id) => id !== undefined);
  checkAll([
    () => {
      if (given.length === 1) return;
      throw validationError(
        "exactly one of gameSessionId, playerSessionId, playerId must be given",
      );
    },
    () => gameSessionId !== undefined && checkText("gameSessionId", "gameSessionId", gameSessionId),
    () =>
      playerSessionId !== undefined &&
      checkText("playerSessionId", "playerSessionId", playerSessionId),
    () => playerId !== undefined && checkText("playerId", "playerId", playerId),
    () =>
      request.playerSessionStatusFilter !== undefined &&
      checkOneOf("filter", request.playerSessionStatusFilter, PLAYER_SESSION_STATUSES),
    () =>
      request.limit !== undefined && checkInteger("limit", request.limit, 1, PLAYER_SESSIONS_MAX),
  ]);
}

export function checkStartOfBackfill(request: StartMatchBackfillRequest): void {
  checkAll([
    () => checkText("gameSessionId", "gameSessionArn", request.gameSessionArn),
    () =>
      checkText("gameLiftArn", "matchmakingConfigurationArn", request.matchmakingConfigurationArn),
    () => checkText("newTicketId", "ticketId", request.ticketId ?? ""),
    () => checkInteger("the number of players", request.players.length, 1, PLAYER_SESSIONS_MAX),
  ]);
}

export function checkStopOfBackfill(request: StopMatchBackfillRequest): void {
  checkAll([
    () => checkText("gameLiftArn", "gameSessionArn", request.gameSessionArn),
    () =>
      checkText("gameLiftArn", "matchmakingConfigurationArn", request.matchmakingConfigurationArn),
    () => checkText("ticketId", "ticketId", request.ticketId),
  ]);
}
