/**
 * The lobby's settings, from its own environment; every mistake is told at once. AWS credentials are none of them: the
 * AWS SDK finds those as it always does.
 * @module
 */
import { isIP } from "node:net";
import type { Game } from "./game-desk.ts";
import { LOBBY_LIMITS } from "./limits.ts";

/** Characters of a given value that a message repeats. */
const SHOWN_CHARACTERS_MAX = 80;
const ORIGINS_MAX = 64;
const HOST_NAMES_MAX = 64;

interface Setting<T> {
  /** Completes "allowed is …". */
  readonly allowed: string;
  /** What applies when nobody names the setting; none means that somebody must. */
  readonly defaultText?: string;
  readonly isSecret?: true;
  /** Variables of others that stand in for ours. */
  readonly alsoEnv?: readonly string[];
  /** `undefined` means: not allowed. */
  parse(text: string): T | undefined;
}

const setting = <T>(row: Setting<T>): Setting<T> => row;

/** In the order of docs/LOBBY.md. */
export const lobbySettings = {
  LOBBY_GAMES: setting({
    allowed: `games with their seats such as arena:32,duel:2, at most ${LOBBY_LIMITS.gamesMax}, each named once with 1 to 64 of A-Z a-z 0-9 _ - and 1 to 200 seats`,
    parse: games,
  }),
  LOBBY_QUEUE: setting({
    allowed: "the name or ARN of a game session queue",
    parse: matching(
      /^(?:[A-Za-z0-9-]{1,128}|arn:[a-z0-9-]+:gamelift:[a-z0-9-]*:\d*:gamesessionqueue\/[A-Za-z0-9-]{1,128})$/,
    ),
  }),
  LOBBY_REGION: setting({
    alsoEnv: ["AWS_REGION", "AWS_DEFAULT_REGION"],
    allowed: "an AWS Region such as eu-central-1",
    parse: matching(/^[a-z]{2}(-[a-z]{2,16}){1,3}-\d{1,2}$/),
  }),
  LOBBY_ENDPOINT_URL: setting({
    allowed: "an https URL, or an http one of this machine, or nothing for GameLift's own address",
    defaultText: "",
    parse: endpointUrl,
  }),
  LOBBY_HOST: setting({
    allowed: "an IP address or localhost",
    defaultText: "127.0.0.1",
    parse: (text) => (text === "localhost" || isIP(text) !== 0 ? text : undefined),
  }),
  LOBBY_PORT: setting({
    allowed: "a port 1 to 65535, or 0 for any free one",
    defaultText: "8090",
    parse: integer(0, 65_535),
  }),
  LOBBY_HOST_NAMES: setting({
    allowed: `host names or addresses without port, separated by commas, at most ${HOST_NAMES_MAX}`,
    defaultText: "127.0.0.1,localhost,[::1]",
    parse: list(HOST_NAMES_MAX, (text) => /^(\[[0-9a-f:.]+\]|[a-z0-9.-]{1,255})$/.test(text)),
  }),
  LOBBY_ORIGINS: setting({
    allowed: `web origins such as https://play.example.com, separated by commas, at most ${ORIGINS_MAX}`,
    defaultText: "",
    parse: list(ORIGINS_MAX, isWebOrigin),
  }),
  LOBBY_WAIT_SECONDS: setting({
    allowed: "a whole number 1 to 120",
    defaultText: "20",
    parse: integer(1, 120),
  }),
  LOBBY_JOINS_PER_MINUTE: setting({
    allowed: "a whole number 1 to 100000",
    defaultText: "60",
    parse: integer(1, 100_000),
  }),
  LOBBY_PROXIES: setting({
    allowed: "a whole number 0 to 4",
    defaultText: "0",
    parse: integer(0, 4),
  }),
  LOBBY_GAME_TLS: setting({
    allowed: "0 or 1, also false or true",
    defaultText: "0",
    parse: boolean,
  }),
  LOBBY_PLAYER_KEY: setting({
    allowed: "32 to 1024 visible ASCII characters, or nothing",
    defaultText: "",
    isSecret: true,
    parse: matching(/^(?:[\x21-\x7e]{32,1024})?$/),
  }),
};

type SettingName = keyof typeof lobbySettings;

export interface LobbyConfig {
  readonly games: readonly Game[];
  readonly queue: string;
  readonly region: string;
  /** `undefined` for the Region's own. */
  readonly endpointUrl: string | undefined;
  readonly host: string;
  readonly port: number;
  readonly hostNames: ReadonlySet<string>;
  readonly origins: ReadonlySet<string>;
  readonly waitMs: number;
  readonly joinsPerMinute: number;
  readonly proxies: number;
  readonly isGameTls: boolean;
}

/** What must reach no log: apart from the rest, which may be shown. */
export interface LobbySecrets {
  /** `undefined` for one that is made up. */
  readonly playerKey: string | undefined;
}

/** Its message has a line for each mistake. */
export class LobbyConfigError extends Error {
  override readonly name = "LobbyConfigError";
  readonly code = "LOBBY_CONFIG_INVALID";
}

/** @throws LobbyConfigError */
export function readLobbyConfig(env: Readonly<Record<string, string | undefined>> = process.env): {
  config: LobbyConfig;
  secrets: LobbySecrets;
} {
  const mistakes = unknownNames(env);
  const value = <Name extends SettingName>(name: Name) => {
    const row: Setting<unknown> = lobbySettings[name];
    const label = [name, ...(row.alsoEnv ?? [])].find((each) => env[each]) ?? name;
    const text = env[label] || row.defaultText;
    const parsed = text === undefined ? undefined : row.parse(text);
    if (text === undefined) mistakes.push(`${name}: must be given; allowed is ${row.allowed}`);
    else if (parsed === undefined) {
      const shown = row.isSecret === true ? "(value not shown)" : show(text);
      mistakes.push(`${label} = ${shown}: allowed is ${row.allowed}`);
    }
    return parsed as ReturnType<(typeof lobbySettings)[Name]["parse"]> & {};
  };
  const config = {
    games: value("LOBBY_GAMES"),
    queue: value("LOBBY_QUEUE"),
    region: value("LOBBY_REGION"),
    endpointUrl: value("LOBBY_ENDPOINT_URL") || undefined,
    host: value("LOBBY_HOST"),
    port: value("LOBBY_PORT"),
    hostNames: new Set(value("LOBBY_HOST_NAMES")),
    origins: new Set(value("LOBBY_ORIGINS")),
    waitMs: value("LOBBY_WAIT_SECONDS") * 1000,
    joinsPerMinute: value("LOBBY_JOINS_PER_MINUTE"),
    proxies: value("LOBBY_PROXIES"),
    isGameTls: value("LOBBY_GAME_TLS"),
  };
  const secrets = { playerKey: value("LOBBY_PLAYER_KEY") || undefined };
  if (mistakes.length > 0) throw new LobbyConfigError(mistakes.join("\n"));
  return { config: Object.freeze(config), secrets: Object.freeze(secrets) };
}

function unknownNames(env: Readonly<Record<string, string | undefined>>): string[] {
  return Object.keys(env)
    .filter((name) => name.startsWith("LOBBY_") && !Object.hasOwn(lobbySettings, name))
    .map((name) => `${show(name).slice(1, -1)}: there is no such variable; see docs/LOBBY.md`);
}

function games(text: string): readonly Game[] | undefined {
  const found = new Map<string, Game>();
  for (const part of text.split(",")) {
    const [, name, seats] = /^([A-Za-z0-9_-]{1,64}):([1-9]\d{0,2})$/.exec(part.trim()) ?? [];
    const playersMax = Number(seats);
    if (name === undefined || playersMax > 200 || found.has(name)) return undefined;
    found.set(name, { name, playersMax });
  }
  return found.size <= LOBBY_LIMITS.gamesMax ? [...found.values()] : undefined;
}

function matching(pattern: RegExp): (text: string) => string | undefined {
  return (text) => (pattern.test(text) ? text : undefined);
}

/** Decimal digits only: no sign, no exponent, no blank, and no leading zero that someone may mean as octal. */
function integer(min: number, max: number): (text: string) => number | undefined {
  return (text) => {
    const value = /^(0|[1-9]\d{0,8})$/.test(text) ? Number(text) : Number.NaN;
    return value >= min && value <= max ? value : undefined;
  };
}

function boolean(text: string): boolean | undefined {
  if (text === "1" || text === "true") return true;
  return text === "0" || text === "false" ? false : undefined;
}

function list(
  partsMax: number,
  isPart: (text: string) => boolean,
): (text: string) => readonly string[] | undefined {
  return (text) => {
    if (text.trim() === "") return [];
    const parts = [...new Set(text.split(",").map((part) => part.trim()))];
    return parts.length <= partsMax && parts.every(isPart) ? parts : undefined;
  };
}

/** An origin exactly as a browser sends it: no path, no default port, lower case. */
function isWebOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return (url.protocol === "https:" || url.protocol === "http:") && url.origin === text;
}

/** Credentials sign what goes there, and player session ids come back: TLS, or this machine. */
function endpointUrl(text: string): string | undefined {
  if (text === "") return "";
  if (!URL.canParse(text)) return undefined;
  const { protocol, hostname, username, password, hash, search } = new URL(text);
  const isLoopback =
    hostname === "localhost" ||
    hostname === "[::1]" ||
    (isIP(hostname) === 4 && hostname.startsWith("127."));
  const isClosedWay = protocol === "https:" || (protocol === "http:" && isLoopback);
  return isClosedWay && username + password + hash + search === "" ? text : undefined;
}

/** Quoted, without control characters, and not longer than a line bears. */
function show(text: string): string {
  const isLong = text.length > SHOWN_CHARACTERS_MAX;
  return JSON.stringify(isLong ? `${text.slice(0, SHOWN_CHARACTERS_MAX)}…` : text);
}
