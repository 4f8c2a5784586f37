/**
 * The Amazon GameLift Server SDK 5 for Node.
 * @module
 */
export type { ContainerNetworkInfo } from "./container-endpoints.ts";
export { GameLiftError, GameLiftErrorName } from "./errors.ts";
export type { HealthCheck } from "./heartbeat.ts";
export type { OutcomeOptions } from "./known-outcome.ts";
export type { ServerParameters } from "./sdk-environment.ts";
export type { SdkEnvironment } from "./sdk-outside.ts";
export type { ProcessParameters, SdkEvent } from "./server-callbacks.ts";
export { ServerSdk, type ServerSdkOptions } from "./server-sdk.ts";
export type {
  AttributeValue,
  BackfillPlayer,
  ComputeCertificate,
  DescribePlayerSessionsRequest,
  FleetRoleCredentials,
  GameSession,
  GameSessionUpdate,
  PlayerSession,
  PlayerSessionsPage,
  StartMatchBackfillRequest,
  StopMatchBackfillRequest,
} from "./session-types.ts";
