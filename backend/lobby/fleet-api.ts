/**
 * PORT: what the lobby asks of a fleet. The adapter is `gamelift-fleet-api.ts`.
 * @module
 */

/** Where players reach a game session. */
export interface GameAddress {
  /** `""` when the fleet says none. */
  readonly ipAddress: string;
  /** What a fleet's certificate is good for; `""` when the fleet says none. */
  readonly dnsName: string;
  readonly port: number;
}

export interface GameSessionRecord {
  readonly gameSessionId: string;
  /** Opening: players may be on the way, and cannot come in yet. Over: nobody can come in any more. */
  readonly phase: "opening" | "active" | "over";
  /** Seats that could be reserved now; 0 while it takes no players. */
  readonly room: number;
  readonly gameProperties: Readonly<Record<string, string>>;
  readonly createdAtMs: number;
  readonly address: GameAddress;
}

export interface PlayerSessionRecord {
  readonly playerSessionId: string;
  readonly gameSessionId: string;
  readonly status: string;
  readonly createdAtMs: number;
}

export interface Player {
  readonly playerId: string;
  /** What the game session is told of the player. */
  readonly playerData: string;
}

/** One reserved place in a game session. The player session id is a secret between its player and the server. */
export interface Seat {
  readonly playerId: string;
  readonly playerSessionId: string;
  readonly gameSessionId: string;
  readonly address: GameAddress;
}

export type Placement =
  | { readonly state: "pending" }
  | {
      readonly state: "fulfilled";
      readonly gameSessionId: string;
      /** Player session ids by player id. */
      readonly playerSessionIds: ReadonlyMap<string, string>;
    }
  /** No game session came of it. */
  | { readonly state: "ended"; readonly why: string };

export interface PlacementRequest {
  readonly placementId: string;
  readonly playersMax: number;
  readonly gameProperties: Readonly<Record<string, string>>;
  readonly players: readonly Player[];
}

/** Each method makes one call, or one for each page. @throws FleetApiError */
export interface FleetApi {
  /** Game sessions that take players, of every game. */
  openGameSessions(): Promise<readonly GameSessionRecord[]>;
  gameSession(gameSessionId: string): Promise<GameSessionRecord | undefined>;
  /** Reserves a seat for each of the players, or for none: then there is no room for all, or the game session is gone. */
  reserve(gameSessionId: string, players: readonly Player[]): Promise<readonly Seat[] | undefined>;
  place(request: PlacementRequest): Promise<void>;
  placement(placementId: string): Promise<Placement>;
  /** Gives a pending placement up; one that is not pending any more stays what it is. */
  cancelPlacement(placementId: string): Promise<void>;
  playerSessionsOf(playerId: string): Promise<readonly PlayerSessionRecord[]>;
}

/** A call that failed, without what was asked or answered. */
export class FleetApiError extends Error {
  override readonly name = "FleetApiError";
  readonly operation: string;
  /** AWS's name of the error, or of Node's. */
  readonly fault: string;
  /** Whether the same call may succeed in a moment. */
  readonly mayPass: boolean;

  constructor(
    details: { operation: string; fault: string; mayPass: boolean },
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.operation = details.operation;
    this.fault = details.fault;
    this.mayPass = details.mayPass;
  }
}
