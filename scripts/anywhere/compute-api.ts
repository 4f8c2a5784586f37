/**
 * PORT. What the supervisor asks of Amazon GameLift: `aws/` is the adapter.
 * @module
 */

export interface ComputeRegistrationRequest {
  readonly computeName: string;
  readonly location: string;
  readonly ipAddress: string | undefined;
  readonly dnsName: string | undefined;
}

/** A compute as GameLift has it; what it left out is `undefined`. */
export interface RegisteredCompute {
  readonly computeName: string;
  /** In the service's own words; Anywhere fleets also have some that are no member of the API's enumeration. */
  readonly status: string | undefined;
  readonly location: string | undefined;
  readonly ipAddress: string | undefined;
  readonly dnsName: string | undefined;
  readonly registeredAt: Date | undefined;
  /** Where server processes connect: `wss://…`. */
  readonly sdkEndpoint: string | undefined;
}

/** Secret: whoever has it can pose as the compute. */
export interface ComputeToken {
  readonly text: string;
  /** By this machine's wall clock, milliseconds since 1970. */
  readonly expiresAtMs: number;
}

/** Every method rejects with a {@link ComputeCallError}. */
export interface ComputeApi {
  /** Looks through the whole fleet, for names are unique in a fleet, not in a location. */
  find(computeName: string, signal: AbortSignal): Promise<RegisteredCompute | undefined>;
  register(request: ComputeRegistrationRequest, signal: AbortSignal): Promise<RegisteredCompute>;
  token(computeName: string, signal: AbortSignal): Promise<ComputeToken>;
  deregister(computeName: string, signal: AbortSignal): Promise<void>;
}

export type ComputeOperation =
  | "ListCompute"
  | "RegisterCompute"
  | "GetComputeAuthToken"
  | "DeregisterCompute";

/**
 * `transient`: the same call may succeed later, and this one may have taken effect.
 * `notReady`: it may succeed later, this one had no effect. The others will fail again.
 */
export type ComputeCallFault = "transient" | "notReady" | "conflict" | "notFound" | "refused";

export class ComputeCallError extends Error {
  override readonly name = "ComputeCallError";
  readonly operation: ComputeOperation;
  readonly fault: ComputeCallFault;

  /** @param message - Says what to do as well; goes to logs and to the terminal. */
  constructor(
    operation: ComputeOperation,
    fault: ComputeCallFault,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.operation = operation;
    this.fault = fault;
  }
}

export function isFault(error: unknown, ...faults: readonly ComputeCallFault[]): boolean {
  return error instanceof ComputeCallError && faults.includes(error.fault);
}
