import type { ControlPlane } from "../plane/control-plane.ts";
import type { Placement } from "../queues/placement.ts";
import type { Census } from "./census.ts";
import { FAULT_LIMITS } from "./limits.ts";
import type { StandingFault, StandingFaults } from "./standing-faults.ts";

/** A placement as far as the state tells it. */
export type PlacementView = Pick<
  Placement,
  | "placementId"
  | "queueName"
  | "status"
  | "gameSessionId"
  | "maximumPlayerSessionCount"
  | "startedAtMs"
  | "endedAtMs"
>;

export interface StateSource {
  readonly plane: ControlPlane;
  readonly census: Census;
  readonly standing: StandingFaults;
  /** Oldest first. */
  readonly placements: () => readonly PlacementView[];
}

/** Everything that is there, as JSON: records as the control plane keeps them, the newest where there are too many. */
export function stateOf({ plane, census, standing, placements }: StateSource): object {
  const gameSessions = plane.gameSessions.list();
  const players = gameSessions.flatMap(({ gameSessionId }) =>
    plane.playerSessions.of(gameSessionId),
  );
  return {
    atMs: plane.clock.wallMs(),
    region: plane.region,
    accountId: plane.accountId,
    endpoint: plane.endpoint(),
    // What comes after this state is told after this happening.
    sequence: plane.happenings.since(0).at(-1)?.sequence ?? 0,
    fleets: plane.fleets.list(),
    computes: plane.fleets.list().flatMap(({ fleetId }) => plane.computes.list(fleetId)),
    processes: bounded(plane.processes.list(), ({ state }) => state !== "ENDED").map((process) => ({
      ...process,
      ordinal: census.ordinalOf(process),
    })),
    gameSessions: bounded(gameSessions, ({ status }) => status !== "TERMINATED").map(shortened),
    playerSessions: bounded(
      players,
      ({ status }) => status === "RESERVED" || status === "ACTIVE",
    ).map(shortened),
    backfills: bounded(plane.backfills.list(), ({ status }) => status === "SEARCHING").map(
      ({ players: wanted, ...ticket }) => ({ ...ticket, playerCount: wanted.length }),
    ),
    placements: bounded(placements(), ({ status }) => status === "PENDING").map(placementView),
    faults: standing.list().map((fault) => standingView(fault, plane.clock.nowMs())),
  };
}

/** All that live and the newest others, in their order, so many in all. */
function bounded<T>(records: readonly T[], isAlive: (record: T) => boolean): readonly T[] {
  const max = FAULT_LIMITS.stateRecordsMax;
  if (records.length <= max) return records;
  const alive = records.filter(isAlive);
  const others = records.filter((record) => !isAlive(record));
  const room = Math.max(0, max - alive.length);
  return [...others.slice(others.length - room), ...alive.slice(-max)];
}

/** Data may have hundreds of thousands of characters, which nobody reads in a list. */
function shortened<T extends object>(record: T): object {
  const max = FAULT_LIMITS.stateTextCharsMax;
  return Object.fromEntries(
    Object.entries(record).map(([member, value]) => [
      member,
      typeof value === "string" && value.length > max ? `${value.slice(0, max)}…` : value,
    ]),
  );
}

function placementView(placement: PlacementView): PlacementView {
  const { placementId, queueName, status, gameSessionId } = placement;
  const { maximumPlayerSessionCount, startedAtMs, endedAtMs } = placement;
  return {
    placementId,
    queueName,
    status,
    gameSessionId,
    maximumPlayerSessionCount,
    startedAtMs,
    endedAtMs,
  };
}

function standingView({ kind, scope, value, timesLeft, untilMs }: StandingFault, nowMs: number) {
  const leftMs = untilMs === undefined ? undefined : Math.round(untilMs - nowMs);
  return { kind, scope, value, timesLeft, leftMs };
}
