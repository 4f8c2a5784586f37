/** Each code has a row in docs/SHIPPING.md. */
export const FleetsErrorCode = {
  FLEETS_OPTIONS_INVALID: "FLEETS_OPTIONS_INVALID",
  FLEETS_ZIP_INVALID: "FLEETS_ZIP_INVALID",
  FLEETS_CALL_FAILED: "FLEETS_CALL_FAILED",
  FLEETS_BUILD_FAILED: "FLEETS_BUILD_FAILED",
  FLEETS_FLEET_FAILED: "FLEETS_FLEET_FAILED",
  FLEETS_UNCLEAR: "FLEETS_UNCLEAR",
  FLEETS_TIMED_OUT: "FLEETS_TIMED_OUT",
  FLEETS_INTERRUPTED: "FLEETS_INTERRUPTED",
} as const;
export type FleetsErrorCode = (typeof FleetsErrorCode)[keyof typeof FleetsErrorCode];

/** What a script was asked for and could not do; the message says what to do next. */
export class FleetsError extends Error {
  override readonly name = "FleetsError";
  readonly code: FleetsErrorCode;

  constructor(code: FleetsErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
