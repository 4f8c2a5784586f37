/**
 * What the control plane keeps, as everybody else sees it. Times ending in `AtMs` are wall-clock milliseconds since 1970.
 * @module
 */

/**
 * A fleet of an uploaded build:
 *
 *     NEW ──> DOWNLOADING ──> VALIDATING ──> BUILDING ──> ACTIVATING ──> ACTIVE
 *
 * and from each of them but ACTIVE to ERROR. Every other fleet is ACTIVE at once.
 */
export type FleetStatus =
  | "NEW"
  | "DOWNLOADING"
  | "VALIDATING"
  | "BUILDING"
  | "ACTIVATING"
  | "ACTIVE"
  | "ERROR"
  | "TERMINATED";

/** Instances of an EC2 fleet in one location; 0 ≤ minimum ≤ desired ≤ maximum. */
export interface Capacity {
  readonly desired: number;
  readonly minimum: number;
  readonly maximum: number;
}

export interface ServerProcessConfiguration {
  readonly launchPath: string;
  /** `""` for none. */
  readonly parameters: string;
  /** 1 to 50 in one runtime configuration. */
  readonly concurrentExecutions: number;
}

export interface RuntimeConfiguration {
  readonly serverProcesses: readonly ServerProcessConfiguration[];
  /** Of one instance at a time. */
  readonly maxConcurrentGameSessionActivations: number;
  /** 1 to 600. */
  readonly gameSessionActivationTimeoutSeconds: number;
}

export interface IpPermission {
  readonly fromPort: number;
  readonly toPort: number;
  readonly ipRange: string;
  readonly protocol: "TCP" | "UDP";
}

interface ResourceCreationLimitPolicy {
  readonly newGameSessionsPerCreator: number;
  readonly policyPeriodInMinutes: number;
}

export type ProtectionPolicy = "NoProtection" | "FullProtection";

export interface Fleet {
  readonly fleetId: string;
  readonly fleetArn: string;
  readonly name: string;
  readonly description: string;
  readonly computeType: "EC2" | "ANYWHERE";
  readonly fleetType: "ON_DEMAND" | "SPOT";
  /** An EC2 fleet's; `""` otherwise. */
  readonly instanceType: string;
  readonly buildId: string;
  readonly status: FleetStatus;
  /** At least one. An EC2 fleet's first is the home Region. */
  readonly locations: readonly string[];
  /** Of an EC2 fleet, by location; empty on Anywhere. */
  readonly capacities: Readonly<Record<string, Capacity>>;
  /** Locations whose scaling policies have been stopped. */
  readonly scalingStoppedIn: readonly string[];
  /** Its programs are those of the uploaded build `buildId`, unpacked for it alone; else those of the launch roots. */
  readonly isOfBuild: boolean;
  readonly runtimeConfiguration: RuntimeConfiguration;
  readonly certificateType: "DISABLED" | "GENERATED";
  readonly newGameSessionProtectionPolicy: ProtectionPolicy;
  readonly resourceCreationLimitPolicy: ResourceCreationLimitPolicy | undefined;
  readonly inboundPermissions: readonly IpPermission[];
  /** An Anywhere fleet's, as it was given; `""` otherwise. */
  readonly anywhereCost: string;
  readonly instanceRoleArn: string;
  /** As the API spells it; `""` for none. */
  readonly instanceRoleCredentialsProvider: string;
  readonly metricGroups: readonly string[];
  readonly createdAtMs: number;
  readonly terminatedAtMs: number | undefined;
}

export interface Build {
  readonly buildId: string;
  readonly buildArn: string;
  /** `""` for none, as is `version`. */
  readonly name: string;
  readonly version: string;
  readonly status: "INITIALIZED" | "READY" | "FAILED";
  /** Of its zip; 0 until it is READY. */
  readonly sizeBytes: number;
  /** As the API spells it, such as `AMAZON_LINUX_2023`. */
  readonly operatingSystem: string;
  readonly serverSdkVersion: string;
  readonly createdAtMs: number;
}

export interface ScalingPolicy {
  readonly name: string;
  /** Members of PutScalingPolicy, as they came, without `Name` and `FleetId`. */
  readonly members: Readonly<Record<string, unknown>>;
}

export interface Location {
  /** `custom-…`, or a Region. */
  readonly name: string;
  readonly locationArn: string;
}

export interface Alias {
  readonly aliasId: string;
  readonly aliasArn: string;
  readonly name: string;
  readonly description: string;
  readonly routing:
    | { readonly type: "SIMPLE"; readonly fleetId: string }
    | { readonly type: "TERMINAL"; readonly message: string };
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export interface Compute {
  readonly computeName: string;
  readonly computeArn: string;
  readonly fleetId: string;
  readonly location: string;
  /** `""` when only a DNS name was given. */
  readonly ipAddress: string;
  readonly dnsName: string;
  readonly certificatePath: string;
  readonly status: "ACTIVE" | "IMPAIRED" | "TERMINATING";
  /** EC2 for the emulator's own instances. */
  readonly type: "EC2" | "ANYWHERE";
  readonly createdAtMs: number;
}

export interface AuthToken {
  readonly token: string;
  readonly expiresAtMs: number;
}

/**
 * A server process:
 *
 *     STARTED ── InitSDK ──> CONNECTED ── ProcessReady ──> READY ── ProcessEnding ──> ENDING ──> ENDED
 *
 * and from each of them straight to ENDED when it exits, is killed or is given up. STARTED is for supervised processes
 * only: others are unknown before they connect.
 */
export type ProcessState = "STARTED" | "CONNECTED" | "READY" | "ENDING" | "ENDED";

/** Why a process is over; `ended` is the good end. */
export type ProcessEndReason =
  | "ended"
  | "crashed"
  | "unhealthy"
  | "force-terminated"
  | "initialization-timeout"
  | "ready-timeout"
  | "exit-timeout"
  | "compute-gone";

export interface ServerProcess {
  /** `pID`, unique on its compute. */
  readonly processId: string;
  readonly fleetId: string;
  readonly computeName: string;
  readonly location: string;
  readonly state: ProcessState;
  /** Started by the supervisor, which can kill it. */
  readonly isSupervised: boolean;
  readonly isConnected: boolean;
  readonly sdkVersion: string;
  readonly sdkLanguage: string;
  /** 0 until it is READY. */
  readonly port: number;
  readonly logPaths: readonly string[];
  readonly startedAtMs: number;
  /** Of its last heartbeat; `undefined` before the first. Nothing is pushed until then. */
  readonly reportedAtMs: number | undefined;
  /** Reports in a row that were bad or missing; three end the process. */
  readonly badReportsInRow: number;
  /** The game session that it hosts or hosted: a process has one in its life. */
  readonly gameSessionId: string | undefined;
  /** The deadline it was told, once it was told to terminate. */
  readonly terminationAtMs: number | undefined;
  readonly endReason: ProcessEndReason | undefined;
}

/** ACTIVATING → ACTIVE → (TERMINATING →) TERMINATED; also ACTIVATING → (TERMINATING →) TERMINATED. */
export type GameSessionStatus = "ACTIVATING" | "ACTIVE" | "TERMINATING" | "TERMINATED";
export type GameSessionStatusReason =
  | "INTERRUPTED"
  | "TRIGGERED_ON_PROCESS_TERMINATE"
  | "FORCE_TERMINATED";
export type PlayerSessionCreationPolicy = "ACCEPT_ALL" | "DENY_ALL";

export interface GameProperty {
  readonly key: string;
  readonly value: string;
}

export interface GameSession {
  /** ARN. */
  readonly gameSessionId: string;
  readonly name: string;
  readonly fleetId: string;
  readonly location: string;
  readonly computeName: string;
  readonly processId: string;
  readonly ipAddress: string;
  readonly dnsName: string;
  readonly port: number;
  readonly status: GameSessionStatus;
  readonly statusReason: GameSessionStatusReason | undefined;
  readonly maximumPlayerSessionCount: number;
  readonly playerSessionCreationPolicy: PlayerSessionCreationPolicy;
  readonly protectionPolicy: ProtectionPolicy;
  /** At most 16, keys unique. */
  readonly gameProperties: readonly GameProperty[];
  readonly gameSessionData: string;
  readonly matchmakerData: string;
  readonly creatorId: string;
  readonly createdAtMs: number;
  readonly terminatedAtMs: number | undefined;
  /** Player sessions now RESERVED and ACTIVE. */
  readonly reservedCount: number;
  readonly activeCount: number;
}

export type PlayerSessionStatus = "RESERVED" | "ACTIVE" | "COMPLETED" | "TIMEDOUT";

export interface PlayerSession {
  readonly playerSessionId: string;
  readonly playerId: string;
  readonly playerData: string;
  readonly gameSessionId: string;
  readonly fleetId: string;
  readonly ipAddress: string;
  readonly dnsName: string;
  readonly port: number;
  readonly status: PlayerSessionStatus;
  readonly createdAtMs: number;
  readonly terminatedAtMs: number | undefined;
  /** The end of its game session completed it; no RemovePlayerSession did. */
  readonly endedWithGameSession: boolean;
}

export type BackfillStatus = "SEARCHING" | "COMPLETED" | "FAILED" | "TIMED_OUT" | "CANCELLED";

export interface BackfillTicket {
  readonly ticketId: string;
  readonly gameSessionId: string;
  readonly matchmakingConfigurationArn: string;
  /** As the server process sent them. */
  readonly players: readonly unknown[];
  readonly status: BackfillStatus;
  readonly createdAtMs: number;
}

export interface FleetEvent {
  readonly eventId: string;
  readonly fleetId: string;
  /** Of the model's closed list, such as `SERVER_PROCESS_CRASHED`. */
  readonly code: string;
  readonly message: string;
  readonly atMs: number;
}
