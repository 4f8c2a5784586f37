import type { ClientLimits } from "../../server/transport/game-client.ts";

/** Of the settings. */
export const CLIENT_LIMITS: ClientLimits = {
  messagesPerSecond: 400,
  bytesPerSecond: 65_536,
  idleMs: 900_000,
};
