import { done, isRefused } from "../../plane/outcome.ts";
import { type FaultKind, faultKind, toEach } from "../fault.ts";
import { FAULT_LIMITS } from "../limits.ts";
import { choice, duration, json, target, text } from "../member-kinds.ts";
import { optional } from "../members.ts";

const matchmakerData = json(FAULT_LIMITS.matchmakerDataCharsMax);

/** Faults of game sessions, player sessions and the room for them. */
export const SESSION_FAULTS: Readonly<Record<string, FaultKind>> = {
  expire: faultKind(
    "Ends a reservation as if its time were over.",
    { player: target(true) },
    ({ player }, { plane, targets }) => {
      const chosen = targets.playerSessions(player, ({ status }) =>
        status === "RESERVED" ? undefined : `is ${status}, not RESERVED`,
      );
      if (isRefused(chosen)) return chosen;
      return toEach(chosen.value, ({ playerSessionId, gameSessionId }) => {
        const outcome = plane.playerSessions.expire(playerSessionId);
        if (isRefused(outcome)) return outcome;
        return done({ playerSessionId, gameSessionId, detail: "expire" });
      });
    },
  ),
  "matchmaker-data": faultKind(
    "Sets a game session's MatchmakerData and tells its process; an open backfill ticket is completed by it.",
    { session: target(false), data: matchmakerData },
    ({ session, data }, { plane, targets }) => {
      const chosen = targets.gameSessions(session, ({ status }) =>
        status === "ACTIVE" ? undefined : `is ${status}, not ACTIVE`,
      );
      if (isRefused(chosen)) return chosen;
      return toEach(chosen.value, ({ gameSessionId }) => {
        const outcome = plane.backfills.end(gameSessionId, "MATCHMAKING_DATA_UPDATED", data);
        return isRefused(outcome) ? outcome : done({ gameSessionId, detail: "matchmaker-data" });
      });
    },
  ),
  "end-backfill": faultKind(
    "Ends a game session's open backfill ticket in one of the ways that UpdateGameSession knows.",
    {
      session: target(false),
      reason: choice([
        "MATCHMAKING_DATA_UPDATED",
        "BACKFILL_FAILED",
        "BACKFILL_TIMED_OUT",
        "BACKFILL_CANCELLED",
      ]),
      data: optional(matchmakerData, undefined),
    },
    ({ session, reason, data }, { plane, targets }) => {
      const searching = new Set(
        plane.backfills
          .list()
          .filter(({ status }) => status === "SEARCHING")
          .map(({ gameSessionId }) => gameSessionId),
      );
      const chosen = targets.gameSessions(session, ({ gameSessionId }) =>
        searching.has(gameSessionId) ? undefined : "has no open backfill ticket",
      );
      if (isRefused(chosen)) return chosen;
      return toEach(chosen.value, ({ gameSessionId }) => {
        const outcome = plane.backfills.end(gameSessionId, reason, data);
        if (isRefused(outcome)) return outcome;
        return done({ gameSessionId, detail: `end-backfill: ${reason}` });
      });
    },
  ),
  full: faultKind(
    "Makes a fleet, or one of its locations, full: none of its processes takes a game session meanwhile.",
    {
      fleet: target(false),
      location: optional(text(), undefined),
      for: optional(duration(FAULT_LIMITS.lastsMsMax), undefined),
    },
    ({ fleet, location, for: lastsMs }, { standing, targets }) => {
      const chosen = targets.fleets(fleet);
      if (isRefused(chosen)) return chosen;
      return toEach(chosen.value, ({ fleetId }) => {
        const lasting = { times: undefined, lastsMs };
        const stood = standing.add("full", { fleetId, location }, {}, lasting);
        if (isRefused(stood)) return stood;
        return done({ fleetId, detail: `full: ${location ?? "every location"}` });
      });
    },
  ),
};
