/**
 * The supervisor's settings, from environment and flags; every mistake is told at once.
 * @module
 */
import { isIP } from "node:net";
import { boolean, endpointUrl, integer, matching } from "../../server/config-values.ts";
import { AnywhereError, AnywhereErrorCode } from "./errors.ts";

/** Characters of a given value that a message repeats. */
const SHOWN_CHARACTERS_MAX = 80;
/** Parts of the servers' command line, and characters of each. */
const COMMAND_PARTS_MAX = 64;
const COMMAND_PART_CHARACTERS_MAX = 4096;

interface Setting<T> {
  readonly env: string;
  readonly flag: string;
  /** Completes "allowed is …". */
  readonly allowed: string;
  /** What applies when nobody names the setting; none means that somebody must. */
  readonly defaultText?: string;
  /** Variables of others that stand in for ours. */
  readonly alsoEnv?: readonly string[];
  /** `undefined` means: not allowed. */
  parse(text: string): T | undefined;
}

const setting = <T>(row: Setting<T>): Setting<T> => row;

/** In the order of docs/ANYWHERE.md. */
export const anywhereSettings = {
  fleetId: setting({
    env: "FLEETROOM_ANYWHERE_FLEET_ID",
    flag: "fleet-id",
    allowed: "the id of an Anywhere fleet such as fleet-1a2b3c4d (what follows fleet/ in its ARN)",
    parse: matching(/^(?=.{1,128}$)[a-z]*fleet-[A-Za-z0-9-]+$/),
  }),
  location: setting({
    env: "FLEETROOM_ANYWHERE_LOCATION",
    flag: "location",
    allowed: "a custom location of the fleet: custom-, then A-Z a-z 0-9 -, 8 to 64 characters",
    parse: matching(/^(?=.{8,64}$)custom-[A-Za-z0-9-]+$/),
  }),
  computeName: setting({
    env: "FLEETROOM_ANYWHERE_COMPUTE_NAME",
    flag: "compute-name",
    allowed: "1 to 128 of A-Z a-z 0-9 -, with one / inside at most",
    parse: matching(/^(?=.{1,128}$)[A-Za-z0-9-]+(\/[A-Za-z0-9-]+)?$/),
  }),
  region: setting({
    env: "FLEETROOM_AWS_REGION",
    flag: "region",
    alsoEnv: ["AWS_REGION", "AWS_DEFAULT_REGION"],
    allowed: "an AWS Region such as eu-central-1",
    parse: matching(/^[a-z]{2}(-[a-z]{2,16}){1,3}-\d{1,2}$/),
  }),
  endpointUrl: setting({
    env: "FLEETROOM_AWS_ENDPOINT_URL",
    flag: "endpoint-url",
    allowed: "an https URL, or an http one of this machine, or nothing for GameLift's own address",
    defaultText: "",
    parse: endpointUrl,
  }),
  processes: setting({
    env: "FLEETROOM_ANYWHERE_PROCESSES",
    flag: "processes",
    allowed: "a whole number 1 to 50",
    defaultText: "1",
    parse: integer(1, 50),
  }),
  ipAddress: setting({
    env: "FLEETROOM_ANYWHERE_IP_ADDRESS",
    flag: "ip-address",
    allowed: "the IP address at which players reach this machine",
    defaultText: "",
    parse: (text) => (text === "" || (isIP(text) !== 0 && !text.includes("%")) ? text : undefined),
  }),
  dnsName: setting({
    env: "FLEETROOM_ANYWHERE_DNS_NAME",
    flag: "dns-name",
    allowed: "the DNS name at which players reach this machine: 1 to 256 of A-Z a-z 0-9 _ - .",
    defaultText: "",
    parse: matching(/^[A-Za-z0-9_.-]{0,256}$/),
  }),
  stopSeconds: setting({
    env: "FLEETROOM_ANYWHERE_STOP_SECONDS",
    flag: "stop-seconds",
    allowed: "a whole number 1 to 600",
    defaultText: "40",
    parse: integer(1, 600),
  }),
  replace: setting({
    env: "FLEETROOM_ANYWHERE_REPLACE",
    flag: "replace",
    allowed: "0 or 1, also false or true",
    defaultText: "0",
    parse: boolean,
  }),
};

type SettingName = keyof typeof anywhereSettings;
const rows = Object.entries(anywhereSettings) as [SettingName, Setting<unknown>][];

/** The address that is registered when nobody names one. */
const DEFAULT_IP_ADDRESS = "127.0.0.1";

export interface AnywhereSettings {
  readonly fleetId: string;
  readonly location: string;
  readonly computeName: string;
  readonly region: string;
  readonly endpointUrl: string | undefined;
  readonly processes: number;
  readonly ipAddress: string | undefined;
  readonly dnsName: string | undefined;
  /** How long servers may take to end before they are killed. */
  readonly stopMs: number;
  readonly mayReplace: boolean;
  /** Program and arguments of a server; empty for our own. */
  readonly command: readonly string[];
}

export interface SettingsInput {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Without the program and the script; what follows `--` is the servers' command. */
  readonly argv: readonly string[];
  readonly hostname: string;
}

/**
 * Reads flags, then the environment, then defaults. A variable that is set but empty counts as not set.
 * @throws AnywhereError ANYWHERE_CONFIG_INVALID with a line for each mistake.
 */
export function readAnywhereSettings(input: SettingsInput): AnywhereSettings {
  const mistakes: string[] = [];
  const { flags, command } = readFlags(input.argv, mistakes);
  checkNames(input.env, mistakes);

  const value = <Name extends SettingName>(name: Name) => {
    const row: Setting<unknown> = anywhereSettings[name];
    const given = find(name, row, flags, input);
    const parsed = given === undefined ? undefined : row.parse(given.text);
    if (given === undefined) {
      mistakes.push(`${row.env} or --${row.flag}: must be given; allowed is ${row.allowed}`);
    } else if (parsed === undefined) {
      mistakes.push(`${given.label} = ${show(given.text)}: allowed is ${row.allowed}`);
    }
    return parsed as ReturnType<(typeof anywhereSettings)[Name]["parse"]> & {};
  };

  const ipAddress = value("ipAddress");
  const dnsName = value("dnsName");
  const settings = {
    fleetId: value("fleetId"),
    location: value("location"),
    computeName: value("computeName"),
    region: value("region"),
    endpointUrl: value("endpointUrl") || undefined,
    processes: value("processes"),
    ipAddress: ipAddress || (dnsName ? undefined : DEFAULT_IP_ADDRESS),
    dnsName: dnsName || undefined,
    stopMs: value("stopSeconds") * 1000,
    mayReplace: value("replace"),
    command,
  };
  if (mistakes.length === 0) return Object.freeze(settings);
  throw new AnywhereError(AnywhereErrorCode.ANYWHERE_CONFIG_INVALID, mistakes.join("\n"));
}

/** A name that {@link anywhereSettings} allows, from whatever a machine is called. */
export function computeNameOf(hostname: string): string {
  const legal = hostname.replaceAll(/[^A-Za-z0-9-]+/g, "-").replaceAll(/^-+|-+$/g, "");
  return legal.slice(0, 128) || "fleetroom";
}

interface Given {
  readonly text: string;
  /** As the place it came from writes the name. */
  readonly label: string;
}

function find(
  name: SettingName,
  row: Setting<unknown>,
  flags: ReadonlyMap<string, string>,
  input: SettingsInput,
): Given | undefined {
  const flag = flags.get(row.flag);
  if (flag !== undefined) return { text: flag, label: `--${row.flag}` };
  for (const variable of [row.env, ...(row.alsoEnv ?? [])]) {
    const text = input.env[variable];
    if (text !== undefined && text !== "") return { text, label: variable };
  }
  if (name === "computeName") return { text: computeNameOf(input.hostname), label: "hostname" };
  return row.defaultText === undefined ? undefined : { text: row.defaultText, label: row.env };
}

function readFlags(
  argv: readonly string[],
  mistakes: string[],
): { flags: Map<string, string>; command: readonly string[] } {
  const end = argv.indexOf("--");
  const command = end < 0 ? [] : argv.slice(end + 1);
  const flags = new Map<string, string>();
  const rest = argv.slice(0, end < 0 ? argv.length : end);
  for (let argument = rest.shift(); argument !== undefined; argument = rest.shift()) {
    if (!argument.startsWith("--")) {
      mistakes.push(`${show(argument)}: allowed are flags, and the servers' command behind --`);
      continue;
    }
    const equals = argument.indexOf("=");
    const flag = argument.slice(2, equals < 0 ? argument.length : equals);
    const next = rest[0]?.startsWith("--") ? undefined : rest[0];
    // The next argument belongs to this flag even when the flag is unknown: it may be a secret, not to be repeated.
    const text = equals < 0 ? next : argument.slice(equals + 1);
    if (equals < 0 && next !== undefined) rest.shift();
    takeFlag(flag, text, flags, mistakes);
  }
  if (end >= 0 && !isCommand(command)) {
    mistakes.push(
      `behind --: allowed are a program and its arguments, ${COMMAND_PARTS_MAX} parts of ${COMMAND_PART_CHARACTERS_MAX} characters at most`,
    );
  }
  return { flags, command };
}

function takeFlag(
  flag: string,
  text: string | undefined,
  flags: Map<string, string>,
  mistakes: string[],
): void {
  const row = rows.find(([, each]) => each.flag === flag)?.[1];
  if (row === undefined) {
    mistakes.push(`--${show(flag).slice(1, -1)}: there is no such flag; ${known("--")}`);
  } else if (text === undefined) {
    mistakes.push(`--${flag}: needs a value; allowed is ${row.allowed}`);
  } else if (flags.has(flag)) {
    mistakes.push(`--${flag}: given twice`);
  } else {
    flags.set(flag, text);
  }
}

function isCommand(command: readonly string[]): boolean {
  const isPart = (part: string) =>
    part.length <= COMMAND_PART_CHARACTERS_MAX && !part.includes("\0");
  return !!command[0] && command.length <= COMMAND_PARTS_MAX && command.every(isPart);
}

function checkNames(env: SettingsInput["env"], mistakes: string[]): void {
  const names = new Set(rows.map(([, row]) => row.env));
  for (const variable of Object.keys(env)) {
    if (variable.startsWith("FLEETROOM_ANYWHERE_") && !names.has(variable)) {
      const shown = show(variable).slice(1, -1);
      mistakes.push(`${shown}: there is no such variable; ${known("FLEETROOM_ANYWHERE_")}`);
    }
  }
}

function known(start: string): string {
  const names = rows.map(([, row]) => (start === "--" ? `--${row.flag}` : row.env));
  return `there are ${names.filter((name) => name.startsWith(start)).join(", ")}`;
}

/** Quoted, without control characters, and not longer than a line bears. */
function show(text: string): string {
  const isLong = text.length > SHOWN_CHARACTERS_MAX;
  return JSON.stringify(isLong ? `${text.slice(0, SHOWN_CHARACTERS_MAX)}…` : text);
}
