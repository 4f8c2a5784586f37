/** Why the control plane refuses, named as the AWS API's errors are, without their suffix `Exception`. */
export type RefusalKind =
  | "InvalidRequest"
  | "NotFound"
  | "Unauthorized"
  | "Conflict"
  | "IdempotentParameterMismatch"
  | "InvalidFleetStatus"
  | "InvalidGameSessionStatus"
  | "NotReady"
  | "GameSessionFull"
  | "FleetCapacityExceeded"
  | "LimitExceeded"
  | "TerminalRoutingStrategy"
  | "UnsupportedRegion";

export interface Refusal {
  readonly refusal: RefusalKind;
  /** For the caller: names the member that is wrong and says what would be right. Never a token. */
  readonly message: string;
}

/** What an operation came to: a value, or a refusal that the caller expects as one. */
export type Outcome<T> = { readonly value: T } | Refusal;

export function done<T>(value: T): { readonly value: T } {
  return { value };
}

export function refused(refusal: RefusalKind, message: string): Refusal {
  return { refusal, message };
}

export function isRefused<T>(outcome: Outcome<T>): outcome is Refusal {
  return "refusal" in outcome;
}
