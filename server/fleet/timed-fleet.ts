import type { Clock } from "../clock.ts";
import { ErrorCode } from "../errors.ts";
import type { FleetCall, FleetCallOutcome, Telemetry } from "../telemetry/telemetry.ts";
import type {
  Backfills,
  Fleet,
  GameSessionReader,
  PlayerSessions,
  ServerProcess,
} from "./fleet.ts";

/** Tells telemetry of each call to a fleet how it ended and how long it took; changes nothing else. */
export function timedFleet(fleet: Fleet, clock: Clock, telemetry: Telemetry): Fleet {
  const timed = timer(clock, telemetry);
  return {
    kind: fleet.kind,
    playerSessions: timedPlayerSessions(fleet.playerSessions, timed),
    gameSessions: timedReader(fleet.gameSessions, "describe_player_sessions", timed),
    process: timedProcess(fleet.process, timed),
    ...(fleet.secondOpinion && {
      secondOpinion: timedReader(fleet.secondOpinion, "ask_second_opinion", timed),
    }),
    ...(fleet.backfills && { backfills: timedBackfills(fleet.backfills, timed) }),
    [Symbol.asyncDispose]: () => fleet[Symbol.asyncDispose](),
  };
}

type Timed = <T>(
  action: FleetCall,
  call: () => Promise<T>,
  outcomeOf?: (answer: T) => FleetCallOutcome,
) => Promise<T>;

function timer(clock: Clock, telemetry: Telemetry): Timed {
  return async (action, call, outcomeOf = () => "ok") => {
    const startedMs = clock.nowMs();
    const tell = (outcome: FleetCallOutcome) =>
      telemetry.fleetCallEnded({ action, outcome, durationMs: clock.nowMs() - startedMs });
    try {
      const answer = await call();
      tell(outcomeOf(answer));
      return answer;
    } catch (cause) {
      tell(isRefusal(cause) ? "refused" : "failed");
      throw cause;
    }
  };
}

function isRefusal(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && cause.code === ErrorCode.FLEET_REFUSED;
}

const SETTLED = {
  accepted: "ok",
  removed: "ok",
  refused: "refused",
  unavailable: "failed",
} as const;

function timedPlayerSessions(sessions: PlayerSessions, timed: Timed): PlayerSessions {
  return {
    accept: (id, signal) =>
      timed(
        "accept_player_session",
        () => sessions.accept(id, signal),
        ({ outcome }) => SETTLED[outcome],
      ),
    remove: (id, signal) =>
      timed(
        "remove_player_session",
        () => sessions.remove(id, signal),
        ({ outcome }) => SETTLED[outcome],
      ),
  };
}

function timedReader(
  reader: GameSessionReader,
  action: FleetCall,
  timed: Timed,
): GameSessionReader {
  const { descriptionsPerSecond, keepsReservations } = reader;
  return {
    descriptionsPerSecond,
    ...(keepsReservations && { keepsReservations }),
    playerSessions: (id, signal) => timed(action, () => reader.playerSessions(id, signal)),
  };
}

function timedProcess(process: ServerProcess, timed: Timed): ServerProcess {
  return {
    ready: (port, callbacks) => timed("process_ready", () => process.ready(port, callbacks)),
    activateGameSession: (id) =>
      timed("activate_game_session", () => process.activateGameSession(id)),
    setOpenToPlayers: (id, isOpen) =>
      timed("set_open_to_players", () => process.setOpenToPlayers(id, isOpen)),
    gameSessionEnded: (id) => timed("game_session_ended", () => process.gameSessionEnded(id)),
    ending: () => timed("process_ending", () => process.ending()),
  };
}

function timedBackfills(backfills: Backfills, timed: Timed): Backfills {
  return {
    start: (request, signal) =>
      timed("start_match_backfill", () => backfills.start(request, signal)),
    stop: (request, signal) => timed("stop_match_backfill", () => backfills.stop(request, signal)),
  };
}
