/**
 * What this process was told: defaults < file < environment < flags. The only reader of `process.env`.
 * @module
 */

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { inspect } from "node:util";
import type { Validator } from "./config-aws-settings.ts";
import type { Replication } from "./config-replication-settings.ts";
import {
  type ConfigInput,
  Reading,
  readConfigFile,
  readEnvironment,
  readFlags,
} from "./config-sources.ts";
import type { BackfillMode, FleetKind, TlsMode } from "./config-table.ts";
import { type TelemetryConfig, telemetryConfig } from "./config-telemetry.ts";
import type { LogLevel } from "./config-telemetry-settings.ts";
import { isClosedWay } from "./config-values.ts";
import { ErrorCode, GameServerError } from "./errors.ts";

/** Amazon GameLift takes no higher port from a process. */
const FLEET_PORT_MAX = 60_000;
/** What a fleet sets, beside the `GAMELIFT_SDK_*` variables, for a process in a container. */
const CONTAINER_VARIABLES = [
  "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
  "ECS_CONTAINER_METADATA_URI_V4",
];

/** Apart from the rest and invisible to JSON, spread and console, so that no log line takes them along. */
class Secrets {
  readonly #resultsToken: string;
  readonly #adminToken: string;
  readonly #fleetEnvironment: ConfigInput["env"];

  constructor(resultsToken: string, adminToken: string, fleetEnvironment: ConfigInput["env"]) {
    this.#resultsToken = resultsToken;
    this.#adminToken = adminToken;
    this.#fleetEnvironment = fleetEnvironment;
    Object.freeze(this);
  }

  /** What a fleet sets for its processes: addresses, ids, a token or keys. */
  get fleetEnvironment(): ConfigInput["env"] {
    return this.#fleetEnvironment;
  }

  /** `""` when there is none. */
  get resultsToken(): string {
    return this.#resultsToken;
  }

  /** `""` when there is none. */
  get adminToken(): string {
    return this.#adminToken;
  }

  toJSON(): string {
    return "[secrets]";
  }

  [inspect.custom](): string {
    return "[secrets]";
  }
}

/** Frozen, deeply. Every value is in range; paths are absolute. */
export interface ServerConfig {
  readonly fleet: FleetKind;
  /** Files and folders that the fleet keeps after the process has ended; none means the process's own folder of logs. */
  readonly logPaths: readonly string[];
  /** Name of the game or room class to host; `""` means the first there is. */
  readonly room: string;
  /** Module that maps names to rooms; `""` means the built-in ones. */
  readonly rooms: string;
  readonly host: string;
  /** Candidates for the game port in order; `[0]` means any free one. */
  readonly ports: readonly number[];
  /** Candidates for the admin port in order; `[0]` means any free one. */
  readonly adminPorts: readonly number[];
  /** 10 to 128; `undefined` means the game's own. */
  readonly tickRateHz: number | undefined;
  readonly replication: Replication;
  /** Of one client, 2048 to 67108864. */
  readonly snapshotBytesPerSecond: number;
  /** As browsers send them. */
  readonly origins: readonly string[];
  /** 0 to 120; `0` disables reconnection. */
  readonly reconnectSeconds: number;
  /** 1000 to 300000. */
  readonly drainMs: number;
  /** 0 to 60. */
  readonly resultsSeconds: number;
  /** When a game session ends by itself, or is given up. */
  readonly timeouts: {
    /** 1000 to 600000. */
    readonly activationMs: number;
    /** 0 to 86400000; `0` means never. */
    readonly nobodyCameMs: number;
    readonly emptyMs: number;
    /** 0 to 604800000; `0` means never. */
    readonly matchMsMax: number;
  };
  readonly backfill: BackfillMode;
  /** 100 to 10000. */
  readonly acceptTimeoutMs: number;
  /** `""` disables journals. */
  readonly journalDir: string;
  /** `""` disables result files. */
  readonly resultsDir: string;
  /** `""` disables posting results. */
  readonly resultsUrl: string;
  /** File that describes the local fleet's session; `""` means generated player sessions. */
  readonly localSession: string;
  /** 1 to 1024; only for generated player sessions. */
  readonly maxPlayers: number;
  /** Who is asked about a player on a fleet; the AWS API needs `aws.region`. */
  readonly validator: Validator;
  readonly api: {
    /** 0.1 to 20. */
    readonly callsPerSecond: number;
  };
  /** How AWS is called, where it is. */
  readonly aws: {
    /** `""` when none is named. */
    readonly region: string;
    /** `""` means the Region's own. */
    readonly endpointUrl: string;
    /** `""` means a GameLift instance's own if it exists, otherwise whatever the AWS SDK finds. */
    readonly credentialsFile: string;
    readonly profile: string;
  };
  /** What one address may ask for before it is admitted. */
  readonly budgets: {
    /** 1 to 4096. */
    readonly unadmittedMax: number;
    /** 1 to 100000. */
    readonly failedJoinsMax: number;
    readonly limitsLoopback: boolean;
    /** Addresses and blocks of them, at most 64. */
    readonly trustedProxies: readonly string[];
  };
  /** What one client may do once it is admitted. */
  readonly clients: {
    /** 10 to 10000. */
    readonly messagesPerSecond: number;
    /** 4096 to 67108864. */
    readonly bytesPerSecond: number;
    /** 0 to 86400000; `0` means for ever. */
    readonly idleMs: number;
  };
  /** `off` where there is no certificate; else either both files or the directory are named, the others are `""`. */
  readonly tls: {
    readonly mode: TlsMode;
    readonly certFile: string;
    readonly keyFile: string;
    readonly dir: string;
    /** The fleet is asked for its certificate: none is named here, and TLS is not switched off. */
    readonly asksFleet: boolean;
    /** 1 to 10000. */
    readonly handshakesPerSecond: number;
  };
  /** 4096 to 67108864. */
  readonly sendQueueBytes: number;
  readonly sendQueueSoftBytes: number;
  readonly logLevel: LogLevel;
  readonly telemetry: TelemetryConfig;
  readonly allowInsecure: boolean;
  /** What the environment says about where we run; the local fleet refuses to start when either is true. */
  readonly environment: {
    /** `NODE_ENV` is `production`. */
    readonly isProduction: boolean;
    /** A fleet or container set its variables. */
    readonly hasGameLiftVariables: boolean;
  };
  readonly secrets: Secrets;
}

/**
 * Reads every source and judges every value before it complains.
 * @throws GameServerError CONFIG_INVALID with one line for each mistake: name, value given, what is allowed.
 */
export function readConfig(input: ConfigInput): ServerConfig {
  const reading = new Reading();
  readEnvironment(reading, input.env);
  readFlags(reading, input.argv);
  readConfigFile(reading, input);
  const config = reading.mistakes.length === 0 ? assemble(reading, input) : undefined;
  if (config !== undefined && reading.mistakes.length === 0) return config;
  throw new GameServerError(ErrorCode.CONFIG_INVALID, reading.mistakes.join("\n"));
}

/** Reads this process's own environment, flags and files. @throws GameServerError CONFIG_INVALID */
export function readProcessConfig(): ServerConfig {
  return readConfig({
    env: process.env,
    argv: process.argv.slice(2),
    cwd: process.cwd(),
    readFile(path) {
      try {
        return readFileSync(path, "utf8");
      } catch {
        return undefined; // Missing or unreadable: the reader decides whether that is a mistake.
      }
    },
  });
}

function assemble(reading: Reading, input: ConfigInput): ServerConfig {
  const hasGameLiftVariables = isOnAFleet(input.env);
  const fleet = reading.find("fleet") ?? (hasGameLiftVariables ? "gamelift" : "local");
  const tickRateHz = reading.value("tickRateHz");
  const path = (text: string) => (text === "" ? "" : resolve(input.cwd, text));
  checkTogether(reading, fleet);
  checkValidator(reading, fleet);
  checkTls(reading, fleet);
  return Object.freeze({
    fleet,
    logPaths: Object.freeze(reading.value("logPaths")),
    room: reading.find("room") ?? "",
    rooms: path(reading.value("rooms")),
    host: reading.find("host") ?? (fleet === "local" ? "127.0.0.1" : "0.0.0.0"),
    ports: Object.freeze(reading.value("port")),
    adminPorts: Object.freeze(reading.value("adminPort")),
    tickRateHz: tickRateHz === "game" ? undefined : tickRateHz,
    replication: reading.value("replication"),
    snapshotBytesPerSecond: reading.value("snapshotBytesPerSecond"),
    origins: Object.freeze(reading.value("origins")),
    reconnectSeconds: reading.value("reconnectSeconds"),
    drainMs: reading.value("drainMs"),
    resultsSeconds: reading.value("resultsSeconds"),
    timeouts: Object.freeze({
      activationMs: 1000 * reading.value("activationSeconds"),
      nobodyCameMs: 1000 * (reading.find("nobodyCameSeconds") ?? (fleet === "local" ? 0 : 120)),
      emptyMs: 1000 * reading.value("emptySeconds"),
      matchMsMax: 1000 * reading.value("matchSecondsMax"),
    }),
    backfill: reading.value("backfill"),
    acceptTimeoutMs: reading.value("acceptTimeoutMs"),
    journalDir: path(reading.value("journalDir")),
    resultsDir: path(reading.value("resultsDir")),
    resultsUrl: reading.value("resultsUrl"),
    localSession: path(reading.value("localSession")),
    maxPlayers: reading.value("maxPlayers"),
    validator: reading.value("validator"),
    api: Object.freeze({ callsPerSecond: reading.value("apiCallsPerS") }),
    aws: Object.freeze({
      region: reading.value("awsRegion"),
      endpointUrl: reading.value("awsEndpointUrl"),
      credentialsFile: path(reading.value("awsCredentialsFile")),
      profile: reading.value("awsProfile"),
    }),
    budgets: Object.freeze({
      unadmittedMax: reading.value("unadmittedPerAddress"),
      failedJoinsMax: reading.value("joinsPerAddress"),
      limitsLoopback: reading.value("limitLoopback"),
      trustedProxies: Object.freeze(reading.value("trustedProxies")),
    }),
    clients: Object.freeze({
      messagesPerSecond: reading.value("clientMessagesPerSecond"),
      bytesPerSecond: reading.value("clientBytesPerSecond"),
      idleMs: reading.value("idleSeconds") * 1000,
    }),
    tls: Object.freeze({
      mode: reading.find("tls") ?? (hasCertificate(reading) ? "required" : "off"),
      certFile: path(reading.value("tlsCert")),
      keyFile: path(reading.value("tlsKey")),
      dir: path(reading.value("tlsDir")),
      asksFleet: fleet === "gamelift" && !hasCertificate(reading) && reading.find("tls") !== "off",
      handshakesPerSecond: reading.value("tlsHandshakesPerSecond"),
    }),
    sendQueueBytes: reading.value("sendQueueBytes"),
    sendQueueSoftBytes: reading.value("sendQueueSoftBytes"),
    logLevel: reading.value("logLevel"),
    telemetry: telemetryConfig(reading, input, fleet),
    allowInsecure: reading.value("allowInsecure"),
    environment: Object.freeze({
      isProduction: input.env["NODE_ENV"] === "production",
      hasGameLiftVariables,
    }),
    secrets: new Secrets(
      reading.value("resultsToken"),
      reading.value("adminToken"),
      fleetEnvironment(input.env),
    ),
  });
}

/** A variable that is set but empty counts as not set, as shells and container definitions mean it. */
function isOnAFleet(env: ConfigInput["env"]): boolean {
  const isSet = (name: string) => env[name] !== undefined && env[name] !== "";
  return (
    Object.keys(env).some((name) => name.startsWith("GAMELIFT_SDK_") && isSet(name)) ||
    env["GAMELIFT_COMPUTE_TYPE"] === "CONTAINER" ||
    CONTAINER_VARIABLES.some(isSet)
  );
}

function fleetEnvironment(env: ConfigInput["env"]): ConfigInput["env"] {
  const isFleets = (name: string) =>
    name.startsWith("GAMELIFT_") || CONTAINER_VARIABLES.includes(name);
  return Object.freeze(Object.fromEntries(Object.entries(env).filter(([name]) => isFleets(name))));
}

/** Values that are allowed one by one and not together. */
function checkTogether(reading: Reading, fleet: FleetKind): void {
  const port = reading.given("port");
  const localSession = reading.given("localSession");
  const token = reading.given("resultsToken");
  if (fleet === "gamelift") {
    const isBad = reading.value("port").some((each) => each === 0 || each > FLEET_PORT_MAX);
    if (port && isBad)
      reading.reject("port", port, `1 to ${FLEET_PORT_MAX} when fleet is gamelift`);
    if (localSession?.text) {
      reading.reject("localSession", localSession, "nothing when fleet is gamelift");
    }
  }
  if (token?.text && !isSafeForToken(reading.value("resultsUrl"))) {
    const allowed = "nothing unless results go to an https URL, or to an http one on this machine";
    reading.reject("resultsToken", token, allowed);
  }
}

function checkValidator(reading: Reading, fleet: FleetKind): void {
  const validator = reading.given("validator");
  if (validator?.text !== "server-sdk+api") return;
  if (fleet === "local") {
    reading.reject("validator", validator, "server-sdk when fleet is local");
  } else if (reading.value("awsRegion") === "") {
    const allowed = "server-sdk unless FLEETROOM_AWS_REGION names the Region";
    reading.reject("validator", validator, allowed);
  }
}

function hasCertificate(reading: Reading): boolean {
  return reading.value("tlsCert") !== "" || reading.value("tlsDir") !== "";
}

function checkTls(reading: Reading, fleet: FleetKind): void {
  const [mode, cert, key, dir] = (["tls", "tlsCert", "tlsKey", "tlsDir"] as const).map((name) =>
    reading.given(name),
  );
  if (cert?.text && !key?.text) {
    reading.reject("tlsCert", cert, "nothing unless FLEETROOM_TLS_KEY names its private key");
  }
  if (key?.text && !cert?.text) {
    reading.reject("tlsKey", key, "nothing unless FLEETROOM_TLS_CERT names its certificate");
  }
  if (dir?.text && (cert?.text || key?.text)) {
    reading.reject("tlsDir", dir, "nothing beside FLEETROOM_TLS_CERT and FLEETROOM_TLS_KEY");
  }
  // On a fleet its own certificate may be there.
  const needsCertificate = mode !== undefined && mode.text !== "off" && fleet === "local";
  if (needsCertificate && !cert?.text && !key?.text && !dir?.text) {
    const ways = "FLEETROOM_TLS_CERT and FLEETROOM_TLS_KEY, or FLEETROOM_TLS_DIR";
    reading.reject("tls", mode, `off unless there is a certificate (${ways})`);
  }
}

function isSafeForToken(resultsUrl: string): boolean {
  return resultsUrl !== "" && isClosedWay(new URL(resultsUrl));
}
