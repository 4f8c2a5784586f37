/** Bounds of the control plane. What is over is kept for whoever asks later, the oldest forgotten first. */
export const PLANE_LIMITS = {
  fleetsMax: 100,
  buildsMax: 100,
  scalingPoliciesPerFleetMax: 50,
  /** Of one EC2 fleet: each is a set of processes on this machine. */
  instancesPerLocationMax: 100,
  locationsMax: 200,
  aliasesMax: 200,
  /** Registered in one fleet: the documented quota of Anywhere. */
  computesPerFleetMax: 100,
  /** Alive in one fleet; those of one instance are bounded by its runtime configuration. */
  processesPerFleetMax: 5_000,
  endedProcessesKeptMax: 1_000,
  endedGameSessionsKeptMax: 1_000,
  /** The service's own: a game session has no more players. */
  playerSessionsPerGameSessionMax: 200,
  /** Of one game session, those that are over included: who reserves in a circle must not fill the memory. */
  playerSessionsKeptPerGameSessionMax: 10_000,
  fleetEventsKeptMax: 1_000,
  backfillsKeptMax: 1_000,
  /** Whose game sessions are counted for a fleet's creation limit; those who created longest ago are forgotten first. */
  creatorsKeptMax: 10_000,
  gamePropertiesMax: 16,
  /** What waits for a server process that is not connected, or has sent no heartbeat. */
  pushesWaitingMax: 32,
  /** Reports, bad or missing, that end a process. */
  badReportsMax: 3,
} as const;
