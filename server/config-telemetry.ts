/**
 * What the server tells, and to whom, out of its settings.
 * @module
 */
import { resolve } from "node:path";
import type { ConfigInput, Reading } from "./config-sources.ts";
import type { FleetKind } from "./config-table.ts";
import type { Collectors, LogPlayerIds } from "./config-telemetry-settings.ts";

/** Frozen. */
export interface TelemetryConfig {
  readonly logs: {
    /** Absolute; `""` means no files. */
    readonly dir: string;
    /** As it was given, which a fleet takes relative to the launch path. */
    readonly givenDir: string;
    readonly stdout: boolean;
    /** 65536 to 104857600. */
    readonly fileBytes: number;
    /** 1 to 20. */
    readonly filesMax: number;
    readonly fileMs: number;
    readonly playerIds: LogPlayerIds;
  };
  readonly collectors: Collectors;
  /** Absolute; `""` means none. */
  readonly targetsDir: string;
  readonly admin: { readonly host: string; readonly peers: readonly string[] };
}

export function telemetryConfig(
  reading: Reading,
  input: ConfigInput,
  fleet: FleetKind,
): TelemetryConfig {
  const path = (text: string) => (text === "" ? "" : resolve(input.cwd, text));
  const collectors = reading.value("collectors");
  const givenDir = directory(reading, "logDir", fleet === "gamelift" ? "logs" : "");
  const hasAgent = collectors === "agent" || collectors === "both";
  const targets = fleet === "gamelift" && hasAgent ? "targets" : "";
  checkAdmin(reading);
  return Object.freeze({
    logs: Object.freeze({
      dir: path(givenDir),
      givenDir,
      stdout: reading.value("logStdout"),
      fileBytes: reading.value("logFileBytes"),
      filesMax: reading.value("logFilesMax"),
      fileMs: 3_600_000 * reading.value("logFileHours"),
      playerIds: reading.value("logPlayerIds"),
    }),
    collectors,
    targetsDir: path(directory(reading, "targetsDir", targets)),
    admin: Object.freeze({
      host: reading.value("adminHost"),
      peers: Object.freeze(reading.value("adminPeers")),
    }),
  });
}

/** What nobody named depends on where we run; `off` is none anywhere. */
function directory(reading: Reading, name: "logDir" | "targetsDir", fallback: string): string {
  const given = reading.given(name)?.text;
  return given === "off" ? "" : given || fallback;
}

function checkAdmin(reading: Reading): void {
  const host = reading.given("adminHost");
  if (host === undefined || isLoopback(host.text)) return;
  if (reading.value("adminToken") !== "" && reading.value("adminPeers").length > 0) return;
  const allowed =
    "127.0.0.1 unless FLEETROOM_ADMIN_TOKEN is set and FLEETROOM_ADMIN_PEERS names who may connect";
  reading.reject("adminHost", host, allowed);
}

/** @param host - As the setting of the admin port's address has it. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}
