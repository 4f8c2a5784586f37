import type { Clock } from "./clock.ts";
import type { FleetApi, Seat } from "./fleet-api.ts";
import { ROOM_PROPERTY } from "./game-desk.ts";
import { LOBBY_LIMITS } from "./limits.ts";

/** What the fleet has for a player who was here before. */
export type Standing =
  | { readonly state: "free" }
  /** He was given this seat a moment ago and has not taken it. */
  | { readonly state: "reserved"; readonly seat: Seat }
  /** His seat is taken, by himself, and his match goes on. */
  | { readonly state: "playing" };

/** Asks the fleet, which knows it whichever lobby sent him. @throws FleetApiError */
export async function standingOf(
  deps: { readonly fleet: FleetApi; readonly clock: Clock },
  playerId: string,
  game: string,
): Promise<Standing> {
  const { fleet, clock } = deps;
  const sessions = await fleet.playerSessionsOf(playerId);
  for (const { gameSessionId } of sessions.filter(({ status }) => status === "ACTIVE")) {
    const gameSession = await fleet.gameSession(gameSessionId);
    // What is over has only not given its players back yet.
    if (gameSession?.phase === "active") return { state: "playing" };
  }
  const freshAfterMs = clock.wallMs() - LOBBY_LIMITS.reservationReusedMs;
  const reserved = sessions.filter(
    ({ status, createdAtMs }) => status === "RESERVED" && createdAtMs >= freshAfterMs,
  );
  for (const { gameSessionId, playerSessionId } of reserved) {
    const gameSession = await fleet.gameSession(gameSessionId);
    const isSame = gameSession?.gameProperties[ROOM_PROPERTY] === game;
    if (gameSession?.phase !== "active" || !isSame) continue;
    const { address } = gameSession;
    return { state: "reserved", seat: { playerId, playerSessionId, gameSessionId, address } };
  }
  return { state: "free" };
}
