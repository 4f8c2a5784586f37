/**
 * What the service tells of game sessions and players.
 * @module
 */

export interface GameSession {
  /** An ARN. */
  readonly gameSessionId: string;
  readonly name: string;
  readonly fleetId: string;
  readonly maximumPlayerSessionCount: number;
  readonly port: number;
  readonly ipAddress: string;
  readonly dnsName: string;
  /** At most 262,144 characters; `""` when none was given. */
  readonly gameSessionData: string;
  /** JSON as text; `""` when no matchmaker made the session. */
  readonly matchmakerData: string;
  /** At most 16 pairs. */
  readonly gameProperties: Readonly<Record<string, string>>;
}

export const PLAYER_SESSION_STATUSES = ["RESERVED", "ACTIVE", "COMPLETED", "TIMEDOUT"] as const;

export interface PlayerSession {
  readonly playerSessionId: string;
  readonly playerId: string;
  readonly gameSessionId: string;
  readonly fleetId: string;
  /** At most 2,048 characters. */
  readonly playerData: string;
  readonly ipAddress: string;
  readonly dnsName: string;
  readonly port: number;
  /** Milliseconds since 1970; 0 when there is none. */
  readonly creationTimeMs: number;
  readonly terminationTimeMs: number;
  /** `NOT_SET` for a status that this SDK does not know. */
  readonly status: (typeof PLAYER_SESSION_STATUSES)[number] | "NOT_SET";
}

export const UPDATE_REASONS = [
  "MATCHMAKING_DATA_UPDATED",
  "BACKFILL_FAILED",
  "BACKFILL_TIMED_OUT",
  "BACKFILL_CANCELLED",
] as const;

export interface GameSessionUpdate {
  readonly gameSession: GameSession;
  /** `UNKNOWN` for a reason that this SDK does not know. */
  readonly updateReason: (typeof UPDATE_REASONS)[number] | "UNKNOWN";
  readonly backfillTicketId: string;
}

/** Exactly one of the three ids. */
export type DescribePlayerSessionsRequest = (
  | { readonly gameSessionId: string; readonly playerSessionId?: never; readonly playerId?: never }
  | { readonly playerSessionId: string; readonly gameSessionId?: never; readonly playerId?: never }
  | { readonly playerId: string; readonly gameSessionId?: never; readonly playerSessionId?: never }
) & {
  readonly playerSessionStatusFilter?: (typeof PLAYER_SESSION_STATUSES)[number];
  /** Of the page before. */
  readonly nextToken?: string;
  /** 1 to 1,024. */
  readonly limit?: number;
};

export interface PlayerSessionsPage {
  readonly playerSessions: readonly PlayerSession[];
  /** `undefined` on the last page. */
  readonly nextToken: string | undefined;
}

/** A player's attribute as a matchmaking request has it. */
export type AttributeValue =
  | { readonly AttrType: "NONE" }
  /** At most 100 characters. */
  | { readonly AttrType: "STRING"; readonly S: string }
  | { readonly AttrType: "DOUBLE"; readonly N: number }
  /** At most 100. */
  | { readonly AttrType: "STRING_LIST"; readonly SL: readonly string[] }
  /** At most 10. */
  | { readonly AttrType: "STRING_DOUBLE_MAP"; readonly SDM: Readonly<Record<string, number>> };

export interface BackfillPlayer {
  readonly playerId: string;
  readonly team: string;
  /** At most 10. */
  readonly playerAttributes?: Readonly<Record<string, AttributeValue>>;
  /** Milliseconds by region. */
  readonly latencyInMs?: Readonly<Record<string, number>>;
}

export interface StartMatchBackfillRequest {
  readonly gameSessionArn: string;
  readonly matchmakingConfigurationArn: string;
  /** Everybody who is in the game session. */
  readonly players: readonly BackfillPlayer[];
  /** Made by the service unless given. */
  readonly ticketId?: string;
}

export interface StopMatchBackfillRequest {
  readonly gameSessionArn: string;
  readonly matchmakingConfigurationArn: string;
  readonly ticketId: string;
}

export interface ComputeCertificate {
  /** A directory or a file on this host; `""` where the fleet has no certificate. */
  readonly certificatePath: string;
  readonly computeName: string;
}

/** Temporary; a secret. */
export interface FleetRoleCredentials {
  readonly assumedRoleUserArn: string;
  readonly assumedRoleId: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** Milliseconds since 1970. */
  readonly expirationMs: number;
}
