/**
 * Broken promises and the codes they carry. Expected refusals are values, not errors.
 * @module
 */

/** Each code has a row in docs/RUNBOOK.md. */
export const ErrorCode = {
  CONFIG_INVALID: "CONFIG_INVALID",
  PORT_TAKEN: "PORT_TAKEN",
  ROOMS_MODULE_INVALID: "ROOMS_MODULE_INVALID",
  ROOM_UNKNOWN: "ROOM_UNKNOWN",
  SNAPSHOTS_INVALID: "SNAPSHOTS_INVALID",
  NOT_ON_A_FLEET: "NOT_ON_A_FLEET",
  FLEET_UNREACHABLE: "FLEET_UNREACHABLE",
  FLEET_API_DENIED: "FLEET_API_DENIED",
  FLEET_REFUSED: "FLEET_REFUSED",
  FLEET_LOST: "FLEET_LOST",
  FLEET_LOCAL_UNSAFE: "FLEET_LOCAL_UNSAFE",
  LOCAL_SESSION_INVALID: "LOCAL_SESSION_INVALID",
  TLS_CERTIFICATE_INVALID: "TLS_CERTIFICATE_INVALID",
  RESULT_NOT_DELIVERED: "RESULT_NOT_DELIVERED",
} as const;
export type ErrorCode = (typeof ErrorCode)[keyof typeof ErrorCode];

/** An operation that promised something and could not keep it. */
export class GameServerError extends Error {
  override readonly name = "GameServerError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** A state the host's own code holds impossible. It alone ends the process, non-zero. */
export class HostAssertion extends Error {
  override readonly name = "HostAssertion";
}

export function assertHost(condition: unknown, claim: string): asserts condition {
  if (!condition) throw new HostAssertion(claim);
}
