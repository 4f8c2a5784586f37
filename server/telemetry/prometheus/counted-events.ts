import type { EventInfo, EventName } from "../every-event.ts";
import type { Meters } from "./meters.ts";

/** What each event that counts does to the metrics. */
export type CountedEvents = {
  readonly [Name in EventName]?: (info: EventInfo<Name>) => void;
};

const SEATED: ReadonlySet<unknown> = new Set(["joined", "returned", "reserved"]);
/** A breaker belongs to its game session, and nobody tells of it once that is over. */
const BREAKERS = ["fleet", "second_opinion"];

export function countedEvents(meters: Meters): CountedEvents {
  return {
    ...countedSessions(meters),
    ...countedJoins(meters),
    ...countedTraffic(meters),
    ...countedFaults(meters),
    ...countedFleetCalls(meters),
  };
}

function countedSessions(meters: Meters): CountedEvents {
  const sessions = meters.counter("fleetroom_game_sessions_total");
  const breakers = meters.gauge("fleetroom_fleet_breaker_open");
  const backfills = meters.counter("fleetroom_backfills_total");
  const results = meters.counter("fleetroom_results_total");
  return {
    gameSessionFailed: () => sessions.add(1, "failed"),
    gameSessionEnded: ({ outcome }) => {
      for (const source of BREAKERS) breakers.set(0, source);
      sessions.add(1, outcome);
    },
    backfillEnded: ({ outcome }) => backfills.add(1, outcome),
    resultDelivered: () => results.add(1, "delivered"),
    resultNotDelivered: () => results.add(1, "lost"),
  };
}

function countedJoins(meters: Meters): CountedEvents {
  const joins = meters.counter("fleetroom_joins_total");
  const seconds = meters.histogram("fleetroom_join_duration_seconds");
  return {
    joinEnded: ({ transport, outcome, durationMs }) => {
      joins.add(1, transport, outcome);
      if (SEATED.has(outcome)) seconds.observe(durationMs / 1000, transport);
    },
  };
}

function countedTraffic(meters: Meters): CountedEvents {
  const closed = meters.counter("fleetroom_connections_closed_total");
  const requests = meters.counter("fleetroom_requests_refused_total");
  const handshakes = meters.counter("fleetroom_handshakes_failed_total");
  const commands = meters.counter("fleetroom_commands_dropped_total");
  const overruns = meters.counter("fleetroom_tick_overruns_total");
  const ticks = meters.counter("fleetroom_ticks_dropped_total");
  return {
    connectionClosed: ({ closeCode }) => closed.add(1, closeCode),
    requestRefused: ({ status }) => requests.add(1, status),
    handshakeFailed: ({ reason }) => handshakes.add(1, reason),
    commandDropped: ({ reason }) => commands.add(1, reason),
    stepOverran: ({ droppedTicks }) => {
      overruns.add(1);
      ticks.add(droppedTicks);
    },
  };
}

function countedFaults(meters: Meters): CountedEvents {
  const rooms = meters.counter("fleetroom_room_faults_total");
  const clients = meters.counter("fleetroom_client_faults_total");
  const journals = meters.counter("fleetroom_journals_failed_total");
  const removals = meters.counter("fleetroom_player_session_removals_failed_total");
  return {
    roomFault: () => rooms.add(1),
    clientFault: () => clients.add(1),
    journalFailed: () => journals.add(1),
    playerSessionRemoveFailed: () => removals.add(1),
  };
}

function countedFleetCalls(meters: Meters): CountedEvents {
  const calls = meters.counter("fleetroom_fleet_calls_total");
  const tries = meters.counter("fleetroom_fleet_tries_failed_total");
  const seconds = meters.histogram("fleetroom_validator_duration_seconds");
  const breakers = meters.gauge("fleetroom_fleet_breaker_open");
  const openings = meters.counter("fleetroom_fleet_breaker_openings_total");
  const reachable = meters.gauge("fleetroom_fleet_reachable");
  const reconnects = meters.counter("fleetroom_fleet_reconnects_total");
  // As long as nobody says otherwise.
  let wasReachable = true;
  reachable.set(1);
  const reach = (isReachable: boolean) => {
    reachable.set(isReachable ? 1 : 0);
    if (isReachable && !wasReachable) reconnects.add(1);
    wasReachable = isReachable;
  };
  return {
    fleetCallEnded: ({ action, outcome, durationMs }) => {
      calls.add(1, action, outcome);
      seconds.observe(durationMs / 1000, action);
    },
    fleetCallFailed: ({ action }) => tries.add(1, action),
    fleetReachable: ({ isReachable }) => reach(isReachable),
    fleetLost: () => reach(false),
    fleetBreakerTurned: ({ isOpen, source }) => {
      breakers.set(isOpen ? 1 : 0, source);
      if (isOpen) openings.add(1, source);
    },
  };
}
