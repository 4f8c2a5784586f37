import type { MatchReading, ServerReading } from "../../../../server/telemetry/readings.ts";

export const MATCH: MatchReading = {
  tickRateHz: 20,
  ranTicks: 1_200,
  droppedTicks: 3,
  commandsQueued: 4,
  slowClients: 1,
  snapshots: undefined,
};

export const READING: ServerReading = {
  phase: "active",
  isHealthy: true,
  health: { ticks: "ok", eventLoop: "ok", match: "ok" },
  gameSession: {
    gameSessionId: "arn:aws:gamelift:eu-central-1::gamesession/fleet-1/gsess-1",
    state: "active",
    seatsHeld: 7,
    seatsMax: 32,
  },
  match: MATCH,
  connections: { strangers: 2, clients: 7 },
  traffic: { receivedBytes: 10, receivedFrames: 2, sentBytes: 30, sentFrames: 4 },
  sendQueue: { bytes: 900, largestBytes: 600 },
};
