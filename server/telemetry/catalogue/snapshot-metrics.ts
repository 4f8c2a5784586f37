import type { Metric } from "./metric.ts";

/** Of a match whose game has snapshots, where the server is set to them. */
export const snapshotMetrics = {
  fleetroom_snapshot_bytes_total: {
    kind: "counter",
    unit: "Bytes",
    meaning: "Bytes of snapshots that were queued for clients, before frames",
    cloudwatch: "prometheus",
  },
  fleetroom_snapshot_keyframes_total: {
    kind: "counter",
    unit: "Count",
    meaning:
      "Snapshots that told a client everything anew: it joined, returned, caught up or came to another place",
  },
  fleetroom_snapshot_own_messages_total: {
    kind: "counter",
    unit: "Count",
    meaning: "Snapshots of a client's own entity alone, for which its bytes were too few that tick",
  },
  fleetroom_snapshot_groups: {
    kind: "gauge",
    unit: "Count",
    meaning: "Groups of clients that are sent the same snapshots",
  },
  fleetroom_snapshot_waiting_clients: {
    kind: "gauge",
    unit: "Count",
    meaning:
      "Clients that get no snapshots: they have not acknowledged their join, or do not keep up",
  },
} as const satisfies Readonly<Record<string, Metric>>;
