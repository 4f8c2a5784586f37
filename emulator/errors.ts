/** Each code has a row in emulator/README.md. */
export const EmulatorErrorCode = {
  EMULATOR_CONFIG_INVALID: "EMULATOR_CONFIG_INVALID",
  EMULATOR_FLEET_FILE_INVALID: "EMULATOR_FLEET_FILE_INVALID",
  EMULATOR_SCENARIO_INVALID: "EMULATOR_SCENARIO_INVALID",
  EMULATOR_PORT_TAKEN: "EMULATOR_PORT_TAKEN",
  EMULATOR_NOT_LOOPBACK: "EMULATOR_NOT_LOOPBACK",
  EMULATOR_VERIFY_FAILED: "EMULATOR_VERIFY_FAILED",
} as const;
export type EmulatorErrorCode = (typeof EmulatorErrorCode)[keyof typeof EmulatorErrorCode];

/** What the emulator promised and could not keep; the message is for the person who started it. */
export class EmulatorError extends Error {
  override readonly name = "EmulatorError";
  readonly code: EmulatorErrorCode;

  constructor(code: EmulatorErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
