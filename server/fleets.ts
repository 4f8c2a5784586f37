/**
 * Which fleet runs this process.
 * @module
 */
import path from "node:path";
import type { Clock } from "./clock.ts";
import type { ServerConfig } from "./config.ts";
import { ErrorCode, GameServerError } from "./errors.ts";
import { GameLiftFleet } from "./fleet/gamelift/gamelift-fleet.ts";
import { openSecondOpinion } from "./fleet/gamelift-api/second-opinion.ts";
import { LocalFleet } from "./fleet/local/local-fleet.ts";
import { processOrdinal } from "./process-ordinal.ts";
import type { Telemetry } from "./telemetry/telemetry.ts";

/** @throws GameServerError FLEET_LOCAL_UNSAFE, LOCAL_SESSION_INVALID, FLEET_UNREACHABLE, FLEET_API_DENIED */
export async function openFleet(
  config: ServerConfig,
  clock: Clock,
  telemetry: Telemetry,
): Promise<LocalFleet | GameLiftFleet> {
  if (config.fleet === "gamelift") {
    // Before the fleet hears of this process: one that may not ask is of no use to it.
    const secondOpinion = await openSecondOpinion(config, clock, telemetry);
    return GameLiftFleet.open({
      clock,
      telemetry,
      environment: config.secrets.fleetEnvironment,
      logPaths: (port) => logPathsOf(config, port),
      metricsTool: ["gl-otel", "both"].includes(config.telemetry.collectors),
      ...(secondOpinion && { secondOpinion }),
    });
  }
  return LocalFleet.open({
    clock,
    telemetry,
    config: { sessionFile: config.localSession, maxPlayers: config.maxPlayers, host: config.host },
    environment: { ...config.environment, allowInsecure: config.allowInsecure },
  });
}

/**
 * The TLS settings, with the certificate that the fleet gives its computes where the operator names none.
 * @throws GameServerError TLS_CERTIFICATE_INVALID where TLS is asked for and there is none; FLEET_UNREACHABLE
 */
export async function tlsOnFleet(
  { tls }: ServerConfig,
  fleet: LocalFleet | GameLiftFleet,
): Promise<ServerConfig["tls"]> {
  if (!tls.asksFleet || !(fleet instanceof GameLiftFleet)) return tls;
  const dir = await fleet.certificatePath();
  if (dir !== "") return { ...tls, mode: tls.mode === "off" ? "required" : tls.mode, dir };
  if (tls.mode === "off") return tls;
  throw new GameServerError(
    ErrorCode.TLS_CERTIFICATE_INVALID,
    `FLEETROOM_TLS is ${tls.mode}, and neither this process nor its fleet has a certificate: name one with ` +
      "FLEETROOM_TLS_CERT and FLEETROOM_TLS_KEY, or create the fleet with a generated one",
  );
}

/** Those that somebody named, or else this process's own: GameLift keeps little of each, and every process sends its own. */
function logPathsOf({ logPaths, telemetry, ports }: ServerConfig, port: number): readonly string[] {
  if (logPaths.length > 0) return logPaths;
  const { givenDir } = telemetry.logs;
  return [givenDir === "" ? "logs" : path.posix.join(givenDir, processOrdinal(ports, port))];
}
