/**
 * The state as the emulator tells it; members that the page does not show are left out.
 * @module
 */

/** @typedef {{ fleetId: string, name: string, computeType: string, fleetType: string, status: string, locations: string[] }} Fleet */

/** @typedef {{ fleetId: string, computeName: string, location: string, ipAddress: string, dnsName: string, status: string }} Compute */

/**
 * @typedef {{ fleetId: string, computeName: string, processId: string, state: string, isSupervised: boolean,
 *   isConnected: boolean, sdkVersion: string, sdkLanguage: string, port: number, reportedAtMs?: number,
 *   badReportsInRow: number, gameSessionId?: string, terminationAtMs?: number, endReason?: string,
 *   ordinal?: number }} Process
 */

/**
 * @typedef {{ gameSessionId: string, name: string, fleetId: string, location: string, computeName: string,
 *   processId: string, ipAddress: string, dnsName: string, port: number, status: string, statusReason?: string,
 *   maximumPlayerSessionCount: number, playerSessionCreationPolicy: string,
 *   gameProperties: { key: string, value: string }[], reservedCount: number, activeCount: number }} GameSession
 */

/** @typedef {{ playerSessionId: string, playerId: string, gameSessionId: string, status: string }} PlayerSession */

/** @typedef {{ ticketId: string, gameSessionId: string, status: string, playerCount: number }} Backfill */

/** @typedef {{ placementId: string, queueName: string, status: string, gameSessionId?: string }} Placement */

/** @typedef {{ kind: string, scope: Record<string, string>, value: object, timesLeft?: number, leftMs?: number }} Fault */

/**
 * @typedef {{ atMs: number, region: string, accountId: string, endpoint: string, sequence: number, fleets: Fleet[],
 *   computes: Compute[], processes: Process[], gameSessions: GameSession[], playerSessions: PlayerSession[],
 *   backfills: Backfill[], placements: Placement[], faults: Fault[] }} State
 */

/** @typedef {{ sequence: number, atMs: number, kind: string, detail?: string, [id: string]: unknown }} Happening */

/** @typedef {{ fleetId: string, computeName: string, processId: string, adminPort: number, health: Record<string, string | number | boolean> }} ServerHealth */

export {};
