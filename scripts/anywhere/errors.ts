/** Each code has a row in docs/RUNBOOK.md. */
export const AnywhereErrorCode = {
  ANYWHERE_CONFIG_INVALID: "ANYWHERE_CONFIG_INVALID",
  ANYWHERE_ALREADY_RUNNING: "ANYWHERE_ALREADY_RUNNING",
  ANYWHERE_COMPUTE_TAKEN: "ANYWHERE_COMPUTE_TAKEN",
  ANYWHERE_NOT_REGISTERED: "ANYWHERE_NOT_REGISTERED",
  ANYWHERE_NO_TOKEN: "ANYWHERE_NO_TOKEN",
  ANYWHERE_NOT_DEREGISTERED: "ANYWHERE_NOT_DEREGISTERED",
} as const;
export type AnywhereErrorCode = (typeof AnywhereErrorCode)[keyof typeof AnywhereErrorCode];

/** What the supervisor promised and could not keep; the message is for the person who started it. */
export class AnywhereError extends Error {
  override readonly name = "AnywhereError";
  readonly code: AnywhereErrorCode;

  constructor(code: AnywhereErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
