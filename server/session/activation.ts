import { type Clock, sleep } from "../clock.ts";
import { ErrorCode, GameServerError } from "../errors.ts";
import type { ServerProcess } from "../fleet/fleet.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { SESSION_LIMITS } from "./limits.ts";
import { untilAborted } from "./until-aborted.ts";

interface ActivationDeps {
  readonly process: ServerProcess;
  readonly gameSessionId: string;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Aborts when the time is over, or the game session is. */
  readonly signal: AbortSignal;
}

/**
 * Tells the fleet that players may come, and tells it again while it cannot be reached: nobody can be let in before,
 * so there is nothing better to do with the time.
 */
export async function activate(
  deps: ActivationDeps,
): Promise<"activated" | "fleet_refused" | "fleet_unreachable"> {
  const { process, gameSessionId, clock, telemetry, signal } = deps;
  const { activateRetryMs, activateRetryMsMax } = SESSION_LIMITS;
  let restMs: number = activateRetryMs;
  for (let tries = 1; ; tries++) {
    try {
      await untilAborted(process.activateGameSession(gameSessionId), signal);
      return "activated";
    } catch (cause) {
      telemetry.fleetCallFailed({ action: "activate_game_session", cause });
      // After a call that had no answer this may be how the fleet says that it heard it. If not, nobody will come, and
      // the game session ends for that.
      if (isRefusal(cause)) return tries === 1 ? "fleet_refused" : "activated";
    }
    await sleep(clock, restMs, signal);
    if (signal.aborted) return "fleet_unreachable";
    restMs = Math.min(2 * restMs, activateRetryMsMax);
  }
}

function isRefusal(cause: unknown): boolean {
  return cause instanceof GameServerError && cause.code === ErrorCode.FLEET_REFUSED;
}
