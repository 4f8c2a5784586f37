import { GAME_SESSION_STATES } from "../catalogue/labels.ts";
import type { LogReading, ServerReading, SnapshotReading } from "../readings.ts";
import type { Meters } from "./meters.ts";

/** @returns Sets what is read, from one reading each. */
export function shownReadings(
  meters: Meters,
): (reading: ServerReading, logs: readonly LogReading[]) => void {
  const shows = [shownDoor(meters), shownLife(meters), shownMatch(meters)];
  const showLogs = shownLogs(meters);
  return (reading, logs) => {
    for (const show of shows) show(reading);
    showLogs(logs);
  };
}

type Show = (reading: ServerReading) => void;

function shownDoor(meters: Meters): Show {
  const connections = meters.gauge("fleetroom_connections");
  const receivedBytes = meters.counter("fleetroom_received_bytes_total");
  const receivedFrames = meters.counter("fleetroom_received_frames_total");
  const sentBytes = meters.counter("fleetroom_sent_bytes_total");
  const sentFrames = meters.counter("fleetroom_sent_frames_total");
  const queued = meters.gauge("fleetroom_send_queue_bytes");
  const largest = meters.gauge("fleetroom_send_queue_largest_bytes");
  return ({ connections: { strangers, clients }, traffic, sendQueue }) => {
    connections.set(strangers, "strangers");
    connections.set(clients, "clients");
    receivedBytes.reach(traffic.receivedBytes);
    receivedFrames.reach(traffic.receivedFrames);
    sentBytes.reach(traffic.sentBytes);
    sentFrames.reach(traffic.sentFrames);
    queued.set(sendQueue.bytes);
    largest.set(sendQueue.largestBytes);
  };
}

function shownLife(meters: Meters): Show {
  const players = meters.gauge("fleetroom_players");
  const seats = meters.gauge("fleetroom_seats");
  const states = meters.gauge("fleetroom_game_session_state");
  const draining = meters.gauge("fleetroom_draining");
  const healthy = meters.gauge("fleetroom_healthy");
  const parts = meters.gauge("fleetroom_health_part_ok");
  return ({ phase, gameSession, isHealthy, health }) => {
    players.set(gameSession?.seatsHeld ?? 0);
    seats.set(gameSession?.seatsMax ?? 0);
    const state = gameSession?.state ?? "idle";
    for (const each of GAME_SESSION_STATES) states.set(each === state ? 1 : 0, each);
    draining.set(phase === "draining" ? 1 : 0);
    healthy.set(isHealthy ? 1 : 0);
    for (const [part, seen] of Object.entries(health)) {
      parts.set(seen === "ok" || seen === "none" ? 1 : 0, part);
    }
  };
}

function shownMatch(meters: Meters): Show {
  const rate = meters.gauge("fleetroom_tick_rate_target_hertz");
  const queued = meters.gauge("fleetroom_commands_queued");
  const slow = meters.gauge("fleetroom_slow_clients");
  const showSnapshots = shownSnapshots(meters);
  return ({ match }) => {
    showSnapshots(match?.snapshots);
    rate.set(match?.tickRateHz ?? 0);
    queued.set(match?.commandsQueued ?? 0);
    slow.set(match?.slowClients ?? 0);
  };
}

function shownSnapshots(meters: Meters): (snapshots: SnapshotReading | undefined) => void {
  const bytes = meters.counter("fleetroom_snapshot_bytes_total");
  const keyframes = meters.counter("fleetroom_snapshot_keyframes_total");
  const ownMessages = meters.counter("fleetroom_snapshot_own_messages_total");
  const groups = meters.gauge("fleetroom_snapshot_groups");
  const waiting = meters.gauge("fleetroom_snapshot_waiting_clients");
  return (snapshots) => {
    bytes.reach(snapshots?.bytes ?? 0);
    keyframes.reach(snapshots?.keyframes ?? 0);
    ownMessages.reach(snapshots?.ownMessages ?? 0);
    groups.set(snapshots?.groups ?? 0);
    waiting.set(snapshots?.waiting ?? 0);
  };
}

function shownLogs(meters: Meters): (logs: readonly LogReading[]) => void {
  const lines = meters.counter("fleetroom_log_lines_total");
  const dropped = meters.counter("fleetroom_log_lines_dropped_total");
  return (logs) => {
    for (const log of logs) {
      lines.reach(log.lines, log.sink);
      for (const [reason, count] of Object.entries(log.dropped)) {
        dropped.reach(count, log.sink, reason);
      }
    }
  };
}
