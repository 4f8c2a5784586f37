/**
 * The one table of what the emulator may be told on its command line, and how text becomes a value.
 * @module
 */
import { isIP } from "node:net";
import type { Credentials } from "./api/signature.ts";
import { CONSOLE_LIMITS } from "./console/limits.ts";
import type { LoopbackHost } from "./front/front.ts";
import { EMULATOR_LIMITS } from "./limits.ts";
import { isRefused } from "./plane/outcome.ts";
import type { GameProperty } from "./plane/records.ts";
import { readPlacementEventTarget } from "./queues/placement-event-target.ts";

export interface Flag<T> {
  /** Without its dashes; the environment variable's name follows from it. */
  readonly flag: string;
  /** What stands for the value in the list of flags; none for a switch. */
  readonly value?: string;
  /** Completes "allowed is …". */
  readonly allowed: string;
  /** One line, unit included. */
  readonly meaning: string;
  /** What applies when nobody names it, as text; without one there is no value then. */
  readonly defaultText?: string;
  /** May be given several times; the variable has several values with commas between. */
  readonly isList?: boolean;
  /** A message does not repeat its value. */
  readonly isSecret?: boolean;
  /** Without `verify` it means nothing. */
  readonly isForVerify?: boolean;
  /** `undefined` means: not allowed. */
  parse(text: string): T | undefined;
}

const flag = <T>(row: Flag<T>): Flag<T> => row;

/** In the order of emulator/README.md. */
export const flags = {
  port: flag({
    flag: "port",
    value: "N",
    allowed: "a port from 0 to 65535, 0 meaning any free one",
    meaning: "The one port for AWS clients, server processes and the console.",
    defaultText: "9080",
    parse: integer(0, 65_535),
  }),
  host: flag({
    flag: "host",
    value: "ADDRESS",
    allowed:
      "127.0.0.1, ::1 or localhost: the emulator starts programs and is for this machine alone",
    meaning: "Where it listens.",
    defaultText: "127.0.0.1",
    parse: oneOf<LoopbackHost>("127.0.0.1", "::1", "localhost"),
  }),
  config: flag({
    flag: "config",
    value: "FILE",
    allowed: "the path of a fleet file",
    meaning: "Fleets, locations, aliases and queues that are there from the start.",
    parse: path,
  }),
  launchRoots: flag({
    flag: "launch-root",
    value: "DIR",
    allowed: "the path of a folder",
    meaning:
      "Programs of EC2 fleets are started from below it alone; /local/game in a launch path stands for it.",
    isList: true,
    parse: path,
  }),
  runInstallers: flag({
    flag: "run-installers",
    allowed: "0 or 1, also false or true",
    meaning:
      "Runs the install.sh of uploaded builds, on this machine and as whoever runs the emulator.",
    defaultText: "0",
    parse: boolean,
  }),
  tls: flag({
    flag: "tls",
    allowed: "0 or 1, also false or true",
    meaning: "Speaks https and wss alone, with a self-signed certificate that it makes and names.",
    defaultText: "0",
    parse: boolean,
  }),
  allowHosts: flag({
    flag: "allow-host",
    value: "NAME",
    allowed: "a host name or an IP address, without a port",
    meaning: "A further name that clients may call it by, such as host.docker.internal.",
    isList: true,
    parse: hostName,
  }),
  credentials: flag({
    flag: "credentials",
    value: "KEY:SECRET",
    allowed: "an access key id of 16 to 128 letters, digits and _, a colon and a made-up secret",
    meaning: "Signatures are checked against it; without it any key is good. Never a key of AWS.",
    isSecret: true,
    parse: credentials,
  }),
  timeScale: flag({
    flag: "time-scale",
    value: "N",
    allowed: "a number from 0.01 to 10000",
    meaning: "60 makes a minute of the service's waits and deadlines a second.",
    defaultText: "1",
    parse: decimal(0.01, 10_000),
  }),
  healthTimeScale: flag({
    flag: "health-time-scale",
    value: "N",
    allowed: "a number from 0.01 to 10000",
    meaning: "The same for heartbeats after the first, whose pace is the server process's own.",
    defaultText: "1",
    parse: decimal(0.01, 10_000),
  }),
  dataDir: flag({
    flag: "data",
    value: "DIR",
    allowed: "the path of a folder",
    meaning:
      "Logs of game sessions are kept there; otherwise in a temporary folder that goes at the end.",
    parse: path,
  }),
  scenario: flag({
    flag: "scenario",
    value: "FILE",
    allowed: "the path of a scenario, JSON or YAML",
    meaning: "Faults that happen at their times.",
    parse: path,
  }),
  seed: flag({
    flag: "seed",
    value: "N",
    allowed: "a whole number from 0 to 4294967295",
    meaning: "Of the scenario's dice; without it each run has its own, which is printed.",
    parse: integer(0, 4_294_967_295),
  }),
  placementEvents: flag({
    flag: "placement-events",
    value: "TARGET",
    allowed:
      "console, file:PATH, or the URL of a subscriber on this machine, with raw+ before it or not",
    meaning: "Where placement events go; raw+ asks for events without the envelope of SNS.",
    isList: true,
    isSecret: true,
    parse: eventTarget,
  }),
  adminPorts: flag({
    flag: "admin-port",
    value: "PORTS",
    allowed: `ports and runs of them such as 7100-7149, ${CONSOLE_LIMITS.adminPortsMax} at most`,
    meaning: "Where servers on this machine answer GET /healthz; the console shows what they say.",
    isList: true,
    parse: ports,
  }),
  client: flag({
    flag: "client",
    value: "COMMAND",
    allowed: "a command line",
    meaning:
      "Run once per player, with VERIFY_HOST, VERIFY_PORT and VERIFY_PLAYER_SESSION_ID; without it nothing is checked about players.",
    isForVerify: true,
    parse: (text) => (text.trim() === "" || text.includes("\0") ? undefined : text),
  }),
  heartbeats: flag({
    flag: "heartbeats",
    value: "N",
    allowed: "a whole number from 0 to 60",
    meaning: "Heartbeats to wait for after the first; each takes about a minute.",
    isForVerify: true,
    parse: integer(0, 60),
  }),
  terminationSeconds: flag({
    flag: "termination-seconds",
    value: "N",
    allowed: "a whole number from 1 to 300",
    meaning: "What TerminateProcess leaves the server, in seconds; 30 unless given.",
    isForVerify: true,
    parse: integer(1, 300),
  }),
  gameProperties: flag({
    flag: "game-property",
    value: "KEY=VALUE",
    allowed: "1 to 32 characters, =, and 96 characters at most",
    meaning: "A property of the game sessions that the server is given.",
    isList: true,
    isForVerify: true,
    parse: gameProperty,
  }),
  matchmakerData: flag({
    flag: "matchmaker-data",
    value: "FILE",
    allowed: "the path of a file",
    meaning:
      "The matchmaker's JSON for the game session; the players who come are those in its teams.",
    isForVerify: true,
    parse: path,
  }),
  report: flag({
    flag: "report",
    value: "FILE",
    allowed: "the path of a file",
    meaning: "The whole report goes there as JSON.",
    isForVerify: true,
    parse: path,
  }),
};

export type FlagName = keyof typeof flags;
export type FlagValue<Name extends FlagName> = Exclude<
  ReturnType<(typeof flags)[Name]["parse"]>,
  undefined
>;

export function environmentName({ flag: name }: Flag<unknown>): string {
  return `FLEETROOM_EMULATOR_${name.replaceAll("-", "_").toUpperCase()}`;
}

function oneOf<T extends string>(...values: readonly T[]): (text: string) => T | undefined {
  return (text) => values.find((value) => value === text);
}

/** Digits only: no sign, no exponent, and no leading zero that someone may mean as octal. */
function integer(min: number, max: number): (text: string) => number | undefined {
  return (text) => within(/^(0|[1-9]\d{0,9})$/, text, min, max);
}

function decimal(min: number, max: number): (text: string) => number | undefined {
  return (text) => within(/^(0|[1-9]\d{0,5})(\.\d{1,3})?$/, text, min, max);
}

function within(pattern: RegExp, text: string, min: number, max: number): number | undefined {
  const value = pattern.test(text) ? Number(text) : Number.NaN;
  return value >= min && value <= max ? value : undefined;
}

function boolean(text: string): boolean | undefined {
  if (text === "1" || text === "true") return true;
  return text === "0" || text === "false" ? false : undefined;
}

function path(text: string): string | undefined {
  const isPath =
    text !== "" && text.length <= EMULATOR_LIMITS.pathCharactersMax && !text.includes("\0");
  return isPath ? text : undefined;
}

/** As it stands in a `Host` header, IPv6 in brackets. */
function hostName(text: string): string | undefined {
  if (isIP(text) === 6 && !text.includes("%")) return `[${text.toLowerCase()}]`;
  return /^[a-z0-9]([a-z0-9_.-]{0,251}[a-z0-9])?$/i.test(text) ? text.toLowerCase() : undefined;
}

function credentials(text: string): Credentials | undefined {
  const [, accessKeyId, secretAccessKey] = /^(\w{16,128}):([\x21-\x7e]{1,256})$/.exec(text) ?? [];
  return accessKeyId === undefined || secretAccessKey === undefined
    ? undefined
    : { accessKeyId, secretAccessKey };
}

function eventTarget(text: string): string | undefined {
  return isRefused(readPlacementEventTarget(text)) ? undefined : text;
}

function ports(text: string): readonly number[] | undefined {
  const [first = "", last = first, ...rest] = text.split("-");
  const [from, to] = [integer(1, 65_535)(first), integer(1, 65_535)(last)];
  if (from === undefined || to === undefined || rest.length > 0) return undefined;
  if (from > to || to - from >= CONSOLE_LIMITS.adminPortsMax) return undefined;
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

function gameProperty(text: string): GameProperty | undefined {
  const [, key, value] = /^([^=]{1,32})=(.{0,96})$/s.exec(text) ?? [];
  return key === undefined || value === undefined ? undefined : { key, value };
}
